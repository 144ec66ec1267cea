"""Days as the desk says them, in the member's language."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from beforehand.service import shortly
from beforehand.service.thread import _shown

pytestmark = pytest.mark.django_db


def test_days_take_a_dot_in_german_and_none_in_english():
    moment = datetime(2020, 11, 24, 14, tzinfo=UTC)
    assert _shown(moment.isoformat()) == "Tue 24 Nov, 14:00" and shortly.moment(moment) == "24 Nov 2020"
    with translation.override("de"):
        assert _shown(moment.isoformat()) == "Di, 24. Nov., 14:00" and shortly.moment(moment) == "24. Nov. 2020"

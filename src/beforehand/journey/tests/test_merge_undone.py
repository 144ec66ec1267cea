"""A merge that was undone leaves no trace in journeys and lake, whatever was followed and sealed meanwhile."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beforehand.customers.identity import Claim, identify
from beforehand.customers.merging import merge, undo
from beforehand.customers.models import Identifier
from beforehand.journey import journeys, lake
from beforehand.journey.models import Journey
from beforehand.journey.tests.people import NOON, happened

PEOPLE = [Claim("user_id", f"u{n}", True) for n in range(3)] + [Claim("anonymous_id", "a", False)]
doings = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 20), st.sampled_from("abc")), max_size=10)
upkeep = st.lists(st.sampled_from([journeys.follow, lake.seal, lake.compact]), max_size=3)


@contextmanager
def example():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def do(doing, upkeep):
    for who, hours, name in doing:
        happened(who, name, start=NOON + timedelta(hours=hours))
    for verb in upkeep:
        verb()


def derived():
    """Journeys and lake rows, told by the identifiers' own words."""
    journeys.follow()
    name = dict(Identifier.objects.values_list("pk", "value"))
    summaries = sorted((name[j.customer_id], j.first_time, j.last_time, j.touchpoints) for j in Journey.objects.all())
    with lake.reader() as reader:
        rows = reader.db.execute("select customer, time, name, previous, gap from touchpoints").fetchall()
    return summaries, sorted(((name[row[0]], *row[1:]) for row in rows), key=str)


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doings, doings, upkeep, upkeep, upkeep, st.permutations(PEOPLE))
def test_no_trace(tmp_path_factory, before, after, first, second, third, order):
    one, other = order[:2]
    with example():
        do(before + after, [])
        identify(PEOPLE)
        expected = derived()
    with example(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LAKE", tmp_path_factory.mktemp("lake"))
        identify(PEOPLE)
        do(before, first)
        edge = merge(*(Identifier.objects.get(pk=identify([who])[who]).customer for who in (one, other)))
        do(after, second)
        if lasting := derived()[0]:
            assert sum(row[3] for row in lasting) == sum(row[3] for row in expected[0])
        undo(edge)
        do([], third)
        assert derived() == expected

"""What a contact costs, on a page: every channel that is known, and nothing that is no amount."""

from decimal import Decimal

import pytest

from beforehand.journey.contacts import costs
from beforehand.journey.models import ContactCost
from beforehand.journey.tests.orders import mia_waits
from beforehand.team.models import AuditEntry

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/costs"


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def typed(page, **changes):
    form = page.context["form"]
    by_channel = {channel or "others": name for name, channel in form.channels.items()}
    return {name: form.fields[name].initial for name in form.fields} | {
        by_channel[channel]: cost for channel, cost in changes.items()
    }


def test_only_what_was_changed_is_kept_and_noted(as_ada, ada):
    page = as_ada.get(ADDRESS)
    assert "In EUR" in page.content.decode() and "Phone" in page.content.decode()
    as_ada.post(ADDRESS, typed(page, phone="11.50", others="3"))
    assert costs.costs()["phone"] == Decimal("11.50") and costs.costs()[""] == 3
    assert ContactCost.objects.count() == 2 and {entry.member for entry in AuditEntry.objects.all()} == {ada}


def test_a_channel_that_customers_used_can_be_given_a_cost(as_ada):
    mia_waits()
    ContactCost.objects.create(channel="pigeon", cost=2)
    assert "Pigeon" in as_ada.get(ADDRESS).content.decode()


@pytest.mark.parametrize("nonsense", ["", "-1", "much", "1e9", "NaN", "1.234", "x" * 5000, "<script>", "12345678.00"])
def test_what_is_no_amount_is_refused_and_stays_as_it_was_typed(as_ada, nonsense):
    answer = as_ada.post(ADDRESS, typed(as_ada.get(ADDRESS), phone=nonsense, email="7.77"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "7.77" in page and nonsense.replace("<script>", "&lt;script&gt;") in page
    assert not ContactCost.objects.exists()


def test_who_may_not_configure_may_not_set_it(client, vic):
    client.force_login(vic)
    assert client.get(ADDRESS).status_code == 403 and client.post(ADDRESS, {}).status_code == 403

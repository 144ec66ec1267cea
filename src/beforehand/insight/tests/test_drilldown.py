"""The customers behind a number."""

from datetime import timedelta

import pytest

from beforehand.customers.identity import Claim, identify
from beforehand.insight import drilldown
from beforehand.insight.breaks.found import Found
from beforehand.insight.models import Break, Scan
from beforehand.journey import lake
from beforehand.journey.tests.people import NOON, happened

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def who(n):
    return Claim("user_id", f"p{n}", True)


@pytest.fixture
def four():
    happened(who(0), "Cart", "Paid", channel="web")
    happened(who(1), "Cart", "Cart", start=NOON + DAY, channel="app")
    happened(who(2), "Paid", start=NOON + 2 * DAY, channel="web")
    happened(who(3), "Cart", "Paid", start=NOON + 40 * DAY, channel="web")
    lake.seal()
    return [identify([who(n)])[who(n)] for n in range(4)]


def chosen(before=None, limit=50, **asked):
    answer = drilldown.customers({key.rstrip("_"): value for key, value in asked.items()}, before, limit)
    return answer and [customer for customer, _time in answer.rows]


def test_an_address_that_asks_for_nobody_in_particular_picks_nobody(four):
    assert chosen() is None
    assert chosen(q="ana", before_="x") is None


def test_those_with_a_touchpoint_the_latest_first(four):
    assert chosen(name="Cart") == [four[3], four[1], four[0]]
    answer = drilldown.customers({"name": "Cart"}, None, 50)
    assert answer.total == 3 and "Cart" in answer.title


def test_those_who_went_from_one_to_the_next(four):
    assert chosen(name="Cart", then="Paid") == [four[3], four[0]]
    assert chosen(name="Paid", then="Cart") == []


def test_within_a_period_and_a_segment(four):
    period = {"from_": "2026-03-01", "to": "2026-03-31"}
    assert chosen(name="Cart", **period) == [four[1], four[0]]
    assert chosen(segment="channel:app", **period) == [four[1]]
    assert chosen(**period) == [four[2], four[1], four[0]]


def test_pages_go_on_where_the_last_one_ended(four):
    first = drilldown.customers({"name": "Cart"}, None, 2).rows
    customer, time = first[-1]
    rest = drilldown.customers({"name": "Cart"}, (time, customer), 2).rows
    assert [pk for pk, _time in [*first, *rest]] == [four[3], four[1], four[0]]


def test_those_whom_a_break_struck(four):
    found = Found(
        "loop",
        "Cart",
        "Cart",
        "",
        None,
        None,
        0.5,
        0.4,
        0.6,
        "share",
        0.1,
        1,
        9,
        0.01,
        "Back to the cart",
        measure="next",
    )
    one = Break.objects.create(scan=Scan.objects.create(), rank=1, kind="loop", name="Cart", payload=found.as_dict())
    assert chosen(break_=str(one.pk)) == [four[1]]
    assert drilldown.customers({"break": str(one.pk)}, None, 9).title == "Back to the cart"


def test_a_break_that_is_no_longer_kept_says_so(four):
    answer = drilldown.customers({"break": "999"}, None, 9)
    assert not answer.rows and "earlier scan" in answer.title


@pytest.mark.parametrize("asked", [{"from": "x"}, {"segment": "nonsense"}, {"days": "-1"}, {"name": "'; drop"}])
def test_nonsense_is_taken_calmly(four, asked):
    assert drilldown.customers(asked, None, 9) is not None

"""How needs come out: against shares worked out by hand, and competing risks against published ones."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from beforehand.insight.outcomes import worth
from beforehand.insight.query import Query
from beforehand.insight.run import rows, run, trend_of_kind
from beforehand.insight.segments import Segment
from beforehand.insight.tests.journeys import at, need, snapshot
from beforehand.lib.statistics.proportion import wilson

approx = pytest.approx
START, END = date(2024, 1, 1), date(2024, 1, 28)
LATER = datetime(2024, 6, 1, tzinfo=UTC)


def ask(slug, needs, as_of=LATER, touchpoints=(), **more):
    every = [(one["customer"], one["opened"], "cart", "web", '{"region": "west"}') for one in needs] or [
        (1, at(), "ad")
    ]
    return run(Query(slug, START, END, as_of=as_of, **more), snapshot([*every, *touchpoints], needs))


def test_met_in_time_and_without_a_contact_until_a_week_after():
    result = ask(
        "needs-beforehand",
        [
            need(1, 1, at(0), met=at(3)),
            need(2, 2, at(0), met=at(3), first_contact=at(11)),
            need(3, 3, at(0), met=at(3), first_contact=at(9)),
            need(4, 4, at(0), met=at(3), first_contact=at(1), how="human"),
            need(5, 5, at(0), met=at(15)),
            need(6, 6, at(0), abandoned=at(5)),
            need(7, 7, at(0)),
            need(8, 8, at(0), met=at(14), how="self_service"),
        ],
    )
    assert (result.value, result.n, result.extra["provisional"]) == (approx(3 / 8), 8, 0)
    ways = {way: value for way, (value, _low, _high) in result.extra["ways"].items()}
    assert ways == approx(
        {"by_itself": 2 / 8, "self_service": 1 / 8, "contacted": 2 / 8, "abandoned": 1 / 8, "late": 2 / 8}
    )


def test_a_need_that_nobody_knew_before_its_contact_was_not_met_beforehand():
    result = ask("needs-beforehand", [need(1, 1, at(0), kind="unknown", first_contact=at(0), met=at(1), how="human")])
    assert (result.value, result.n) == (0, 1)


def test_excluded_needs_are_counted_and_shown_but_not_in_the_number():
    result = ask("needs-beforehand", [need(1, 1, at(0), met=at(1)), need(2, 2, at(0), excluded="test order")])
    assert (result.value, result.n, result.extra["excluded"]) == (1, 1, {"test order": 1})


def test_a_change_of_mix_is_no_change_of_the_number():
    """Orders are met, set-ups are not. First they are as many, later nine in ten are set-ups."""

    def cohort(first, orders, setups):
        day = at(first)
        return [
            *(need(first * 1000 + n, first * 1000 + n, day, met=at(first + 1)) for n in range(orders)),
            *(need(first * 1000 + 500 + n, first * 1000 + 500 + n, day, kind="setup") for n in range(setups)),
        ]

    reader = snapshot([(1, at(), "ad")], [*cohort(0, 50, 50), *cohort(300, 10, 90)])
    early = run(Query("needs-beforehand", START, END, as_of=datetime(2026, 1, 1, tzinfo=UTC)), reader)
    late = run(
        Query("needs-beforehand", date(2024, 10, 1), date(2024, 12, 1), as_of=datetime(2026, 1, 1, tzinfo=UTC)), reader
    )
    assert (early.value, late.value) == approx((0.5, 0.5))
    assert late.extra["weights"] == approx({"order": 0.5, "setup": 0.5})


def test_kinds_are_shown_apart_with_their_titles():
    result = ask("needs-beforehand", [need(1, 1, at(0), met=at(1)), need(2, 2, at(0), kind="setup")], by="need_kind")
    assert {group.label: group.value for group in result.groups} == {"Receive my order": 1, "Get set up": 0}


def test_a_young_cohort_is_estimated_with_competing_risks_and_said_to_be_provisional():
    """Half of the needs are met on day 3, a quarter bring a contact on day 1, the rest are late. Of a hundred in each
    cohort, the second is watched for five days only: nobody of it can be counted as met yet, and the ages that it has
    not reached come from the first."""

    def cohort(first, known):
        day = at(first)
        for n in range(100):
            one = {"met": at(first + 3)} if n < 50 else {"first_contact": at(first + 1)} if n < 75 else {}
            yield need(first * 1000 + n, first * 1000 + n, day, **one)

    reader = snapshot([(1, at(), "ad")], [*cohort(0, 100), *cohort(40, 5)])
    young = Query("needs-beforehand", date(2024, 2, 5), date(2024, 2, 20), as_of=at(45).replace(tzinfo=UTC))
    result = run(young, reader)
    assert result.value == approx(0.5, abs=0.02) and result.extra["provisional"] == 75
    assert result.extra["ways"]["contacted"][0] == approx(0.25)
    assert [point.provisional for point in run(young.but(trend="week"), reader).trend] == [True]


def test_a_young_cohort_may_come_to_be_like_any_of_the_weeks_before():
    """Half of the needs of the twelve weeks before are met: of every week, or of the first six weeks all."""

    def shown(met_of_week):
        needs = [need(900 + n, 900 + n, at(84)) for n in range(60)]
        for week in range(12):
            for n in range(20):
                number, day = 100 + week * 20 + n, week * 7 + n % 7
                met = {"met": at(day + 3)} if met_of_week(week, n) else {"first_contact": at(day + 3)}
                needs.append(need(number, number, at(day), **met))
        query = Query("needs-beforehand", at(84).date(), at(86).date(), as_of=at(86).replace(tzinfo=UTC))
        return run(query, snapshot([(1, at(), "ad")], needs))

    alike, unlike = shown(lambda week, n: n % 2 == 0), shown(lambda week, n: week < 6)
    assert alike.value == approx(unlike.value, abs=0.02) == approx(0.5, abs=0.02)
    assert alike.high - alike.low < 0.35
    assert unlike.low < 0.1 and unlike.high > 0.9


def test_the_interval_of_a_share_is_never_narrower_than_that_of_so_many_needs():
    samples = np.concatenate([[0.975], np.random.default_rng(0).binomial(40, 0.975, 400) / 40])
    around = wilson(39, 40)
    assert worth(samples, 40, 40).low <= around.low + 0.02 and worth(samples, 40, 40).high == 1
    assert worth(np.full(401, 0.5), 1000, 10)[1:] == approx(wilson(5, 10)[1:])


def test_a_contact_is_never_taken_for_the_end_of_watching():
    """Were contacts left out of the ends, three in four of the rest would seem to be met."""
    needs = [need(n, n, at(0), met=at(2)) for n in range(1, 31)]
    needs += [need(n, n, at(0), first_contact=at(1), met=at(2), how="human") for n in range(31, 61)]
    result = ask("needs-beforehand", needs)
    assert result.value == approx(0.5)
    assert 0.3 < result.low < 0.5 < result.high < 0.7 and result.enough


def test_without_anybody_watched_long_enough_there_is_no_number():
    result = ask("needs-beforehand", [need(n, n, at(0)) for n in range(60)], as_of=at(3).replace(tzinfo=UTC))
    assert result.value is None and result.n == 60 and result.extra["unsure"] == 60


def test_customers_who_bring_many_needs_make_the_interval_wider():
    once = [need(n, n, at(0), **({"met": at(1)} if n % 2 else {})) for n in range(1, 101)]
    often = [need(n, n % 10, at(0), **({"met": at(1)} if n % 10 < 5 else {})) for n in range(1, 101)]
    one, ten = ask("needs-beforehand", once), ask("needs-beforehand", often)
    assert (one.value, ten.value) == approx((0.5, 0.5))
    assert ten.high - ten.low > 2 * (one.high - one.low)


def test_all_of_a_few_is_not_certain():
    result = ask("needs-beforehand", [need(n, n, at(0), met=at(1)) for n in range(5)])
    assert result.value == 1 and result.low == approx(0.5655, abs=1e-3) and not result.enough


def test_how_needs_were_met():
    result = ask(
        "needs-met-how",
        [
            need(1, 1, at(0), met=at(3), first_contact=at(1), how="human"),
            need(2, 2, at(0), met=at(3)),
            need(3, 3, at(0), met=at(3), how="proactive"),
            need(4, 4, at(0)),
        ],
    )
    assert result.value == approx(0.75)
    assert {group.label: group.value for group in result.groups} == approx(
        {
            "With a person": 0.25,
            "By itself": 0.25,
            "Told before they asked": 0.25,
            "Not in time": 0.25,
        }
    )


def test_the_time_by_which_half_are_met_counts_those_who_never_were():
    met = [need(n, n, at(0), met=at(n / 10)) for n in range(1, 61)]
    result = ask("time-to-met", [*met, *(need(n, n, at(0)) for n in range(61, 101))])
    assert result.value == approx(5 * 86_400, rel=0.03) and result.low < result.value < result.high
    never = ask("time-to-met", [*met[:30], *(need(n, n, at(0)) for n in range(61, 101))])
    assert never.value is None


def test_a_segment_has_the_needs_that_its_touchpoints_opened():
    needs = [need(1, 1, at(0), met=at(1)), need(2, 2, at(0))]
    assert ask("needs-beforehand", needs, segment=Segment("region", "west")).n == 2
    assert ask("needs-beforehand", needs, segment=Segment("region", "east")).n == 0


def test_the_rows_say_how_each_need_came_out():
    reader = snapshot([(1, at(), "ad")], [need(1, 1, at(0), met=at(1)), need(2, 2, at(0), first_contact=at(1))])
    found = rows(Query("needs-beforehand", START, END, as_of=LATER), reader=reader)
    outcome = found.columns.index("outcome")
    assert {row[outcome] for row in found.rows} == {"by_itself", "contacted"}


def test_the_trend_of_one_kind_is_that_of_a_company_that_has_no_other():
    orders = [need(n, n, at(n % 20), met=at(n % 20 + 2) if n % 3 else None) for n in range(1, 61)]
    setups = [need(100 + n, 100 + n, at(n % 20), kind="setup") for n in range(1, 61)]
    rows_of = [(one["customer"], one["opened"], "cart", "web") for one in [*orders, *setups]]
    query = Query("needs-beforehand", START, END, as_of=datetime(2024, 1, 24, tzinfo=UTC), trend="week")
    both, alone = snapshot(rows_of, [*orders, *setups]), snapshot(rows_of, orders)
    points = trend_of_kind(query, "order", both)
    assert points == run(query, alone).trend and any(point.provisional for point in points)
    assert points != run(query, both).trend
    assert trend_of_kind(query, "no-such-kind", both) == []

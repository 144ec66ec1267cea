"""Each measure against answers worked out by hand, or published ones."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import translation

from beforehand.insight import measures
from beforehand.insight.measure import Measure
from beforehand.insight.query import BadQuery, Query
from beforehand.insight.result import Result
from beforehand.insight.run import in_words, rows, run, statement
from beforehand.insight.segments import Segment
from beforehand.insight.tests.journeys import at, snapshot

START, END = date(2024, 1, 1), date(2024, 3, 31)
SHOP = [
    (1, at(0, 0), "ad", "web"),
    (1, at(0, 5), "cart", "web"),
    (1, at(0, 15), "buy", "web"),
    (2, at(1, 0), "ad", "shop"),
    (2, at(1, 30), "cart", "web"),
    (2, at(1, 40), "help", "chat"),
    (2, at(1, 60), "cart", "web"),
    (3, at(8, 0), "ad", "web"),
    (3, at(9, 0), "cart", "web"),
    (3, at(50, 0), "help", "chat"),
]
approx = pytest.approx


def ask(slug, touchpoints=SHOP, start=START, end=END, **more):
    return run(Query(slug, start, end, **more), snapshot(touchpoints))


def values(result):
    return {group.key[0] if len(group.key) == 1 else group.key: group.value for group in result.groups}


def test_touchpoints():
    result = ask("touchpoints", by="channel", trend="week")
    assert (result.value, result.low, result.n) == (10, None, 10)
    assert values(result) == {"web": 7, "chat": 2, "shop": 1}
    assert [(point.day, point.value) for point in result.trend] == [
        (date(2024, 1, 1), 7),
        (date(2024, 1, 8), 2),
        (date(2024, 2, 19), 1),
    ]


def test_touchpoints_by_stage_and_kind():
    assert values(ask("touchpoints", by="stage")) == {"purchase": 5, "awareness": 3, "": 2}
    assert values(ask("touchpoints", by="kind")) == {"value": 8, "contact": 2}
    assert [group.label for group in ask("touchpoints", by="stage").groups] == ["Purchase", "Awareness", ""]


def test_customers():
    result = ask("customers", by="channel", trend="day")
    assert (result.value, result.n) == (3, 3)
    assert values(result) == {"web": 3, "chat": 2, "shop": 1}
    assert [point.value for point in result.trend] == [1, 1, 1, 1, 1]


def test_transitions():
    found = {group.key: group for group in ask("transitions").groups}
    assert {key: group.n for key, group in found.items()} == {
        ("ad", "cart"): 3,
        ("cart", "buy"): 1,
        ("cart", "help"): 2,
        ("help", "cart"): 1,
    }
    first = found["ad", "cart"]
    assert (first.value, first.extra["mean"]) == (1800, (300 + 1800 + 86400) / 3)
    assert first.extra["p90"] == approx(1800 + 0.8 * (86400 - 1800))
    assert first.label == "Ad → Cart" and not first.extra["enough"]


def test_time_to_next():
    assert values(ask("time-to-next")) == {"ad": 1800, "cart": 600, "help": 1200}


def test_contact_rate():
    result = ask("contact-rate")
    assert result.value == approx(1000 * 2 / 3)
    assert result.n == 3 and not result.enough


def test_contact_rate_of_no_contact_has_an_upper_end():
    """Garwood: none among three customers may be up to 3.688879 / 3."""
    result = ask("contact-rate", [row for row in SHOP if row[2] != "help"])
    assert (result.value, result.low) == (0, 0) and result.high == approx(1229.6264, abs=1e-3)


def test_back_and_forth():
    result = ask("back-and-forth")
    assert values(result) == {"cart": 0, "help": 1}
    assert (result.value, result.n) == (0.25, 4)


def test_dead_ends():
    """The help on day 50 is too young; customer 3's cart on day 9 was followed only after 41 days."""
    result = ask("dead-ends")
    assert values(result) == {"ad": 0, "cart": 0.5, "buy": 1, "help": 0}
    assert result.n == 9


def test_variants():
    result = ask("variants", [*SHOP, (4, at(3), "ad"), (4, at(4), "cart"), (4, at(5), "buy")])
    assert values(result) == {"ad → cart → buy": 0.5}
    assert (result.value, result.n, result.extra["groups"]) == (0.5, 4, 3)


def test_funnel_of_given_steps():
    result = ask("funnel", steps=("ad", "cart", "help"))
    assert [(group.label, group.value) for group in result.groups] == [
        ("Ad", 1),
        ("Cart", 1),
        ("Help", approx(2 / 3)),
    ]
    assert (result.value, result.n) == (approx(2 / 3), 3)


def test_funnel_steps_count_in_order_only():
    assert values(ask("funnel", steps=("help", "cart"))) == {("1", "help"): 1, ("2", "cart"): 0.5}


def test_funnel_finds_the_common_steps_by_stage():
    """What most customers have in each stage: ad (awareness), cart (purchase), and buy, which ends the last stage."""
    assert [group.key[1] for group in ask("funnel").groups] == ["ad", "cart", "buy"]


def test_funnel_without_stages_takes_the_common_names_in_order():
    renamed = [(customer, time, f"{name}?") for customer, time, name, *_ in SHOP]
    assert [group.key[1] for group in ask("funnel", renamed).groups] == ["ad?", "cart?", "buy?", "help?"]


def test_a_name_with_a_quote_is_only_a_name():
    assert values(ask("funnel", [(1, at(0), "it's"), (1, at(1), "a'; drop")], steps=("it's", "a'; drop"))) == {
        ("1", "it's"): 1,
        ("2", "a'; drop"): 1,
    }


def test_retention():
    """Customers 1 and 2 start in the first week, 3 in the second; 3 comes back six weeks later, which is not over."""
    by_cell = values(ask("retention"))
    assert [age for cohort, age in by_cell if cohort == "2024-01-08"] == ["1", "2", "3", "4", "5"]
    assert set(by_cell.values()) == {0}
    later = ask("retention", [*SHOP, (1, at(60), "ad"), (2, at(8), "ad"), (3, at(70), "ad")])
    by_cell = values(later)
    assert (by_cell["2024-01-08", "6"], by_cell["2024-01-01", "8"], by_cell["2024-01-01", "1"]) == (1, 0.5, 0.5)
    assert (later.value, later.n) == (approx(1 / 3), 3)


def answered(scores, name, **properties):
    written = "".join(f', "{key}": {value}' for key, value in properties.items())
    return [(n, at(0, n), name, "web", f'{{"score": {score}{written}}}') for n, score in enumerate(scores, 1)]


def test_nps_of_one_answer_each_has_the_published_interval():
    """250 promoters, 75 detractors, 1,000 answers: 17.5, adjusted Wald 14.09 to 20.81."""
    result = ask("nps", answered([10] * 250 + [8] * 675 + [0] * 75, "nps"))
    assert (result.value, result.low, result.high) == approx((17.5, 14.09, 20.81), abs=6e-3)
    assert result.extra["promoters"] == 250 and result.enough


def test_nps_of_repeated_answers_is_less_certain():
    once = answered([10] * 30 + [8] * 40 + [0] * 30, "nps")
    result = ask("nps", [(row[0], at(day, row[0]), *row[2:]) for row in once for day in range(5)])
    single = ask("nps", once)
    assert result.n == 500 and result.value == single.value
    assert result.high - result.low > 0.7 * (single.high - single.low)


def test_csat_top_two_of_five_and_seven():
    """Wilson: 80 of 100 is 0.711171 to 0.866633; 50 of 100 is 0.403832 to 0.596168."""
    five = [score for score, count in enumerate([3, 5, 12, 48, 32], 1) for _ in range(count)]
    seven = [score for score, count in enumerate([4, 6, 8, 12, 20, 30, 20], 1) for _ in range(count)]
    assert interval(ask("csat", answered(five, "CSAT answered"))) == approx((0.8, 0.711171, 0.866633), abs=1e-6)
    assert interval(ask("csat", answered(seven, "CSAT answered"))) == approx((0.5, 0.403832, 0.596168), abs=1e-6)
    said = answered([5, 5, 6, 7], "poll", measure='"csat"', scale='"1-7"')
    assert ask("csat", said).value == 0.5


def test_ces_is_stretched_to_seven():
    """5 of 5 is 7 of 7, and 3 of 5 is 4 of 7."""
    assert ask("ces", answered([5, 3], "ces", max=5)).value == 5.5
    assert ask("ces", answered([4.0, 6.0, 7.0], "effort")).value == approx(17 / 3)


def interval(result):
    return result.value, result.low, result.high


def test_a_name_that_only_contains_the_letters_is_no_survey():
    assert ask("ces", answered([5], "services viewed")).n == 0


def test_a_segment_filters_the_touchpoints():
    assert ask("touchpoints", segment=Segment("channel", "chat")).value == 2
    assert ask("funnel", steps=("ad", "cart"), segment=Segment("channel", "web")).n == 2


def test_a_split_by_a_property_is_the_answer_of_each_segment():
    shop = [(c, at(c, step), name, "web", f'{{"platform": "{"ios" if c % 3 else "web"}"}}') for c in range(1, 10)
            for step, name in enumerate(("ad", "cart"))]  # fmt: skip
    assert values(ask("customers", shop, by="platform")) == {"ios": 6, "web": 3}
    assert values(ask("transitions", shop, by="platform")) == {"ios": 60, "web": 60}
    with pytest.raises(BadQuery, match="not both"):
        ask("customers", shop, by="platform", segment=Segment("platform", "ios"))


def test_a_period_without_touchpoints_is_an_answer():
    for slug in measures.all():
        result = ask(slug, start=date(2020, 1, 1), end=date(2020, 1, 2), trend="day")
        assert (result.n, result.groups, result.trend) == (0, [], []), slug
        assert not result.value, slug


def test_no_touchpoint_at_all_is_an_answer():
    for slug in measures.all():
        assert ask(slug, []).n == 0


def test_rows_are_those_of_the_number():
    for slug in ("touchpoints", "transitions", "time-to-next", "back-and-forth", "dead-ends", "variants"):
        assert len(rows(Query(slug, START, END), reader=snapshot(SHOP)).rows) == ask(slug).n
    found = rows(Query("transitions", START, END), key=("ad", "cart"), reader=snapshot(SHOP))
    assert [row[found.columns.index("value")] for row in found.rows] == [86400, 1800, 300]


def test_the_statement_can_be_pasted():
    sql = statement(Query("contact-rate", START, END, by="channel"), snapshot(SHOP))
    reader = snapshot(SHOP)
    assert len(reader.db.execute(sql, {"start": START, "end": END}).fetchall()) == 3


def test_points_that_can_still_change_are_provisional():
    result = ask("dead-ends", trend="week", as_of=None)
    assert [point.provisional for point in result.trend] == [False, False]
    young = ask("touchpoints", trend="week").trend[-1]
    assert young.day == date(2024, 2, 19) and young.provisional


def test_results_survive_json():
    result = ask("touchpoints", by="channel", trend="day")
    assert Result.from_json(result.as_json()) == result


def test_a_split_that_is_none_says_so():
    with pytest.raises(BadQuery, match="cannot be split"):
        ask("nps", by="moon")


def test_a_measure_that_is_none_says_which_there_are():
    with pytest.raises(BadQuery, match="touchpoints"):
        ask("happiness")


def test_a_period_backwards_is_refused():
    with pytest.raises(BadQuery, match="before it starts"):
        Query("touchpoints", END, START)


def test_another_engine_is_refused_in_words(settings):
    settings.ENGINE = "spark://somewhere"
    with pytest.raises(BadQuery, match="BEFOREHAND_ENGINE"):
        ask("touchpoints")


def test_every_measure_says_what_it_is():
    for slug, measure in measures.all().items():
        assert isinstance(measure, Measure) and measure.slug == slug
        assert measure.definition.endswith(".") and measure.title


def test_intervals_hold_what_they_promise_when_rows_repeat():
    """Customers contact us at rates of their own: the interval covers the true rate about 95 times in 100."""
    inside = 0
    for seed in range(40):
        chance = random.Random(seed)
        touchpoints = []
        for customer in range(1, 301):
            own = chance.choice([0, 0, 0, 3])
            touchpoints.append((customer, at(0, customer), "ad"))
            touchpoints += [(customer, at(1, customer) + timedelta(seconds=i), "help") for i in range(own)]
        result = ask("contact-rate", touchpoints)
        inside += result.low <= 750 <= result.high
    assert inside >= 36


def test_rows_that_count_come_before_those_they_are_counted_among():
    query = Query("contact-rate", START, END)
    found = rows(query, limit=1000, reader=snapshot(SHOP))
    value, time = found.columns.index("value"), found.columns.index("time")
    values = [row[value] for row in found.rows]
    assert values == sorted(values, reverse=True) and {0, 1} == set(values)
    hits = rows(query, limit=1000, reader=snapshot(SHOP), only_hits=True)
    assert hits.rows == [row for row in found.rows if row[value] == 1]
    assert [row[time] for row in hits.rows] == sorted((row[time] for row in hits.rows), reverse=True)
    transitions = Query("transitions", START, END)
    assert rows(transitions, reader=snapshot(SHOP), only_hits=True) == rows(transitions, reader=snapshot(SHOP))


@pytest.mark.django_db
def test_an_answer_speaks_the_language_of_whoever_reads_it_also_when_it_was_kept_in_another():
    query = Query("contacts-by-cause", date(2024, 1, 1), date(2024, 1, 31))
    fact = {"id": 1, "customer": 1, "time": at(1), "day": at(1).date(), "need": 1, "kind": "order", "cause": "failure"}
    reader = snapshot([(1, at(0), "ad", "web")], contacts=[fact])
    with translation.override("de"):
        german = run(query, reader)
    english = in_words(german, query, measures.find(query.measure))
    assert english.title != german.title and english.definition != german.definition
    assert [group.label for group in english.groups] == ["Failure"] and german.groups[0].label != "Failure"
    json.dumps(german.as_json())
    late, query = measures.find("targets-missed-by"), Query("targets-missed-by", date(2024, 1, 1), date(2024, 1, 31))
    kept = replace(english, groups=[replace(english.groups[0], key=("-1",), label="kept in another language")])
    assert in_words(kept, query, late).groups[0].label == "met in the last hour before it was due"

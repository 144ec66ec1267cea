"""Breaks: what is planted is found, what is not there is not, and a size comes from customers who were not searched."""

import json
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest

from beforehand.insight.breaks import scanning
from beforehand.insight.breaks.affected import affected
from beforehand.insight.breaks.calibration import hits
from beforehand.insight.breaks.dates import daily, sharpen
from beforehand.insight.breaks.direction import precedence, turned_back
from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.log import load
from beforehand.insight.breaks.outcome import Observed
from beforehand.insight.breaks.permute import exchanged_days, givers
from beforehand.insight.breaks.planted import NAMES, Planted, shop, shuffled, with_segments_exchanged
from beforehand.insight.breaks.scanning import scan_log
from beforehand.insight.breaks.size import share_inside
from beforehand.insight.breaks.storing import is_due, latest, run_scan
from beforehand.insight.breaks.trials import held_out_customers, trials_of
from beforehand.insight.breaks.visits import pause_between_visits
from beforehand.insight.breaks.windows import best_windows, ratio, windows_over
from beforehand.insight.breaks.words import said
from beforehand.insight.models import Scan
from beforehand.insight.segments import find

FEW = {"permutations": 39, "level": 0.05}
LOOP = Planted("loop", 50, 85, "phone", 0.6)


def reader_of(log, version=1):
    """A DuckDB snapshot of a made-up log, with the columns of the lake."""
    db = duckdb.connect(config={"threads": 1})
    values = [dimension.values for dimension in log.dimensions]
    keys = [dimension.key for dimension in log.dimensions]
    rows = {
        "id": np.arange(1, len(log) + 1),
        "customer": log.customer,
        "seconds": log.time,
        "day": log.day,
        "name": np.array([log.names[name] for name in log.name], dtype=object),
        "properties": np.array(
            [json.dumps({k: v[c] for k, v, c in zip(keys, values, codes, strict=True)}) for codes in log.codes.T],
            dtype=object,
        ),
    }
    db.register("rows", rows)
    db.execute(
        f"""create table touchpoints as select id, customer,
              timestamp '{log.first_day}' + to_microseconds(cast(seconds * 1000000 as bigint)) as time,
              date '{log.first_day}' + cast(day as integer) as day, name, '' as channel, '' as place,
              'customer' as actor, 1 as source, properties,
              lag(name) over w as previous, seconds - lag(seconds) over w as gap
            from rows window w as (partition by customer order by seconds, id)"""
    )
    db.execute("create table catalogue as select 'support' as name, 'contact' as kind, 'Called us' as label")
    return SimpleNamespace(db=db, version=version, through=len(log))


@pytest.fixture(scope="module")
def broken_shop():
    return shop(700, 120, LOOP, seed=4)


@pytest.fixture(scope="module")
def snapshot(broken_shop):
    return reader_of(broken_shop)


@pytest.fixture(scope="module")
def found(broken_shop):
    return scan_log(broken_shop, **FEW)


def test_a_planted_loop_is_found_with_its_place_days_and_segment(found, broken_shop):
    first = found[0]
    assert hits(found[:1], LOOP, broken_shop)
    assert (first.kind, first.name, first.to, first.segment) == ("loop", "address", "cart", "platform=phone")
    assert abs(date.fromisoformat(first.start) - date(2026, 1, 1) - timedelta(50)) <= timedelta(6)
    assert abs(date.fromisoformat(first.end) - date(2026, 1, 1) - timedelta(84)) <= timedelta(6)
    assert first.low > first.baseline
    assert first.p <= 0.05


@pytest.fixture(scope="module")
def standing():
    return scan_log(shop(800, 150, Planted("loop", 0, 150, "phone", 0.4), seed=4), **FEW)


def test_a_segment_that_always_loops_more_is_found_without_dates(standing):
    first = standing[0]
    assert (first.kind, first.name, first.to, first.segment) == ("loop", "address", "cart", "platform=phone")
    assert (first.start, first.end) == (None, None)
    assert first.standing and first.p <= 0.05
    assert first.low > 0.2 > first.baseline
    assert first.sentence.startswith("All the time, customers with platform “phone” who reached “address” went back to")
    assert "of all others" in first.sentence


def test_a_standing_loop_says_nothing_when_customers_exchange_their_segments():
    log = shop(500, 120, Planted("loop", 0, 120, "phone", 0.5), seed=3)
    assert [scan_log(with_segments_exchanged(log, run), permutations=39) for run in range(3)] == [[], [], []]


def test_a_break_that_only_some_weeks_have_is_no_standing_loop(found):
    assert not any(one.standing for one in found)


def test_when_customers_came_makes_no_segment_stand_apart():
    """Everybody loops more in the second half, and one segment comes mostly then."""
    log = shop(800, 140, Planted("loop", 70, 140, "", 0.5), seed=5)
    late = np.flatnonzero(np.bincount(log.customer, log.day >= 70) / np.bincount(log.customer).clip(1) > 0.7)
    codes = log.codes.copy()
    codes[1] = np.isin(log.customer, late)
    assert not any(one.standing for one in scan_log(replace(log, codes=codes), **FEW))


def test_customers_exchange_segments_only_with_those_who_came_to_the_same_step():
    step, customer = np.repeat([0, 1], 200), np.tile(np.repeat(np.arange(50), 4), 2)
    given = givers(customer, np.random.default_rng(1), among=step)
    assert (step[given] == step).all() and (customer[given] != customer).mean() > 0.9
    assert sorted(given) == list(range(400))


def test_a_sentence_uses_the_words_of_the_catalogue(found):
    text = said(found[0], {"address": "Where to deliver", "cart": "Basket"}).sentence
    assert "“Where to deliver”" in text and "“Basket”" in text and "address" not in text


def test_the_sentence_says_when_who_what_and_how_much(found):
    text = found[0].sentence
    for part in ("From ", "platform “phone”", "“address”", "went back to “cart”", " % [", "against", "customers."):
        assert part in text


def test_the_same_log_shows_the_same_breaks(found, broken_shop):
    assert scan_log(broken_shop, **FEW) == found


@pytest.mark.parametrize(
    "planted",
    [
        Planted("change", 40, 75, "", 0.5),
        Planted("dead_end", 40, 75, "web", 0.5),
        Planted("wait", 40, 75, "", 5.0),
    ],
    ids=lambda planted: planted.kind,
)
def test_other_kinds_are_found_as_what_they_are(planted):
    log = shop(600, 120, planted, seed=9)
    found = scan_log(log, **FEW)
    assert hits(found, planted, log)
    assert found[0].kind == planted.kind


@pytest.mark.parametrize("within", [False, True], ids=["across the log", "within customers"])
def test_shuffled_times_show_no_break(within):
    log = shop(250, 100, Planted("loop", 40, 70, "", 0.6), seed=2)
    quiet = sum(not scan_log(shuffled(log, run, within), permutations=39) for run in range(3))
    assert quiet == 3


def test_growth_and_weekends_are_no_break():
    assert [scan_log(shop(250, 100, seed=seed), permutations=39) for seed in (31, 32)] == [[], []]


@pytest.mark.slow
@pytest.mark.parametrize("cases", [False, True], ids=["visits", "cases"])
def test_at_least_19_of_20_shuffled_logs_show_nothing(cases):
    log = shop(500, 120, Planted("change", 40, 70, "", 0.5), seed=3, cases=cases)
    assert sum(not scan_log(shuffled(log, run), seed=run) for run in range(20)) >= 19


def test_little_data_shows_nothing():
    assert scan_log(shop(20, 60, seed=1)) == []
    assert scan_log(shop(300, 4, seed=1)) == []
    empty = shop(5, 30, seed=1)
    nothing = np.zeros(0, np.int64)
    assert scan_log(replace(empty, customer=nothing, time=nothing * 1.0, day=nothing, name=nothing)) == []


def test_one_busy_customer_makes_no_break():
    log = shop(250, 100, seed=6)
    extra = 400
    time = np.sort(np.random.default_rng(0).uniform(50, 60, extra)) * 86400
    busy = replace(
        log,
        customer=np.r_[log.customer, np.full(extra, 10_000)],
        time=np.r_[log.time, time],
        day=np.r_[log.day, (time // 86400).astype(np.int32)],
        name=np.r_[log.name, np.tile([NAMES.index("address"), NAMES.index("cart")], extra // 2)].astype(np.int32),
        codes=np.hstack([log.codes, np.ones((2, extra), np.int16)]),
    )
    assert scan_log(busy, permutations=39) == []


def test_half_of_the_customers_are_held_out_and_always_the_same_ones():
    customers = np.arange(1, 10_001)
    out = held_out_customers(customers)
    assert 0.47 < out.mean() < 0.53
    assert (held_out_customers(customers[::-1])[::-1] == out).all()
    assert (held_out_customers(customers, salt=1) != out).any()


def test_exchanged_days_stay_whole_and_as_busy_as_they_were():
    customer = np.repeat(np.arange(100), 4)
    days = np.random.default_rng(1).integers(0, 50, 400)
    moved = exchanged_days(customer, days, np.random.default_rng(2))
    assert sorted(map(tuple, moved.reshape(-1, 4))) == sorted(map(tuple, days.reshape(-1, 4)))
    assert (moved != days).any()


def test_windows_over_few_bins_stay_inside():
    for bins in (1, 2, 5, 40, 200):
        windows = windows_over(bins)
        assert (windows.start >= 0).all() and (windows.end <= bins).all() and (windows.start < windows.end).all()


def test_the_best_window_is_the_one_with_the_extra_cases():
    cases, trials = np.full((60, 1), 2.0), np.full((60, 1), 20.0)
    cases[21:42] = 9.0
    expected = trials * cases.sum() / trials.sum()
    windows = windows_over(60)
    best = best_windows(cases, expected, trials, np.array([True]), np.array([True]), windows)
    assert (windows.start[best.window[0]], windows.end[best.window[0]]) == (21, 42)
    assert best.root[0] > 8
    silent = best_windows(cases, expected, trials, np.array([False]), np.array([True]), windows)
    assert silent.root[0] <= 0


def test_the_likelihood_ratio_is_kulldorffs():
    inside = float(ratio(np.array([30.0]), np.array([15.0]), np.array([100.0]))[0])
    assert inside == pytest.approx(30 * np.log(2) + 70 * np.log(70 / 85))
    assert float(ratio(np.array([0.0]), np.array([5.0]), np.array([50.0]))[0]) == pytest.approx(50 * np.log(50 / 45))


def test_dates_are_sharpened_to_the_day():
    rng = np.random.default_rng(5)
    day = np.repeat(np.arange(100), 10)
    happened = rng.random(1000) < np.where((day >= 33) & (day < 52), 0.6, 0.1)
    of = daily(day, happened.astype(float), np.zeros(1000, np.int64), 100)
    start, end = sharpen([(of, True)], 30, 60, 100)
    assert abs(start - 33) <= 1 and abs(end - 52) <= 1


def test_visits_are_parted_where_the_waits_have_a_valley():
    rng = np.random.default_rng(0)
    visits = np.r_[rng.lognormal(4.6, 0.8, 5000), rng.lognormal(13.5, 0.8, 1000)]
    assert 1800 <= pause_between_visits(visits) <= 14 * 86400
    assert pause_between_visits(rng.lognormal(11, 1.5, 6000)) is None
    assert pause_between_visits(np.array([10.0, 20.0])) is None


def test_the_order_of_steps_and_turning_back_follow_from_the_data(broken_shop):
    order = precedence(broken_shop, trials_of(broken_shop).pause)
    cart, address, payment = (NAMES.index(name) for name in ("cart", "address", "payment"))
    assert order[cart, address] > 0.9 and order[address, payment] > 0.9
    followers = np.array([[cart, address, -2, -2, -2], [payment, cart, -2, -2, -2], [payment, -2, -2, -2, -2]])
    assert turned_back(order, np.full(3, address), followers).tolist() == [True, False, False]


def test_a_size_counts_customers_not_rows():
    customer = np.repeat(np.arange(40), 10)
    inside = customer < 20
    happened = np.where(customer % 2 == 0, 1.0, 0.0)
    rows = np.arange(400)
    size = share_inside(Observed(rows, rows, customer, happened, rows), inside)
    assert size.value == pytest.approx(0.5)
    assert size.high - size.low > 0.35
    assert not size.certain


def test_strays_do_not_stretch_the_log(broken_shop):
    reader = reader_of(broken_shop)
    reader.db.execute(
        "insert into touchpoints by name select * replace (1000000 as id, date '1970-01-01' as day,"
        " timestamp '1970-01-01' as time) from touchpoints limit 1"
    )
    log = load(reader, [])
    assert (log.first_day, log.days) == (date(2026, 1, 1), 120)


def test_a_log_read_from_the_lake_is_the_log_that_was_written(broken_shop, snapshot):
    log = load(snapshot, find(snapshot.db))
    assert len(log) == len(broken_shop)
    names = [broken_shop.names[name] for name in broken_shop.name]
    assert [log.names[name] for name in log.name] == names
    assert log.kinds == {"support": "contact"} and log.labels == {"support": "Called us"}
    assert {dimension.key for dimension in log.dimensions} == {"platform", "region"}
    few = load(snapshot, [], most_rows=5000)
    assert 0.1 < len(few) / len(log) < 0.4 and few.share < 1


def test_the_customers_of_a_break_are_found_again(found, snapshot):
    struck = affected(found[0], snapshot)
    assert len(struck) == found[0].customers


def test_the_customers_of_a_standing_loop_are_found_again():
    log = shop(400, 60, Planted("loop", 0, 60, "phone", 0.5), seed=3)
    one = Found("loop", "address", "cart", "platform=phone", None, None, 0.5, 0.4, 0.6, "share", 0.1, 1, 1, 0.01, "",
                measure="turn", within=5, pause=3600.0, instead_of=("payment", "order"))  # fmt: skip
    struck = affected(one, reader_of(log))
    phone = set(log.customer[log.codes[0] == 1].tolist())
    assert struck and set(struck) <= phone


@pytest.mark.parametrize("measure", ["next", "soon", "seen", "stop", "wait"])
def test_affected_customers_of_every_measure(measure, snapshot):
    one = Found(
        "change", "cart", "address", "platform=phone", "2026-02-01", None, 5e9, 0, 1, "share", 0.0, 1, 1, 0.01, ""
    )
    struck = affected(replace(one, measure=measure, within=5, pause=3600.0), snapshot)
    assert 0 < len(struck) < 700


def test_found_survives_json(found):
    assert Found.from_dict(json.loads(json.dumps(found[0].as_dict()))) == found[0]


@pytest.mark.django_db
def test_a_scan_is_kept_and_the_latest_is_shown(broken_shop, snapshot):
    kept = run_scan(snapshot)
    assert kept and latest() == kept
    assert Scan.objects.get().through == len(broken_shop)
    run_scan(reader_of(shop(10, 20, seed=1), version=2))
    assert latest() == []


@pytest.mark.django_db
def test_an_unfinished_scan_is_not_shown_and_nothing_is_due_without_data():
    Scan.objects.create(through=5)
    assert latest() == []
    assert not is_due() or Scan.objects.count() == 1


def test_what_was_told_of_the_same_days_is_not_told_again():
    one = Found("change", "set up", "failed", "", "2026-09-01", "2026-11-09", 0.6, 0.5, 0.7, "share", 0, 1, 1, 0.01, "")
    still = replace(one, end=None)
    later = replace(one, start="2026-11-10", end=None)
    assert one.says_as(still) and still.says_as(one)
    assert not one.says_as(later) and not one.says_as(replace(still, segment="platform=ios"))
    assert scanning._once([one, still, later]) == [one, later]

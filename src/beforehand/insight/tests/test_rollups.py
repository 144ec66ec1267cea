"""A roll-up gives what the rows give, whatever happened to the lake in between."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from beforehand.insight import measures, rollups, stored
from beforehand.insight.models import StoredResult
from beforehand.insight.query import Query
from beforehand.insight.run import fresh, raw, rolled, run
from beforehand.insight.segments import Segment
from beforehand.journey import catalogue, lake
from beforehand.journey.tests.lakes import erase, happened, move, person
from beforehand.lib.statistics.histogram import ERROR
from beforehand.team.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
START = date(2026, 3, 1)
NAMES = ["ad", "cart", "buy", "help"]
SPLITS = {"touchpoints": [None, "name", "channel", "stage", "kind"], "transitions": [None, "name"]}


@pytest.fixture(autouse=True)
def small_lakes_are_large(monkeypatch):
    monkeypatch.setattr(rollups, "LARGE", 1)
    monkeypatch.setattr(stored, "LARGE", 1)
    monkeypatch.setattr(stored, "GOOD_FOR", timedelta())


def history(chance, people, hours, count):
    for _ in range(count):
        happened(
            chance.choice(people), chance.choice(NAMES), chance.uniform(*hours), channel=chance.choice(["web", "shop"])
        )


def troubled(seed):
    """Sealed files, a late arrival, a merge, an erasure and rows of no file."""
    chance = random.Random(seed)
    people = [person(f"{seed}-{number}") for number in range(6)]
    history(chance, people, (0, 200), 40)
    lake.seal()
    history(chance, people, (200, 700), 40)
    lake.seal()
    happened(people[0], "help", 20)
    move(people[1], people[2].customer_id)
    if seed % 2:
        erase(people[3].customer_id)
    history(chance, people[4:], (700, 800), 10)
    return people


def queries(measure):
    for number, by in enumerate(SPLITS.get(measure.slug, [None, None])):
        first, last, trend = [(0, 60, "week"), (3, 30, "day"), (9, 9, None)][number % 3]
        days = [START + timedelta(days=day) for day in (first, last)]
        yield Query(measure.slug, *days, by=by, trend=trend, as_of=datetime(2026, 5, 1, tzinfo=UTC))


def near(one, other, measure):
    """Equal to the last bits; quantiles and their ends within the histogram's error."""
    if one is None or other is None:
        return one is other
    return one == pytest.approx(other, rel=2 * ERROR if measure.kind == "quantile" else 1e-9, abs=1e-9)


def assert_same(kept, plain, measure):
    def lines(result):
        whole = [("", result.value, result.low, result.high, result.n, result.enough)]
        groups = [(g.key, g.value, g.low, g.high, g.n, g.extra.get("enough")) for g in result.groups]
        trend = [(p.day, p.value, p.low, p.high, p.n, p.provisional) for p in result.trend]
        return whole + sorted(groups) + trend

    assert len(lines(kept)) == len(lines(plain))
    for one, other in zip(lines(kept), lines(plain), strict=True):
        assert (one[0], one[4]) == (other[0], other[4])
        assert all(near(a, b, measure) for a, b in zip(one[1:4], other[1:4], strict=True)), (measure.slug, one, other)
        assert measure.kind == "quantile" or one[5] == other[5]
    assert [g.extra.get("mean") for g in sorted(kept.groups, key=lambda g: g.key)] == pytest.approx(
        [g.extra.get("mean") for g in sorted(plain.groups, key=lambda g: g.key)]
    )


@pytest.mark.parametrize(("seed", "zone"), [(1, "UTC"), (2, "Pacific/Auckland")])
def test_roll_ups_give_what_the_rows_give(seed, zone):
    Workspace.objects.update_or_create(pk=1, defaults={"zone": zone})
    catalogue.install_starter()
    catalogue.correct("help", kind="contact")
    troubled(seed)
    with lake.reader() as reader:
        assert len(reader.files) > 1 and reader.dirty
        for measure in rollups.measures_rolled():
            for query in queries(measure):
                assert rollups.applies(query, measure, reader)
                assert_same(rolled(query, measure, reader), raw(query, measure, reader), measure)


def test_roll_ups_hold_after_compaction_and_folding():
    troubled(3)
    rollups.keep_up()
    lake.seal()
    lake.compact()
    lake.fold()
    with lake.reader() as reader:
        assert not reader.dirty
        for measure in rollups.measures_rolled():
            query = Query(measure.slug, START, START + timedelta(days=60), trend="week")
            assert_same(rolled(query, measure, reader), raw(query, measure, reader), measure)


def test_a_new_meaning_of_a_name_is_seen_at_once():
    catalogue.install_starter()
    troubled(4)
    query = Query("contact-rate", START, START + timedelta(days=60))
    assert run(query).value == 0
    catalogue.correct("help", kind="contact")
    assert run(query).value > 0
    catalogue.correct("cart", stage="loyalty")
    stages = run(Query("touchpoints", START, START + timedelta(days=60), by="stage")).groups
    assert "loyalty" in {group.key[0] for group in stages}


def test_a_damaged_roll_up_is_made_again():
    troubled(5)
    query = Query("touchpoints", START, START + timedelta(days=60), by="name")
    with lake.reader() as reader:
        measure = measures.find("touchpoints")
        before = fresh(query, measure, reader)
        for kept in rollups.folder().glob("touchpoints-*/*"):
            kept.write_bytes(b"nothing")
        assert fresh(query, measure, reader).groups == before.groups
    rollups.keep_up()
    assert all(kept.stat().st_size > 100 for kept in rollups.folder().glob("touchpoints-*/*"))


def test_roll_ups_go_with_their_files():
    people = troubled(6)
    rollups.keep_up()
    before = set(rollups.folder().glob("*/*"))
    erase(people[5].customer_id)
    lake.tick()
    rollups.keep_up()
    after = set(rollups.folder().glob("*/*"))
    with lake.reader() as reader:
        assert {kept.name.split(".")[0] for kept in after} == {file.path.stem for file in reader.files}
    assert before - after


def test_kept_answers_give_what_the_rows_give():
    people = [person(f"s{number}") for number in range(5)]
    for number, one in enumerate(people):
        happened(one, "nps", number, properties=f'{{"score": {number * 2}}}')
    lake.seal()
    happened(people[0], "nps", 50, properties='{"score": 10}')
    happened(people[1], "nps", 0.5, properties='{"score": 1}')
    erase(people[4].customer_id)
    query = Query("nps", START, START + timedelta(days=60))
    with lake.reader() as reader:
        kept = raw(query, measures.find("nps"), reader)
    assert list(rollups.folder().glob("fact-answers-*/*"))
    rollups.LARGE = 10**9
    with lake.reader() as reader:
        plain = raw(query, measures.find("nps"), reader)
    assert kept.n == 6 and (kept.value, kept.low, kept.high) == (plain.value, plain.low, plain.high)
    assert kept.extra == plain.extra


def test_nobody_waits_for_many_roll_ups(monkeypatch):
    troubled(11)
    query, measure = Query("touchpoints", START, START + timedelta(days=60)), measures.find("touchpoints")
    monkeypatch.setattr(rollups, "SOON", 10)
    with lake.reader() as reader:
        assert not rollups.applies(query, measure, reader)
        rollups.keep_up()
        assert rollups.applies(query, measure, reader)


def test_a_segment_reads_the_rows():
    troubled(7)
    with lake.reader() as reader:
        measure = measures.find("touchpoints")
        assert not rollups.applies(Query("touchpoints", START, START, Segment("channel", "web")), measure, reader)


def test_answers_are_kept_for_one_version_and_two_minutes(monkeypatch):
    people = troubled(8)
    query = Query("back-and-forth", START, START + timedelta(days=60), trend="week")
    first = run(query)
    assert StoredResult.objects.count() == 1
    assert run(query) == first
    happened(people[4], "ad", 900)
    happened(people[4], "cart", 901)
    assert run(query).n == first.n
    lake.seal()
    monkeypatch.setattr(stored, "GOOD_FOR", timedelta(minutes=2))
    assert run(query).n == first.n
    monkeypatch.setattr(stored, "GOOD_FOR", timedelta())
    with lake.reader() as reader:
        assert run(query).n == raw(query, measures.find("back-and-forth"), reader).n == first.n + 1


def test_the_scheduler_asks_again_what_was_asked_lately():
    people = troubled(9)
    query = Query("retention", START, START + timedelta(days=60), Segment("channel", "web"))
    run(query)
    happened(people[4], "ad", 902, channel="web")
    lake.seal()
    rollups.keep_up()
    kept = StoredResult.objects.get()
    with lake.reader() as reader:
        assert kept.lake_version == stored.state(reader)
    kept.payload["asked"] = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    kept.lake_version = 0
    kept.save()
    rollups.keep_up()
    assert not StoredResult.objects.exists()


def test_nothing_of_a_person_is_kept():
    """Neither sums nor kept answers name anybody; a way through of a single customer is not listed."""
    troubled(10)
    rollups.keep_up()
    run(Query("variants", START, START + timedelta(days=60)))
    (kept,) = StoredResult.objects.all()
    assert all(group["n"] > 1 for group in kept.payload["result"]["groups"])
    assert "customer" not in str(kept.payload["result"]["groups"])
    with lake.reader() as reader:
        for file in set(rollups.folder().glob("*/*")) - set(rollups.folder().glob("fact-*/*")):
            columns = {row[0] for row in reader.db.execute(f"describe from read_parquet('{file}')").fetchall()}
            assert not columns & {"customer", "id", "time", "place", "properties"}


def test_in_another_zone_no_kept_answer_is_used_again(ada):
    troubled(8)
    run(Query("touchpoints", START, START + timedelta(days=60), trend="day"))
    assert StoredResult.objects.exists()
    Workspace.own().change(by=ada, name="Glaze")
    assert StoredResult.objects.exists()
    Workspace.own().change(by=ada, zone="Asia/Tokyo")
    assert not StoredResult.objects.exists()

"""What the lake shows, and when it writes, joins and removes files."""

import time
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.utils import timezone

from beforehand.customers.models import Company, Membership
from beforehand.journey import lake
from beforehand.journey.lake import layout, manifest, rows, ticking
from beforehand.journey.lake.sealing import last_sequence
from beforehand.journey.models import CatalogueEntry, DirtyCustomer, LakeFile, LakeState, Stage
from beforehand.journey.tests.lakes import erase, happened, lake_rows, move, person, plain_rows
from beforehand.lib.fields import from_micros, to_micros
from beforehand.team.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return person("ada")


@pytest.fixture
def grace():
    return person("grace")


def query(sql):
    with lake.reader() as reader:
        return reader.db.execute(sql).fetchall()


def on_disk():
    return sorted(Path(conf.LAKE).glob("touchpoints/*"))


def test_an_empty_lake_can_be_queried():
    with lake.reader() as reader:
        assert reader.db.execute("SELECT count(*), max(gap) FROM touchpoints").fetchall() == [(0, None)]
        assert (reader.version, reader.through, reader.files, reader.dirty) == (0, 0, [], set())
    assert lake.seal() == 0


def test_what_is_not_sealed_yet_is_there(ada):
    happened(ada, "home", 0)
    happened(ada, "cart", 1)
    assert query("SELECT name, previous, gap FROM touchpoints ORDER BY id") == [
        ("home", None, None),
        ("cart", "home", 3600.0),
    ]
    assert query("SELECT count(*) FROM sealed") == [(0,)]


def test_many_are_read_as_few_are(ada, grace, monkeypatch):
    for hours, who in enumerate([ada, grace, ada]):
        happened(who, "home", hours)
    move(grace, ada.customer_id)
    assert lake.rebuild() == 3
    few = lake_rows()
    monkeypatch.setattr(rows, "MANY", 1)
    assert lake.rebuild() == 3
    assert lake_rows() == few and not lake.check()


def test_sealing_changes_nothing_that_is_read(ada, grace):
    for hours, who in enumerate([ada, grace, ada, ada, grace]):
        happened(who, f"step {hours}", hours, channel="web", properties='{"n": [1, "\\u00e4"]}')
    before = lake_rows()
    assert lake.seal() == 5
    assert lake_rows() == before == plain_rows()
    assert lake_rows("sealed") == before
    assert query("SELECT count(*) FROM hot") == [(0,)]


def test_the_first_row_after_sealing_knows_the_one_before(ada):
    happened(ada, "home", 0)
    lake.seal()
    happened(ada, "cart", 2)
    assert query("SELECT previous, gap FROM hot") == [("home", 7200.0)]
    lake.seal()
    assert query("SELECT name, previous FROM sealed ORDER BY id") == [("home", None), ("cart", "home")]
    assert not DirtyCustomer.objects.exists()


def test_bookkeeping_is_in_no_journey(ada):
    happened(ada, "home", 0)
    happened(ada, "$identify", 1)
    happened(ada, "cart", 2)
    assert query("SELECT previous FROM touchpoints WHERE name = 'cart'") == [("home",)]
    assert lake.seal() == 2
    happened(ada, "$group", 3)
    assert lake.seal() == 0
    assert LakeState.own().sealed_through == last_sequence()


def test_a_late_row_makes_its_customer_dirty_until_compaction(ada, grace):
    happened(ada, "cart", 2)
    happened(grace, "home", 2)
    lake.seal()
    happened(ada, "home", 1)
    with lake.reader() as reader:
        assert reader.dirty == {ada.customer_id}
    assert lake_rows() == plain_rows()
    lake.seal()
    assert list(DirtyCustomer.objects.values_list("customer", "reason")) == [(ada.customer_id, "late")]
    assert lake_rows() == plain_rows()
    assert lake.compact() == 1
    assert not DirtyCustomer.objects.exists()
    assert lake_rows("sealed") == lake_rows() == plain_rows()


def test_rows_of_the_same_moment_keep_the_order_of_the_record(ada):
    happened(ada, "first", 1)
    lake.seal()
    happened(ada, "second", 1)
    assert query("SELECT previous, gap FROM hot") == [("first", 0.0)]
    lake.seal()
    assert not DirtyCustomer.objects.exists()


def test_many_customers_are_compacted_as_few_are(ada, grace, monkeypatch):
    monkeypatch.setattr("beforehand.journey.lake.compaction.SHORT_LIST", 0)
    for hours in (5, 3, 4):
        happened(ada, "home", hours)
        happened(grace, "cart", hours)
        lake.seal()
    assert lake.compact() == 2
    assert lake_rows("sealed") == plain_rows()


def test_a_merge_and_its_undoing_show_at_once(ada, grace):
    happened(ada, "home", 0)
    happened(grace, "cart", 1)
    lake.seal()
    alone = lake_rows()
    move(ada, grace.pk)
    assert query("SELECT name, previous FROM touchpoints ORDER BY time") == [("home", None), ("cart", "home")]
    lake.compact()
    assert lake_rows("sealed") == plain_rows()
    move(ada, ada.pk)
    assert lake_rows() == alone
    lake.compact()
    assert lake_rows("sealed") == alone


def test_a_change_during_compaction_keeps_the_customer_dirty(ada, grace, monkeypatch):
    happened(ada, "home", 0)
    happened(grace, "cart", 1)
    lake.seal()
    lake.mark_dirty({ada.pk}, "late")
    switch = manifest.switch

    def merged_meanwhile(*args, **kwargs):
        move(ada, grace.pk)
        return switch(*args, **kwargs)

    monkeypatch.setattr(manifest, "switch", merged_meanwhile)
    lake.compact()
    assert set(DirtyCustomer.objects.values_list("customer", flat=True)) == {ada.pk, grace.pk}
    assert lake_rows() == plain_rows()


def test_every_change_of_what_is_read_raises_the_version(ada):
    happened(ada, "home", 0)
    seen = [LakeState.own().version]
    for change in (lake.seal, lambda: lake.mark_dirty({ada.pk}, "late"), lake.rebuild, lambda: erase(ada.pk)):
        change()
        seen.append(LakeState.own().version)
    assert seen == sorted(set(seen))


def test_days_are_those_of_the_company(ada):
    happened(ada, "late evening in New York", 2)
    lake.seal()
    assert query("SELECT day FROM touchpoints") == [(date(2026, 3, 1),)]
    Workspace.objects.update_or_create(pk=1, defaults={"zone": "America/New_York"})
    assert query("SELECT day FROM touchpoints") == query("SELECT day FROM sealed") == [(date(2026, 2, 28),)]
    lake.tick()
    assert LakeState.own().zone == "America/New_York"
    assert LakeFile.objects.get(replaced=None).first_day == date(2026, 2, 28)


def test_what_is_in_a_touchpoint_comes_out_as_it_went_in(ada):
    odd = 'a "quoted"\nline\\with\ttab, ünïcode 🙂 and \x01'
    happened(ada, odd, 0, place=odd, properties='{"deep": {"a": [1, null, "x\\n"]}}')
    lake.seal()
    assert lake_rows("sealed") == plain_rows()
    assert query("SELECT place FROM sealed") == [(odd,)]


def test_1970_and_2099_have_their_place(ada):
    for hours in (-491_000, 0, 640_000):
        happened(ada, "home", hours)
    lake.seal()
    assert lake_rows("sealed") == plain_rows()
    assert len(LakeFile.objects.all()) == 2
    assert lake.check() == []


def test_more_than_memory_should_hold_is_laid_out_on_the_disk(ada, grace, monkeypatch):
    monkeypatch.setattr("beforehand.journey.lake.stage.CHUNK_BYTES", 1)
    monkeypatch.setattr("beforehand.journey.lake.rows.SEQUENCES_AT_ONCE", 2)
    for hours in (0, 800, 5, 1600, 801, -491_000, 640_000):
        happened(ada if hours % 2 else grace, f"step {hours}", hours)
    assert lake.seal() == 7
    assert lake_rows("sealed") == plain_rows()
    assert lake.rebuild() == 7
    assert lake_rows("sealed") == plain_rows()
    assert not list(layout.scratch().glob("*"))


def test_the_catalogue_knows_every_name_in_the_data(ada):
    Stage.objects.update_or_create(key="use", defaults={"label": "Use", "position": 5})
    CatalogueEntry.objects.create(name="home", label="Came home", stage_id="use", kind="value")
    happened(ada, "home", 0)
    lake.seal()
    happened(ada, "nobody knows", 1)
    names = "('home', 'nobody knows')"
    assert query(f"SELECT * FROM catalogue WHERE name IN {names} ORDER BY name") == [
        ("home", "Came home", "use", 5, "value", False),
        ("nobody knows", "nobody knows", None, None, "value", True),
    ]
    assert ("use", "Use", 5) in query("SELECT * FROM stages")


def test_journeys_and_memberships_stand_beside(ada, grace):
    happened(ada, "home", 0)
    happened(grace, "cart", 1)
    move(grace, ada.pk)
    company = Company.objects.create(key="acme")
    for one in (ada, grace):
        Membership.objects.create(identifier=one, company=company, since=0)
    assert query("SELECT customer, touchpoints, last_time - first_time = INTERVAL 1 HOUR FROM journeys") == [
        (ada.pk, 2, True)
    ]
    assert query("SELECT * FROM memberships") == [(ada.pk, company.pk, "acme")]


def test_a_reader_is_of_one_moment(ada):
    happened(ada, "home", 0)
    lake.seal()
    with lake.reader() as reader:
        happened(ada, "cart", 1)
        lake.mark_dirty({ada.pk}, "late")
        lake.seal()
        lake.compact()
        assert reader.db.execute("SELECT name FROM touchpoints").fetchall() == [("home",)]
        assert reader.through == last_sequence() - 1


def test_small_files_are_folded(ada):
    for day in range(4):
        happened(ada, "home", day * 24)
        lake.seal()
    before = lake_rows()
    assert len(on_disk()) == LakeFile.objects.filter(replaced=None).count() == 4
    assert lake.fold(everything=True) == 3
    assert LakeFile.objects.filter(replaced=None).count() == 1
    assert lake_rows("sealed") == before


def listed(rows, first, last=None):
    return LakeFile(rows=rows, first_day=first, last_day=last or first)


def test_a_month_that_grows_is_left_alone_until_it_is_worth_it():
    today = date(2026, 3, 20)
    few = [listed(100, date(2026, 3, day)) for day in range(1, 6)]
    from beforehand.journey.lake.folding import worth_joining

    assert worth_joining(few, today) == []
    many = few * 3
    assert worth_joining(many, today) == [many]
    settled = [listed(100, date(2025, 11, day)) for day in (1, 2)]
    assert worth_joining([*few, *settled], today) == [settled]
    across = [listed(100, date(2025, 11, 1), date(2025, 12, 1))]
    assert worth_joining([*across, *settled], today) == [settled]


def test_full_files_are_not_written_again():
    from beforehand.journey.lake.folding import worth_joining

    full = [listed(layout.FULL, date(2025, 11, day)) for day in (1, 2)]
    assert worth_joining([*full, listed(layout.MONTH, date(2025, 11, 3))], date(2026, 3, 20)) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({}, []),
        ({(2025, 1, 5): 10, (2025, 6, 5): 10}, [((2025, 1, 5), (2025, 6, 5))]),
        ({(2025, 1, 5): 1_200_000, (2025, 1, 6): 10}, [((2025, 1, 5), (2025, 1, 5)), ((2025, 1, 6), (2025, 1, 6))]),
        ({(2025, 1, 5): 60_000, (2025, 2, 6): 10}, [((2025, 1, 5), (2025, 1, 5)), ((2025, 2, 6), (2025, 2, 6))]),
        ({(2025, 1, 5): 60_000, (2025, 1, 6): 10}, [((2025, 1, 5), (2025, 1, 6))]),
        ({(2025, 1, 5): 1, (2026, 3, 18): 1}, [((2025, 1, 5), (2025, 1, 5)), ((2026, 3, 18), (2026, 3, 18))]),
        ({(2026, 3, 18): 1, (2099, 1, 1): 1}, [((2026, 3, 18), (2026, 3, 18)), ((2099, 1, 1), (2099, 1, 1))]),
    ],
)
def test_days_share_files_by_how_many_rows_they_have(days, expected):
    counts = {date(*day): rows for day, rows in days.items()}
    found = [
        ((*span.first.timetuple()[:3],), (*span.last.timetuple()[:3],))
        for span in layout.spans(counts, date(2026, 3, 20))
    ]
    assert found == expected


def test_replaced_files_stay_for_the_longest_query(ada, settings):
    happened(ada, "home", 0)
    lake.seal()
    (old,) = on_disk()
    lake.rebuild()
    lake.tick()
    assert old in on_disk()
    settings.LAKE_GRACE = 0
    lake.tick()
    assert len(on_disk()) == 1
    assert old not in on_disk()
    assert LakeFile.objects.count() == 1


def test_the_scheduler_seals_when_a_minute_has_passed(ada, monkeypatch):
    happened(ada, "home", 0)
    lake.seal()
    sealed = LakeState.own().sealed_through
    started = to_micros(timezone.now())
    happened(ada, "home", (started - 1_772_323_200_000_000) / 3_600_000_000)
    lake.tick()
    assert LakeState.own().sealed_through == sealed < last_sequence()
    later = from_micros(started + 61_000_000)
    monkeypatch.setattr(ticking.timezone, "now", lambda: later)
    lake.tick()
    assert LakeState.own().sealed_through == last_sequence()


def test_the_scheduler_seals_many_rows_at_once(ada, monkeypatch):
    monkeypatch.setattr("beforehand.journey.lake.ticking.MANY_ROWS", 2)
    for _ in range(2):
        happened(ada, "home", (time.time() * 1e6 - 1_772_323_200_000_000) / 3_600_000_000)
    lake.tick()
    assert LakeState.own().sealed_through == last_sequence()


def test_the_scheduler_compacts_when_many_are_dirty(ada, monkeypatch):
    monkeypatch.setattr("beforehand.journey.lake.ticking.MANY_DIRTY", 1)
    happened(ada, "home", 0)
    lake.seal()
    lake.mark_dirty({ada.pk}, "late")
    lake.tick()
    assert not DirtyCustomer.objects.exists()


def test_the_scheduler_does_not_wait_for_another_writer(ada):
    happened(ada, "home", 0)
    with manifest.writing():
        lake.tick()
    assert LakeState.own().sealed_through == 0


def test_a_reader_looks_only_so_far_past_the_lake(ada, monkeypatch):
    monkeypatch.setattr("beforehand.journey.lake.reading.FURTHEST", 2)
    happened(ada, "sealed", 0)
    lake.seal()
    for hours in range(1, 5):
        happened(ada, f"step {hours}", hours)
    assert query("SELECT name FROM touchpoints ORDER BY id") == [("sealed",), ("step 1",), ("step 2",)]
    lake.seal()
    assert query("SELECT count(*) FROM touchpoints") == [(5,)]

"""However a file is cut and repeated, the same rows come out."""

import csv
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from beforehand.journey.imports import run
from beforehand.journey.imports.run import Request, import_file
from beforehand.journey.models import Journey, Touchpoint
from beforehand.lib.fields import to_micros

START = datetime(2024, 3, 1, tzinfo=UTC)
CELL = some.text(some.characters(blacklist_categories=["Cs", "Cc"]), min_size=0, max_size=8) | some.sampled_from(
    ['"', '""', ",", "a\nb", "'", "\\", "{}", " x ", "ﷺ", "🍩"]
)
ROW = some.tuples(
    some.integers(0, 4).map(lambda n: f"cust {n}"),
    some.sampled_from(["Viewed", "Paid, at last", 'Said "hello"', "Ω"]),
    some.integers(0, 10**6).map(lambda n: (START + timedelta(seconds=n, milliseconds=n % 1000)).isoformat()),
    CELL,
    CELL,
)
HEADER = ("customer", "event", "time", "note", "other")


@pytest.fixture
def quick(monkeypatch):
    """The lake and the catalogue have tests of their own."""
    monkeypatch.setattr(run.lake, "seal", lambda: 0)
    monkeypatch.setattr(run.catalogue, "guess_missing", lambda: 0)


def bring(folder, rows):
    path = folder / "part.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return import_file(Request(path), lambda *_: None, lambda *_: None)


def recorded():
    found = Touchpoint.objects.select_related("identifier")
    return Counter(
        (t.identifier.value, t.name, to_micros(t.time), t.properties.get("note", ""), t.properties.get("other", ""))
        for t in found
    )


def expected(rows):
    return Counter(
        (who, name, to_micros(datetime.fromisoformat(time)), note, other) for who, name, time, note, other in rows
    )


@pytest.mark.django_db
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=some.lists(ROW, min_size=1, max_size=12), cut=some.integers(0, 12))
def test_what_goes_in_comes_out_once(quick, tmp_path, rows, cut):
    Touchpoint.objects.all().delete()
    assert bring(tmp_path, rows).added == len(rows)
    assert recorded() == expected(rows)
    assert bring(tmp_path, rows).added == 0
    distinct = list(dict.fromkeys(rows))
    Touchpoint.objects.all().delete()
    for part in (distinct[:cut], distinct[cut:], distinct[cut // 2 :]):
        if part:
            bring(tmp_path, part)
    assert recorded() == expected(distinct)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_both_succeed(tmp_path, monkeypatch):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a record in memory has one writer; test_import_command.py has one with files")
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 20)
    parts = [[(f"cust {n % 7}", "Viewed", START.isoformat(), str(part), str(n)) for n in range(200)] for part in (1, 2)]
    failures = []

    def one(number):
        try:
            (folder := tmp_path / str(number)).mkdir()
            bring(folder, parts[number] + parts[0][:50])
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(recorded()) == set(expected(parts[0] + parts[1]))
    assert sum(Journey.objects.values_list("touchpoints", flat=True)) == Touchpoint.objects.count()

"""What goes in comes out: once, in order, in every format, whatever the file looks like."""

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from beforehand.customers.models import Identifier
from beforehand.journey import catalogue
from beforehand.journey.imports import run
from beforehand.journey.imports.run import Request, import_file
from beforehand.journey.models import ImportRun, Journey, Need, Touchpoint
from beforehand.journey.needs import keeping
from beforehand.lib.fields import to_micros
from beforehand.team.models import Workspace

pytestmark = pytest.mark.django_db

START = datetime(2024, 3, 1, 8, tzinfo=UTC)
ROWS = [
    ("ada", "Product viewed", "2024-03-01 08:00:00", "web", "9"),
    ("bob", "Product viewed", "2024-03-01 08:05:00", "web", ""),
    ("ada", "Order placed", "2024-03-01 09:00:00", "app", "10"),
]
HEADER = ("user_id", "event", "timestamp", "channel", "score")


def bring(path, **options):
    return import_file(Request(path, **options), lambda *_: None, lambda *_: None)


def plan(path, **options):
    """How a file would be read: format, columns and times."""
    seen = []
    import_file(Request(path, **options), lambda *_: None, lambda *plan: seen.extend(plan))
    return seen


def write(path, *rows, header=HEADER, delimiter=",", encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def recorded():
    """Everything in the record that the file decides, by customer, time and sequence."""
    found = Touchpoint.objects.select_related("identifier").order_by("identifier__value", "time", "id")
    return [(t.identifier.value, t.name, to_micros(t.time), t.channel, t.place, t.properties) for t in found]


def rejected(summary):
    with summary.rejects.open(encoding="utf-8", newline="") as file:
        return [(int(row["line"]), row["reason"], row["row"]) for row in csv.DictReader(file)]


EXPECTED = [
    ("ada", "Product viewed", to_micros(START), "web", "", {"score": "9"}),
    ("ada", "Order placed", to_micros(START + timedelta(hours=1)), "app", "", {"score": "10"}),
    ("bob", "Product viewed", to_micros(START + timedelta(minutes=5)), "web", "", {}),
]


def test_a_csv_is_read_without_being_told_anything(tmp_path):
    summary = bring(write(tmp_path / "log.csv", *ROWS))
    assert recorded() == EXPECTED
    assert (summary.read, summary.added, summary.there, summary.rejected) == (3, 3, 0, 0)
    assert (summary.customers, summary.names, summary.rejects) == (2, 2, None)
    assert (summary.first, summary.last) == (START, START + timedelta(hours=1))
    assert Journey.objects.count() == 2


@pytest.mark.parametrize(("name", "delimiter"), [("log.tsv", "\t"), ("log.csv", ";"), ("log.txt", "|")])
def test_other_delimiters_are_guessed(tmp_path, name, delimiter):
    bring(write(tmp_path / name, *ROWS, delimiter=delimiter))
    assert recorded() == EXPECTED


def test_a_packed_file_is_unpacked(tmp_path):
    plain = write(tmp_path / "log.csv", *ROWS).read_bytes()
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(plain))
    bring(path)
    assert recorded() == EXPECTED


def test_json_lines(tmp_path):
    path = tmp_path / "log.jsonl"
    rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    rows[1].pop("score")
    path.write_text("\n".join(json.dumps(row) for row in rows))
    bring(path)
    assert recorded() == EXPECTED


def test_json_lines_keep_the_types_of_properties_and_reach_into_objects(tmp_path):
    path = tmp_path / "log.jsonl"
    row = {"who": {"id": "ada"}, "event": "Paid", "ts": 1709280000, "sum": 9.5, "items": [1, {"a": None}], "ok": True}
    path.write_text(json.dumps(row) + "\n")
    bring(path, columns={"customer": "who.id"})
    assert recorded() == [
        (
            "ada",
            "Paid",
            to_micros(START),
            "",
            "",
            {"who": {"id": "ada"}, "sum": 9.5, "items": [1, {"a": None}], "ok": True},
        )
    ]


def test_parquet(tmp_path):
    path = tmp_path / "log.parquet"
    duckdb.execute(
        "COPY (SELECT user_id, event, ts::TIMESTAMP AS timestamp, channel, score::INT AS score FROM (VALUES"
        " ('ada','Product viewed','2024-03-01 08:00:00','web',9),"
        " ('bob','Product viewed','2024-03-01 08:05:00','web',NULL),"
        f" ('ada','Order placed','2024-03-01 09:00:00','app',10)) t(user_id, event, ts, channel, score)) TO '{path}'"
    )
    bring(path)
    assert [(*row[:5], {k: str(v) for k, v in row[5].items()}) for row in recorded()] == EXPECTED


def event(name, time, more=""):
    date = f'<date key="time:timestamp" value="{time}"/>' if time else ""
    return f'<event><string key="concept:name" value="{name}"/>{date}{more}</event>'


SCORE = '<int key="score" value="9"><int key="inner" value="1"/></int>'
XES = f"""<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/">
  <global scope="event"><string key="concept:name" value="nothing"/></global>
  <trace><string key="concept:name" value="ada"/><string key="tier" value="gold"/>
    {event("Product viewed", "2024-03-01T09:00:00.000+01:00", SCORE)}
    {event("Order placed", "2024-03-01T09:00:00Z")}
    {event("Timeless", "")}
  </trace>
  <trace><string key="concept:name" value="bob"/>
    {event("Product viewed", "2024-03-01T08:05:00Z")}
  </trace>
</log>"""


@pytest.mark.parametrize("packed", [False, True])
def test_xes_needs_no_mapping(tmp_path, packed):
    path = tmp_path / ("log.xes.gz" if packed else "log.xes")
    path.write_bytes(gzip.compress(XES.encode()) if packed else XES.encode())
    summary = bring(path)
    assert [(row[0], row[1], row[2], row[5]) for row in recorded()] == [
        ("ada", "Product viewed", to_micros(START), {"case:tier": "gold", "score": 9}),
        ("ada", "Order placed", to_micros(START + timedelta(hours=1)), {"case:tier": "gold"}),
        ("bob", "Product viewed", to_micros(START + timedelta(minutes=5)), {}),
    ]
    assert [(line, reason) for line, reason, _ in rejected(summary)] == [(7, "no time")]


def test_importing_again_adds_nothing(tmp_path):
    path = write(tmp_path / "log.csv", *ROWS)
    bring(path)
    summary = bring(path)
    assert (summary.added, summary.there, summary.mapped_otherwise) == (0, 3, False)
    assert recorded() == EXPECTED


def test_importing_again_with_other_columns_says_that_nothing_changed(tmp_path):
    path = write(tmp_path / "log.csv", *ROWS)
    bring(path)
    assert bring(path, columns={"place": "score"}).mapped_otherwise
    assert bring(path, columns={"place": "score"}, source="again").added == 3


def test_true_repeats_are_kept_and_still_imported_once(tmp_path):
    path = write(tmp_path / "log.csv", ROWS[0], ROWS[0], ROWS[1], ROWS[0])
    assert bring(path).added == 4
    assert bring(path).added == 0
    assert [row[0] for row in recorded()] == ["ada", "ada", "ada", "bob"]


def test_an_import_that_was_stopped_goes_on(tmp_path, monkeypatch):
    rows = [(f"u{n % 7}", "Step", f"2024-03-01 08:00:{n:02}", "web", n) for n in range(50)]
    path = write(tmp_path / "log.csv", *rows)
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 10)
    calls = []

    def failing(part):
        calls.append(part)
        if len(calls) == 3:
            raise OSError("No space left on device")
        return real(part)

    real = run.insert
    with monkeypatch.context() as broken, pytest.raises(OSError):
        broken.setattr(run, "insert", failing)
        bring(path)
    assert Touchpoint.objects.count() == 20
    summary = bring(path)
    assert (summary.added, summary.there) == (30, 20)
    assert sorted(row[5]["score"] for row in recorded()) == sorted(str(n) for n in range(50))
    assert list((tmp_path / "imports").glob("running-*")) == []


def test_what_happened_at_the_same_time_keeps_the_order_of_the_file(tmp_path):
    names = [f"Step {letter}" for letter in "qwertyuiop"]
    path = write(tmp_path / "log.csv", *[("ada", name, "2024-03-01 08:00:00", "web", "1") for name in names])
    bring(path, columns={"name": "event"})
    assert [row[1] for row in recorded()] == names


def test_names_of_an_export_of_posthog_s_are_read_as_the_collector_reads_them(tmp_path):
    names = ["$pageview", "$feature_view", "$identify", "Paid"]
    path = write(tmp_path / "log.csv", *[("ada", name, "2024-03-01 08:00:00", "web", "1") for name in names])
    bring(path)
    assert [row[1] for row in recorded()] == ["Page viewed", "Feature view", "$identify", "Paid"]
    assert Journey.objects.get().touchpoints == 3


def test_only_the_properties_that_are_named_are_kept(tmp_path):
    path = write(tmp_path / "log.csv", *[(*row, "x") for row in ROWS], header=(*HEADER, "extra"))
    bring(path, properties=["extra"])
    assert {json.dumps(row[5]) for row in recorded()} == {'{"extra": "x"}'}


def test_columns_that_are_told_are_taken(tmp_path):
    header = ("time:timestamp", "Activity", "case:concept:name", "concept:name")
    path = write(tmp_path / "log.csv", ("2024-03-01T08:00:00Z", "Resolve", "case 1", "other"), header=header)
    _, columns, _ = plan(path, columns={"name": "Activity"})
    assert (columns.customer, columns.name, columns.time) == ("case:concept:name", "Activity", "time:timestamp")
    assert columns.guessed == {"customer", "time"}
    assert recorded()[0][:2] == ("case 1", "Resolve")


def test_addresses_of_mail_become_identifiers_of_that_kind(tmp_path):
    path = write(tmp_path / "log.csv", *[(f"{row[0]}@example.com", *row[1:]) for row in ROWS])
    bring(path)
    assert set(Identifier.objects.values_list("kind", "value", "proved")) == {
        ("email", "ada@example.com", True),
        ("email", "bob@example.com", True),
    }


def test_times_without_a_zone_are_the_company_s(tmp_path):
    Workspace.objects.create(pk=1, zone="Europe/Dublin")
    path = write(tmp_path / "log.csv", ("ada", "Summer", "2024-07-01 08:00:00", "web", ""))
    _, _, reading = plan(path)
    assert recorded()[0][2] == to_micros(datetime(2024, 7, 1, 7, tzinfo=UTC))
    assert "Europe/Dublin" in reading.label


def test_each_run_is_written_down(tmp_path):
    bring(write(tmp_path / "log.csv", *ROWS, ("guest", "Left", "2024-03-01 08:00:00", "web", "")))
    found = ImportRun.objects.get()
    assert (found.file, found.read, found.added, found.rejected) == ("log.csv", 4, 3, 1)
    assert found.finished is not None
    assert found.mapping["customer"] == "user_id"


WHO = ("user_id", "event", "timestamp", "done by")
DONE = [
    ("ada", "Order Completed", "2024-03-01 08:00:00", "customer"),
    ("ada", "Refund Issued", "2024-03-02 08:00:00", " Company"),
    ("ada", "Order Shipped", "2024-03-03 08:00:00", ""),
    ("ada", "Order Delivered", "2024-03-04 08:00:00", "courier"),
]


def actors():
    return dict(Touchpoint.objects.values_list("name", "actor"))


def test_who_did_it_is_told_by_a_column(tmp_path):
    summary = bring(write(tmp_path / "log.csv", *DONE, header=WHO), columns={"actor": "done by"})
    assert actors() == {"Order Completed": "customer", "Refund Issued": "company", "Order Shipped": "customer"}
    assert all(one.properties == {} for one in Touchpoint.objects.all())
    ((_line, reason, _row),) = rejected(summary)
    assert reason == "the actor is none of customer, company, system: courier"


def test_a_column_called_actor_is_the_actor_where_it_holds_nothing_else(tmp_path):
    named = (*WHO[:3], "actor")
    bring(write(tmp_path / "log.csv", *DONE[:2], header=named))
    assert actors()["Refund Issued"] == "company"
    bring(write(tmp_path / "more.csv", DONE[3], header=named))
    assert actors()["Order Delivered"] == "customer"
    assert Touchpoint.objects.get(name="Order Delivered").properties == {"actor": "courier"}


def test_an_import_ends_with_needs_promises_and_contacts_followed(tmp_path):
    keeping.install_ready_made()
    catalogue.install_starter()
    steps = []
    rows = [
        ("ada", "Order Completed", "2024-03-01 08:00:00", "web", "1"),
        ("ada", "Support Ticket Opened", "2024-03-02 08:00:00", "email", "1"),
    ]
    path = write(tmp_path / "log.csv", *rows, header=("user_id", "event", "timestamp", "channel", "order_id"))
    import_file(Request(path), lambda step, *_: steps.append(step), lambda *_: None)
    need = Need.objects.get(kind="receive-my-order")
    assert (need.key, need.contacts) == ("1", 1) and "Needs" in steps and "Promises" in steps

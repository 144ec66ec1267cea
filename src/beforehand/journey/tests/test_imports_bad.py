"""Bad files: what can be read is imported, what cannot is listed with its line and why, and nothing is lost."""

import gzip
import os

import pytest

from beforehand.journey.imports.table import ImportFailed
from beforehand.journey.models import Source, Touchpoint
from beforehand.journey.tests.test_imports import bring, recorded, rejected

pytestmark = pytest.mark.django_db

HEAD = b"user_id,event,timestamp,note\n"
GOOD = b"ada,Paid,2024-03-01 08:00:00,x\n"


def put(tmp_path, content, name="log.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b",Paid,2024-03-01 08:00:00,x", "no customer"),
        (b"ada, ,2024-03-01 08:00:00,x", "no name"),
        (b"ada,Paid,,x", "no time"),
        (b"ada,Paid,yesterday,x", "the time cannot be read: yesterday"),
        (b"ada,Paid,2024-02-30 08:00:00,x", "the time cannot be read: 2024-02-30 08:00:00"),
        (b"ada,Paid,1970-01-01 00:00:00,x", "dated 1970-01-01, which is what a missing time looks like"),
        (b"ada,Paid,1066-10-14 00:00:00,x", "dated before 1900"),
        (b"ada,Paid,2099-01-01 00:00:00,x", "dated in the future"),
        (b"ada,Paid,12345-01-01 00:00:00,x", "the time cannot be read: 12345-01-01 00:00:00"),
        (b"guest,Paid,2024-03-01 08:00:00,x", "the customer is a value that names nobody: guest"),
        (b"null,Paid,2024-03-01 08:00:00,x", "the customer is a value that names nobody: null"),
        (b"u" * 201 + b",Paid,2024-03-01 08:00:00,x", "the customer's identifier is longer than 200 characters"),
        (b"ada,Paid,2024-03-01 08:00:00", "too few columns: 3 where the header has 4"),
        (b"ada,Paid,2024-03-01 08:00:00,x,y", "too many columns: 5 where the header has 4"),
        (b'ada,"Paid"!,2024-03-01 08:00:00,x', "a quotation mark is not closed"),
    ],
)
def test_a_bad_row_is_listed_and_the_rest_imported(tmp_path, row, reason):
    summary = bring(put(tmp_path, HEAD + GOOD + row + b"\n" + GOOD.replace(b"ada", b"bob")))
    assert rejected(summary) == [(3, reason, row.decode())]
    assert [found[0] for found in recorded()] == ["ada", "bob"]
    assert (summary.read, summary.added, summary.rejected) == (3, 2, 1)


def test_times_that_are_not_believed_are_believed_when_told_to(tmp_path):
    rows = b"ada,Paid,1970-01-01 00:00:00,x\nada,Paid,2099-01-01 00:00:00,x\nada,Paid,1066-10-14 00:00:00,x\n"
    assert bring(put(tmp_path, HEAD + rows), any_time=True).added == 3


def test_lines_are_counted_as_people_see_them(tmp_path):
    """A quoted line break and an empty line before a bad row move its line, though not its number among the rows."""
    quoted = b'ada,Paid,2024-03-01 08:00:00,"two\nlines"\n'
    rows = [quoted, b"\n", b"ada,Paid,never,x\n", quoted, b"ada,Paid\n", b'ada,Paid,nor now,"a\nb"\n', GOOD]
    summary = bring(put(tmp_path, HEAD + b"".join(rows)))
    assert sorted(rejected(summary)) == [
        (5, "the time cannot be read: never", "ada,Paid,never,x"),
        (8, "too few columns: 2 where the header has 4", "ada,Paid"),
        (9, "the time cannot be read: nor now", 'ada,Paid,nor now,"a\nb"'),
    ]
    assert Touchpoint.objects.filter(properties__contains="two\\nlines").count() == 2


def test_bad_bytes_among_good_utf8_are_bad_rows(tmp_path):
    good = "ada,Bezahlt für Öl,2024-03-01 08:00:00,äöü\n".encode()
    summary = bring(put(tmp_path, HEAD + good + b"bob,Paid,2024-03-01 08:00:00,\xff\xfe\n" + good))
    assert [(line, reason) for line, reason, _ in rejected(summary)] == [(3, "not valid UTF-8")]
    assert {row[1] for row in recorded()} == {"Bezahlt für Öl"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"])
def test_an_encoding_is_guessed(tmp_path, encoding):
    text = HEAD.decode() + "".join(
        f"u{n},Réclamation envoyée à l’été,2024-03-01 08:00:00,déjà vu: où ça ?\n".replace("’", "'") for n in range(20)
    )
    bring(put(tmp_path, text.encode(encoding)))
    assert {row[1] for row in recorded()} == {"Réclamation envoyée à l'été"}


def test_an_encoding_can_be_told(tmp_path):
    row = "ada,Dziękuję,2024-03-01 08:00:00,żółć\n"
    bring(put(tmp_path, HEAD + row.encode("cp1250")), encoding="cp1250")
    assert recorded()[0][1] == "Dziękuję"
    with pytest.raises(ImportFailed, match="no encoding “klingon”"):
        bring(put(tmp_path, HEAD + GOOD), encoding="klingon")


def test_a_nul_becomes_a_mark(tmp_path):
    bring(put(tmp_path, HEAD + b"ada,Pa\0id,2024-03-01 08:00:00,n\0te\n"))
    assert recorded()[0][1] == "Pa\ufffdid"
    assert recorded()[0][5] == {"note": "n\ufffdte"}


def test_a_nul_in_json_becomes_a_mark(tmp_path):
    row = (
        b'{"user_id":"ada","event":"Pa\\u0000id","timestamp":"2024-03-01","note":"n\\u0000te","folder":"C:\\\\u0000"}\n'
    )
    bring(put(tmp_path, row, "log.jsonl"))
    assert recorded()[0][1] == "Pa\ufffdid"
    assert recorded()[0][5] == {"note": "n\ufffdte", "folder": "C:\\u0000"}


def test_a_long_field_is_kept_and_a_long_name_cut(tmp_path):
    long = b"x" * 100_000
    bring(put(tmp_path, HEAD + b"ada,%s,2024-03-01 08:00:00,%s\n" % (long, long)))
    assert (len(recorded()[0][1]), len(recorded()[0][5]["note"])) == (200, 100_000)


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_other_line_endings(tmp_path, ending):
    summary = bring(put(tmp_path, (HEAD + GOOD + b"ada,Paid,never,x\n").replace(b"\n", ending)))
    assert (summary.added, rejected(summary)[0][0]) == (1, 3)


def test_line_endings_that_are_mixed(tmp_path):
    bob, eve = GOOD.replace(b"ada", b"bob"), GOOD.replace(b"ada", b"eve")
    bring(put(tmp_path, HEAD + GOOD.replace(b"\n", b"\r\n") + bob + eve.replace(b"\n", b"\r\n")))
    assert [row[0] for row in recorded()] == ["ada", "bob", "eve"]
    assert {row[5]["note"] for row in recorded()} == {"x"}


def test_bad_lines_of_json(tmp_path):
    good = b'{"user_id":"ada","event":"Paid","timestamp":"2024-03-01"}\n'
    deep = b'{"user_id":' + b"[" * 32_000 + b"]" * 32_000 + b',"event":"Deep","timestamp":"2024-03-01"}\n'
    summary = bring(
        put(tmp_path, good + b"{broken\n" + b"\n" + b"[1]\n" + b'{"event":"\xff"}\n' + deep + good, "log.jsonl")
    )
    assert [(line, reason.split(":")[0]) for line, reason, _ in sorted(rejected(summary))] == [
        (2, "not valid JSON"),
        (3, "an empty line"),
        (4, "not an object"),
        (5, "not valid UTF-8"),
        (6, "the customer's identifier is longer than 200 characters"),
    ]
    assert summary.added == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("log.csv", b"", "log.csv is empty"),
        ("log.csv", HEAD, "nothing below it"),
        ("log.csv", b"one column\nonly\n", "the first line has 1 column"),
        ("log.csv", b"a,b,c\n1,2,3\n", "Which column holds the customer and the name and the time"),
        ("log.csv", HEAD + b"guest,Paid,2024-03-01,x\n", "No row could be read; most often"),
        ("log.csv", HEAD + b"ada,Paid,soon,x\n", "Which column holds the time"),
        ("log.xlsx", b"PK", "says nothing about the format"),
        ("log.json", b'[{"a": 1}]', "one JSON array"),
        ("log.jsonl", b"hello\n", "None of the first lines holds a JSON object"),
        ("log.parquet", b"PAR1 but not really", "cannot be read as Parquet"),
        ("log.xes", b"<log><trace>", "not well-formed XML"),
        ("log.xes", b"<log></log>", "holds no event"),
        ("log.xes", b'<!DOCTYPE x [<!ENTITY a "b">]><log>&a;</log>', "declares XML entities"),
        ("log.csv.gz", gzip.compress(HEAD + os.urandom(5000))[:2000], "the .gz file is not complete"),
        ("log.csv.gz", b"\x1f\x8b\x08\x00" + b"x" * 100, "damaged"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_a_clear_error(tmp_path, name, content, words):
    with pytest.raises(ImportFailed, match=words):
        bring(put(tmp_path, content, name))
    assert Touchpoint.objects.count() == 0


def test_a_column_that_is_not_there_is_an_error_that_lists_those_that_are(tmp_path):
    with pytest.raises(
        ImportFailed, match=r"no column “Nmae”. The columns are: “user_id”, “event”, “timestamp”, “note”"
    ):
        bring(put(tmp_path, HEAD + GOOD), columns={"name": "Nmae"})


def test_names_of_columns_that_are_odd_or_stand_there_twice(tmp_path):
    head = b'user_id,event,timestamp,Note,note,,it\'s "q",Note\n'
    path = put(tmp_path, head + b"ada,Paid,2024-03-01 08:00:00,1,2,3,4,5\n")
    bring(path)
    assert recorded()[0][5] == {"Note": "1", "note": "2", "column 6": "3", 'it\'s "q"': "4", "Note 8": "5"}


def test_a_source_that_is_no_file_s_is_refused(tmp_path):
    Source.objects.create(name="site", kind=Source.Kind.BROWSER)
    with pytest.raises(ImportFailed, match="is for browser"):
        bring(put(tmp_path, HEAD + GOOD), source="site")
    with pytest.raises(ImportFailed, match="1 to 120 characters"):
        bring(put(tmp_path, HEAD + GOOD), source="x" * 121)


def test_an_identifier_kind_can_be_told(tmp_path):
    bring(put(tmp_path, HEAD + b"+353 1 234 5678,Called,2024-03-01 08:00:00,x\n"), customer_kind="phone")
    assert recorded()[0][0] == "+35312345678"

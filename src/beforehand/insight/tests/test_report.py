"""The report: the same numbers on the page, for machines and in the terminal; nothing fetched from anywhere."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from rich.console import Console

from beforehand.cli.report import report as command
from beforehand.insight import report
from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.knowing import know
from beforehand.insight.report import contents as gathering
from beforehand.insight.report.terminal import show
from beforehand.insight.segments import Segment
from beforehand.insight.tests.journeys import at, snapshot

FOUND = Found(
    kind="change", name="cart", to="help", segment="channel=web", start="2024-01-09", end="2024-02-20", value=0.31,
    low=0.26, high=0.36, unit="share", baseline=0.08, customers=41, n=260, p=0.001,
    sentence="From 9 January to 20 February, customers wrote <more>.", rank=1,
)  # fmt: skip
SHOP = [
    row
    for customer in range(1, 41)
    for row in (
        (customer, at(customer % 9, customer), "ad", "web"),
        (customer, at(customer % 9, customer + 5), "cart", "web"),
        (customer, at(customer % 9, customer + 9 + customer % 7), "buy" if customer % 3 else "help", "web"),
        (customer, at(customer % 9 + 7, customer), "nps", "mail", f'{{"score": {customer % 11}}}'),
    )
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def gathered(monkeypatch):
    monkeypatch.setattr(gathering, "breaks", lambda reader: [FOUND])
    return report.gather(snapshot(SHOP), date(2024, 1, 1), date(2024, 1, 31))


class Outside(HTMLParser):
    """Everything in a page that would be fetched or run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        names = {name for name, _ in attributes}
        if tag in {"script", "link", "img", "iframe", "object", "base"} or names & {"src", "href", "style", "onclick"}:
            self.found.append((tag, attributes))


def test_the_page_needs_nothing_from_anywhere(gathered):
    page = report.page(gathered)
    outside = Outside()
    outside.feed(page)
    assert outside.found == []
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", page)
    assert "--accent:" in page and "@page" in page and "light-dark(" in page


def test_the_page_opens_with_the_worst_break_and_its_interval(gathered):
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", report.page(gathered), flags=re.DOTALL)
    assert text.index("wrote &lt;more&gt;") < text.index("The journey in numbers")
    for part in ("31.0", "[26.0–36.0]", "8.0", "n = 260"):
        assert part in text[: text.index("The journey in numbers")]


def test_the_page_says_what_the_measures_say(gathered):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", report.page(gathered)))
    assert "160 touchpoints · 40 customers" in text
    assert "Net promoter score" in text and "Way to value" in text
    for result in gathered.results.values():
        assert result.title in text


def test_numbers_for_machines(gathered):
    found = json.loads(json.dumps(report.numbers(gathered), allow_nan=False))
    assert (found["touchpoints"], found["customers"]) == (160, 40)
    assert {key: found["transitions"][0][key] for key in ("from", "to", "n", "mean_seconds")} == {
        "from": "ad",
        "to": "cart",
        "n": 40,
        "mean_seconds": 300.0,
    }
    assert found["transitions"][0]["p90_seconds"] == 300
    assert found["breaks"][0]["value"] == 0.31 and found["breaks"][0]["sentence"] == FOUND.sentence
    assert found["measures"]["nps"]["n"] == 40 and found["measures"]["nps"]["low"] < found["measures"]["nps"]["value"]
    assert found["period"] == {"from": "2024-01-01", "to": "2024-01-31"}
    assert found["version"] and found["generated_at"]


def test_the_terminal_says_the_same(gathered):
    out = io.StringIO()
    show(gathered, Console(file=out, width=120))
    assert (
        "Where it breaks" in out.getvalue() and "31.0" not in out.getvalue().split("The journey")[1].split("Waits")[0]
    )
    assert FOUND.sentence in out.getvalue()


def test_excess_contacts_are_ranked_among_the_breaks_and_known_ones_come_last(monkeypatch):
    many = replace(FOUND, kind="excess", name="late", segment="", sentence="Late parcels.", unit="count", excess=61.0)
    some, known = replace(FOUND, excess=40.0), replace(FOUND, kind="wait", sentence="Known.", excess=99.0)
    monkeypatch.setattr(gathering, "run_scan", lambda reader: [some, known])
    monkeypatch.setattr(gathering, "said", lambda one, labels: one)
    monkeypatch.setattr(gathering, "excess_contacts", lambda reader: [many])
    know(known, "The move of the warehouse.")
    found = report.gather(snapshot(SHOP), date(2024, 1, 1), date(2024, 1, 31))
    assert [(one.rank, one.kind) for one in found.breaks] == [(1, "excess"), (2, "change"), (3, "wait")]
    assert [one["kind"] for one in report.numbers(found)["breaks"]] == ["excess", "change", "wait"]
    page = report.page(found)
    assert (
        page.index("Late parcels.") < page.index("wrote &lt;more&gt;") and "contacts that would not have come" in page
    )
    out = io.StringIO()
    show(found, Console(file=out, width=120))
    assert out.getvalue().index("Late parcels.") < out.getvalue().index(FOUND.sentence)


def test_breaks_outside_the_period_or_of_others_are_left_out(gathered):
    assert gathering.concerns(FOUND, date(2024, 2, 20), date(2024, 3, 1), None)
    assert not gathering.concerns(FOUND, date(2024, 2, 21), date(2024, 3, 1), None)
    assert gathering.concerns(FOUND, date(2024, 1, 1), date(2024, 3, 1), Segment("channel", "web"))
    assert not gathering.concerns(FOUND, date(2024, 1, 1), date(2024, 3, 1), Segment("channel", "mail"))


def test_a_report_of_nothing_is_a_report(monkeypatch):
    empty = report.gather(snapshot([]), date(2024, 1, 1), date(2024, 1, 31))
    assert "No break found" in report.page(empty)
    assert report.numbers(empty)["touchpoints"] == 0
    show(empty, Console(file=io.StringIO()))


def test_the_command_on_an_empty_folder(tmp_path):
    done = CliRunner().invoke(command, ["--html", str(tmp_path / "a.html"), "--json", str(tmp_path / "a.json")])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "a.json").read_text())["customers"] == 0
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")


def test_the_command_refuses_a_period_backwards_and_a_folder_that_is_none():
    backwards = CliRunner().invoke(command, ["--from", "2024-02-01", "--to", "2024-01-01"])
    assert backwards.exit_code == 1 and "before it starts" in backwards.output
    nowhere = CliRunner().invoke(command, ["--json", "/no/such/folder/a.json"])
    assert nowhere.exit_code == 1 and "cannot be written" in nowhere.output

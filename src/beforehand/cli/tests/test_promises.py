"""`beforehand promises` lists promises and the rules that make them."""

import pytest
from click.testing import CliRunner

from beforehand.cli import cli
from beforehand.journey.tests.people import ANA, happened


@pytest.fixture(autouse=True)
def record(transactional_db, monkeypatch):
    monkeypatch.setattr("beforehand.cli.promises.ready", lambda: None)


def run(*words):
    return CliRunner().invoke(cli, ["promises", *words])


def test_promises_are_listed_with_their_state():
    assert run("list").output == "There is no such promise.\n"
    happened(ANA, ("Refund Promised", {"order_id": "1", "due": "2026-03-05"}))
    assert "2026-03-05 23:59  broken       refund to" in run("list").output
    assert run("list", "--state", "open").output == "There is no such promise.\n"


def test_a_rule_makes_promises_of_what_was_recorded_before():
    happened(ANA, ("Visit Agreed", {"on": "2026-03-05"}), "Visit Paid")
    assert run("list").output == "There is no such promise.\n"
    made = run("rule", "Visit Agreed", "--kept-by", "Visit Paid", "--due", "on")
    assert made.output.startswith("Visit Agreed: version 1.")
    assert "Visit Agreed: Visit Agreed, kept by Visit Paid; due at “on”, else within 7 days" in run("rules").output
    assert "kept         Visit Agreed to" in run("list").output


def test_a_rule_without_evidence_is_refused():
    told = run("rule", "Visit Agreed")
    assert told.exit_code == 1
    assert "by which touchpoint" in told.output

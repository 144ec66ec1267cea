"""truth.json and the rows behind it agree with the log, with one another and with what was planted."""

import json
import time
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner

from beforehand.cli.simulate import simulate as command
from beforehand.demo.company import CAUSES, files, simulate, small, tables
from beforehand.demo.company.life import live
from beforehand.demo.company.needs import HORIZONS
from beforehand.demo.company.plan import DAY, Plan
from beforehand.demo.company.table import Table, places
from beforehand.demo.company.texts import SLOT, phrases
from beforehand.demo.company.topics import CAUSES_OF_CONTACT, CHANNELS, CONTACT_NAMES, KINDS, TOPICS
from beforehand.demo.company.truth import attributable, of_cause, truth


@pytest.fixture(scope="module")
def company():
    return simulate(1200, 150, 3)


@pytest.fixture(scope="module")
def told(company):
    return truth(company)


@pytest.fixture(scope="module")
def db(company):
    connection = duckdb.connect()
    tables.register(company, connection)
    yield connection
    connection.close()


def test_every_contact_is_in_the_log_with_its_text(company, db):
    rows = db.execute(
        "select name, channel, properties->>'text' from touchpoints where name in (select name from catalogue"
        " where kind = 'contact') order by time"
    ).fetchall()
    contacts = company.contacts
    assert [row[0] for row in rows] == [CONTACT_NAMES[channel] for channel in contacts.channel]
    assert [row[1] for row in rows] == [CHANNELS[channel] for channel in contacts.channel]
    assert [row[2] for row in rows] == company.texts[: len(contacts)]


def test_texts_have_no_unfilled_slots_and_differ(company):
    assert all(text and not SLOT.search(text) and "  " not in text for text in company.texts)
    said = company.texts[: len(company.contacts)]
    assert len(set(said)) > 0.9 * len(said)


def test_every_topic_has_enough_to_say():
    book = phrases()
    assert set(TOPICS) <= set(book)
    assert all(len(book[topic]) >= 3 for topic in TOPICS)
    slots = {slot for texts in book.values() for text in texts for slot in SLOT.findall(text)}
    assert slots <= {"product", "store", "days", "weekday", "name", "number"}


def test_numbers_in_texts_are_true(company):
    kinds = [KINDS.index(kind) for kind in ("receive-my-order", "return-it", "get-my-money-back")]
    known = {str(number) for number in company.life["orders"].number.tolist()}
    said = 0
    for text, kind in zip(company.texts, company.contacts.kind.tolist(), strict=False):
        numbers = [word.strip(".,()") for word in text.split() if word.strip(".,()").isdigit() and len(word) > 5]
        said += bool(numbers)
        assert kind not in kinds or set(numbers) <= known
    assert said > 0.1 * len(company.contacts)


def test_what_is_lost_is_blocked_in_browsers_or_was_not_scanned(company):
    lost = company.touchpoints.take(company.touchpoints.lost)
    names = {company.words["name"][number] for number in np.unique(lost.name)}
    assert 0 < len(lost) < 0.1 * len(company.touchpoints)
    assert not names & {*CONTACT_NAMES, "Order Completed", "Payment Failed", "Delivery Delayed", "Refund Promised"}


def test_answers_depend_on_what_was_felt(company):
    """The unhappy answer the question about service more often, and the other one less."""
    csat, nps = (company.told.surveys[name] for name in ("csat", "nps"))
    assert csat["mean_of_answers"] < csat["mean_of_all"] - 0.1
    assert nps["mean_of_answers"] > nps["mean_of_all"] + 0.1
    assert csat["answered"] < 0.6 * csat["asked"]


def test_needs_hang_together(company):
    needs, contacts = company.needs, company.asked
    assert len(np.unique(needs.key)) == len(needs)
    assert (needs.met >= needs.opened).all()
    assert not (np.isfinite(needs.met) & np.isfinite(needs.abandoned)).any()
    assert np.isin(contacts.need, needs.key).all()
    assert (needs.kind[places(contacts.need, needs.key)] == contacts.kind).all()
    assert not (needs.beforehand[needs.contacts > 0] == 1).any()
    assert (needs.beforehand[needs.kind == KINDS.index("unknown")] < 1).all()


def test_horizons_are_those_of_the_ready_made_kinds():
    from beforehand.journey.needs.keeping import ready_made

    assert {kind.kind: kind.horizon / DAY for kind in ready_made()} == HORIZONS


def test_a_need_that_is_met_beforehand_was_met_in_time_and_quietly(company):
    needs = company.needs.take(company.needs.beforehand == 1)
    quiet = Table(key=needs.key, until=needs.met + 7 * DAY, opened=needs.opened)
    assert (needs.met - needs.opened <= needs.horizon).all()
    at = places(company.asked.need, quiet.key)
    time_ = company.asked.time
    assert not ((at >= 0) & (time_ >= quiet.opened[at]) & (time_ <= quiet.until[at])).any()


def test_slow_downs_lie_where_they_were_planted(company):
    stuck = company.stuck
    assert (stuck.end - stuck.start >= DAY).all()
    planted = company.troubles.need[np.isin(company.troubles.sort, [1, 3, 5])]
    assert np.isin(planted[np.isin(planted, company.needs.key)], stuck.key).mean() > 0.9


def test_truth_adds_up(company, told):
    assert told["contacts"] == len(company.contacts) == sum(told["contacts_by_cause"].values())
    assert set(told["contacts_by_cause"]) <= set(CAUSES_OF_CONTACT)
    for cause, of in told["causes"].items():
        assert of["contacts"] == of["added"] - of["removed"]
        assert of["added"] == sum(of["by_cause"].values())
        assert abs(of["added"] - of["marked"]) <= 0.1 * of["marked"] + 3, cause
        assert of["silent"] <= of["troubles"]
    assert (
        told["promises"]["broken"] == (company.life["returns"].late & (company.life["returns"].due < 150 * DAY)).sum()
    )


def test_a_cause_that_is_off_did_nothing():
    without = simulate(300, 60, 3, set(CAUSES))
    assert {cause: attributable(without)[cause] for cause in CAUSES} == dict.fromkeys(CAUSES, 0)
    assert set(truth(without)["causes"]) == {"slow", "everyday"}


def test_an_unknown_cause_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"no cause “weather”.*courier"):
        Plan(10, 30, 1, frozenset({"weather"}))


def test_small_companies_have_a_few_hundred_contacts_of_each_cause_in_weeks_of_their_own():
    plans = [small(seed) for seed in (11, 12)]
    assert plans[0].weeks != plans[1].weeks
    began = time.perf_counter()
    counts = attributable(live(plans[0]))
    print(f"a small company in {time.perf_counter() - began:.2f} s: {counts}")
    assert all(counts[cause] >= 200 for cause in CAUSES)
    without = live(small(11, ["courier"]))
    assert abs(of_cause(live(plans[0]), "courier", without)["contacts"] - counts["courier"]) < 0.1 * counts["courier"]


def test_the_command_writes_what_the_import_reads(tmp_path: Path):
    arguments = ["--customers", "80", "--days", "60", "--seed", "4", "--end", "2026-11-01", "--out", str(tmp_path)]
    result = CliRunner().invoke(command, [*arguments, "--off", "release"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert told["off"] == ["release"]
    assert "release" not in told["causes"]
    log = duckdb.sql(f"select * from '{tmp_path / 'touchpoints.parquet'}'")
    assert len(log) == told["touchpoints"] > 500
    assert "kind: receive-my-order" in (tmp_path / "kinds.yaml").read_text(encoding="utf-8")
    assert {"customer", "name", "time", "channel", "place", "order_id", "text"} <= set(log.columns)
    assert files.touchpoints(simulate(80, 60, 4, ["release"], end=company_end())).num_rows == told["touchpoints"]


def company_end():
    from datetime import UTC, datetime

    return datetime(2026, 11, 1, tzinfo=UTC)


def test_the_command_refuses_a_cause_that_there_is_not(tmp_path: Path):
    result = CliRunner().invoke(command, ["--off", "weather", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "weather" in result.output

"""What the scheduler does for needs, and what a person is given of theirs."""

import pytest

from beforehand.customers.identity import Claim
from beforehand.journey import journeys, lake
from beforehand.journey.catalogue import correct
from beforehand.journey.lake import fact_files
from beforehand.journey.models import Need, NeedChanged, NeedKind
from beforehand.journey.needs import baselines, keeping, upkeep
from beforehand.journey.tests.needs import RECEIVE, UNKNOWN, definition
from beforehand.journey.tests.people import happened
from beforehand.lib.bus import emit

pytestmark = pytest.mark.django_db
ORDER = {"order_id": 1}


@pytest.fixture(autouse=True)
def ordered(monkeypatch):
    monkeypatch.setattr(baselines, "_looked", 0.0)
    NeedKind.objects.all().delete()
    correct("Email Received", kind="contact")
    keeping.keep_all([definition(RECEIVE), definition(UNKNOWN)])
    identifier = happened(Claim("user_id", "u", True), ("Order Completed", ORDER), ("Email Received", ORDER))
    journeys.follow()
    return identifier


def test_the_scheduler_follows_and_makes_the_first_files():
    upkeep.keep_up()
    assert Need.objects.count() == 1
    assert {file.table for file in fact_files.live()} == {"needs", "need_steps", "contacts"}
    assert not NeedChanged.objects.exists()


def test_a_few_changes_wait_and_are_read_from_the_record_meanwhile():
    upkeep.keep_up()
    files = {file.path for file in fact_files.live()}
    happened(Claim("user_id", "u", True), ("Order Delivered", ORDER))
    upkeep.keep_up()
    assert {file.path for file in fact_files.live()} == files
    with lake.reader() as reader:
        assert reader.db.execute("select count(met) from needs").fetchone() == (1,)


def test_many_changes_are_worth_new_files(monkeypatch):
    upkeep.keep_up()
    files = {file.path for file in fact_files.live()}
    monkeypatch.setattr(upkeep, "MANY", 1)
    happened(Claim("user_id", "u", True), ("Order Delivered", ORDER))
    upkeep.keep_up()
    assert not {file.path for file in fact_files.live()} & files
    assert not NeedChanged.objects.exists()


def test_whoever_asks_for_their_data_gets_their_needs_and_contacts(ordered):
    upkeep.keep_up()
    customer = Need.objects.get().customer_id
    parts = emit("customers.export", customers=[customer], identifiers=[ordered])
    (found,) = [part for part in parts if part and "needs" in part]
    assert found["needs"][0]["kind"] == "receive" and found["needs"][0]["contacts"] == 1
    assert found["contacts"][0]["name"] == "Email Received"

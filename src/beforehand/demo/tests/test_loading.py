"""The company in the record is the company that was simulated: its touchpoints, its people, its needs."""

from datetime import UTC, datetime

import duckdb
import numpy as np
import pytest

from beforehand.customers.models import Company as Account
from beforehand.customers.models import Customer, Identifier
from beforehand.demo import opening
from beforehand.demo.company.files import micros
from beforehand.demo.company.life import live
from beforehand.demo.company.loading import load
from beforehand.demo.company.meanings import MEANINGS
from beforehand.demo.company.plan import DAY
from beforehand.demo.company.tables import register
from beforehand.demo.company.topics import KINDS
from beforehand.journey import lake
from beforehand.journey.models import CatalogueEntry, Journey, Need, Promise, Touchpoint

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def company():
    company = live(opening.plan(customers=60, days=120, end=END))
    load(company, END)
    return company


def test_it_goes_in_by_the_usual_verbs(company):
    assert not opening.is_empty()
    kept = ~company.touchpoints.lost
    assert Touchpoint.objects.count() == kept.sum() > 1000
    assert Journey.objects.count() == Customer.objects.filter(current=True).count()
    assert Account.objects.exists()
    assert Promise.objects.count() == (company.life["returns"].time < company.plan.length).sum()
    with lake.reader() as snapshot:
        assert snapshot.db.execute("select count(*) from touchpoints").fetchone() == (kept.sum(),)
    assert lake.check() == []


def test_the_tables_without_a_record_are_what_the_lake_gives(company):
    """Names, times, properties and what came before: the same, but for the numbers of customers."""
    columns = (
        "name, time, channel, place, actor, previous, round(gap, 3), json_extract_string(properties, '$.order_id')"
    )
    with duckdb.connect() as db, lake.reader() as snapshot:
        db.execute("set TimeZone = 'UTC'")
        register(company, db)
        asked = f"select {columns} from touchpoints order by time, name"
        assert db.execute(asked).fetchall() == snapshot.db.execute(asked).fetchall()


def test_what_happens_later_can_be_left_out(db):
    company = live(opening.plan(customers=40, days=60, end=END))
    load(company, END, until=30 * DAY)
    kept = ~company.touchpoints.lost & (company.touchpoints.time < 30 * DAY)
    assert Touchpoint.objects.count() == kept.sum() > 100


def test_a_second_time_adds_nothing(company):
    assert load(company, END) == 0


def test_every_name_has_its_meaning(company):
    assert set(company.words["name"]) <= set(MEANINGS)
    assert CatalogueEntry.objects.filter(name="Email Received", guessed=False).latest("version").kind == "contact"


def test_nothing_lies_in_the_future_nor_before_the_first_day(company):
    assert Touchpoint.objects.latest("time").time < END
    assert Touchpoint.objects.earliest("time").time >= company.plan.start


def test_who_browsed_before_logging_in_is_one_customer_but_for_devices_that_are_never_joined(company):
    joined = Customer.objects.filter(identifiers__kind="anonymous_id").filter(identifiers__kind="user_id")
    assert joined.exists()
    assert all(customer.name for customer in joined)
    other = Identifier.objects.filter(value__startswith="other-")
    assert other.exists()
    assert all(one.customer_id == one.pk for one in other)


def test_needs_with_a_number_are_what_the_company_says(company):
    """Receive my order, return it, get my money back: opened and met at the very moment, but for lost scans."""
    lost = {f"{key:016x}" for key in company.touchpoints.key[company.touchpoints.lost].tolist()}
    for kind in ("receive-my-order", "return-it", "get-my-money-back", "understand-an-invoice"):
        needs = company.needs.take(company.needs.kind == KINDS.index(kind))
        truth = {
            (str(number), opened): met
            for number, opened, met in zip(
                needs.number.tolist(),
                micros(company, needs.opened).tolist(),
                [None if np.isinf(met) else int(micros(company, np.array([met]))[0]) for met in needs.met],
                strict=True,
            )
        }
        found = {
            (need.key, round(need.opened.timestamp() * 1e6)): need.met and round(need.met.timestamp() * 1e6)
            for need in Need.objects.filter(kind=kind)
        }
        assert set(found) == set(truth)
        wrong = [key for key in truth if found[key] != truth[key]]
        assert len(wrong) <= (len(lost) if kind == "receive-my-order" else 0) and len(wrong) <= 3

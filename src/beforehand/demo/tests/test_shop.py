from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest

from beforehand.customers.models import Company, Customer, Identifier
from beforehand.demo import shop
from beforehand.demo.visits import DAYS, STORIES
from beforehand.journey import lake
from beforehand.journey.models import CatalogueEntry, Journey, Touchpoint

END = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def happened():
    return shop.shop(shop.PEOPLE, shop.SEED, END)


def story(happened, key):
    """What happens to those concerned while the story runs, and at other times."""
    _, platform, region, begins, ends = STORIES[key]
    first, last = END - timedelta(days=begins), END - timedelta(days=ends)
    concerned = [w for w in happened if platform in ("", w.person.platform) and region in ("", w.person.region)]
    during = [w for w in concerned if first <= w.time < last]
    return during, [w for w in concerned if not first <= w.time < last]


def share(part, name, of):
    counts = Counter(what.name for what in part)
    return counts[name] / counts[of]


def test_the_shop_has_the_size_that_it_says(happened):
    assert 25_000 < len(happened) < 40_000
    assert len({what.person for what in happened}) == shop.PEOPLE


def test_the_same_seed_gives_the_same_shop_and_another_another():
    assert shop.shop(30, 1, END) == shop.shop(30, 1, END)
    assert shop.shop(30, 1, END) != shop.shop(30, 2, END)


def test_everything_lies_in_the_last_days_and_nothing_in_the_future(happened):
    assert min(what.time for what in happened) >= END - timedelta(days=DAYS + 1)
    assert max(what.time for what in happened) < END


def test_mobile_checkouts_go_in_circles_while_the_story_runs(happened):
    during, otherwise = story(happened, "loop")
    assert share(during, "Delivery address entered", "Payment started") > 2
    assert share(otherwise, "Delivery address entered", "Payment started") < 1.5


def test_parcels_to_the_west_are_late_and_asked_after_while_the_story_runs(happened):
    handed, waits = {}, {True: [], False: []}
    during, _ = story(happened, "courier")
    late = {id(what) for what in during}
    for what in happened:
        if what.name == "Parcel handed to the courier":
            handed[what.person] = what
        elif what.name == "Parcel delivered":
            start = handed[what.person]
            waits[id(start) in late].append((what.time - start.time).total_seconds() / 86400)
    assert mean(waits[True]) > mean(waits[False]) + 3


@pytest.mark.django_db
def test_the_shop_goes_in_by_the_usual_verbs():
    assert shop.is_empty()
    added = shop.load(count=60, end=END)
    assert not shop.is_empty()
    assert added == Touchpoint.objects.count() > 300
    assert Journey.objects.count() == Customer.objects.filter(current=True).count() == 60
    assert Identifier.objects.filter(kind="anonymous_id").exists()
    assert Company.objects.exists()
    assert CatalogueEntry.objects.get(name="Wrote to us", guessed=False).kind == "contact"
    with lake.reader() as snapshot:
        assert snapshot.db.execute("select count(*) from touchpoints").fetchone() == (added,)
    assert lake.check() == []


@pytest.mark.django_db
def test_who_browsed_before_logging_in_is_one_customer():
    shop.load(count=60, end=END)
    joined = Customer.objects.filter(identifiers__kind="anonymous_id").filter(identifiers__kind="user_id")
    assert joined.exists()
    assert all(customer.name for customer in joined)

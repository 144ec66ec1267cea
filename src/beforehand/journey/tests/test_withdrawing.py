"""What is no part of a journey goes off it everywhere, and comes back as it was."""

import pytest

from beforehand.journey import journeys, lake
from beforehand.journey.lake.checking import check
from beforehand.journey.models import CatalogueEntry, Contact, Journey, Touchpoint
from beforehand.journey.needs import projection
from beforehand.journey.tests.lakes import happened, lake_rows, person, plain_rows
from beforehand.journey.withdrawing import bring_back, withdraw

pytestmark = pytest.mark.django_db
SAID = "Rang Up"


@pytest.fixture
def ada():
    CatalogueEntry.objects.create(name=SAID, kind="contact")
    who = person("ada")
    happened(who, "Order Placed", 1)
    happened(who, SAID, 2)
    happened(who, SAID, 3)
    happened(who, "Order Completed", 4)
    return who


def counted():
    journeys.follow()
    projection.follow()
    assert lake_rows() == plain_rows()
    return Journey.objects.get().touchpoints, list(Contact.objects.order_by("id").values_list("id", "cause", "need"))


@pytest.mark.parametrize("sealed", [False, True])
def test_what_is_withdrawn_counts_nowhere_and_all_agree(ada, sealed):
    if sealed:
        lake.seal()
    before = counted()
    numbers = list(Touchpoint.objects.values_list("id", flat=True))
    assert withdraw(numbers[:2], [SAID]) == 1  # the order bears another name: it stays
    touchpoints, contacts = counted()
    assert (touchpoints, [contact[0] for contact in contacts]) == (3, [numbers[2]])
    assert check() == []
    lake.compact()
    assert lake_rows() == plain_rows() and check() == []
    assert withdraw(numbers, [SAID]) == 1 and withdraw(numbers, [SAID]) == 0
    assert counted() == (2, [])
    assert bring_back(numbers, [SAID]) == 2 and bring_back(numbers, [SAID]) == 0
    assert counted() == before
    lake.compact()
    assert counted() == before and check() == []


def test_what_is_no_longer_known_is_nothing(ada):
    assert withdraw([10**9], [SAID]) == 0

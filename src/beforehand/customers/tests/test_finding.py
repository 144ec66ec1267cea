"""People are found by what somebody would type."""

import pytest

from beforehand.customers.finding import find
from beforehand.customers.identity import Claim, describe, identify
from beforehand.customers.tests.cast import ANA, BROWSER, MAIL, customer_of, identifier_of, tie

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    tie(ANA, MAIL)
    tie(ANA, BROWSER)
    describe([(identifier_of(ANA).pk, 1, {"name": "Ana Silva"})])
    return customer_of(ANA)


@pytest.mark.parametrize("words", ["ana", "Ana S", "ana s", "ana@shop.example", "ANA@SHOP", "b-1", " Ana  Silva "])
def test_a_name_or_an_identifier_or_the_beginning_of_one_finds(ana, words):
    assert find(words) == [ana]


@pytest.mark.parametrize("words", ["", " ", "silva", "%", "zz", "\0", "c-99999999999999999999999"])
def test_what_nothing_begins_with_finds_nobody(ana, words):
    assert find(words) == []


def test_an_old_number_leads_to_the_customer_it_was_joined_to(ana):
    assert find(f"c-{identifier_of(BROWSER).pk}") == [ana]


def test_exact_identifiers_come_first_and_the_list_is_short(ana):
    identify([Claim("external", f"ana{n:03}", True) for n in range(50)])
    found = find("ana", limit=20)
    assert found[0] == ana
    assert len(found) == 20

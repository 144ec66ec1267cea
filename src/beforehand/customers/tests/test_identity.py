"""Identifiers and edges make customers, whatever the order in which they arrive."""

import pytest

from beforehand.customers import identity
from beforehand.customers.identity import Claim, belong, connect, describe, identify, is_guarded, who
from beforehand.customers.models import Customer, Edge, Identifier, Membership
from beforehand.customers.tests.cast import ANA, BEN, BROWSER, MAIL, link
from beforehand.lib import bus

pytestmark = pytest.mark.django_db


def customer_of(claim: Claim) -> int:
    return Identifier.objects.get(pk=identify([claim])[claim]).customer_id


def test_identify_gives_the_same_identifier_again():
    assert identify([ANA, MAIL]) == identify([MAIL, ANA])
    assert Identifier.objects.count() == Customer.objects.count() == 2


def test_who_a_claim_names_is_made_once():
    new = who(ANA)
    assert new is not None and who(ANA) == new == Identifier.objects.get()
    assert who(Claim("email", "noreply@shop.example", True)) is None


def test_what_somebody_else_made_while_waiting_for_the_turn_is_taken(monkeypatch):
    made = []

    def wait():
        if not made:
            made.append(None)
            made[:] = [identify([BEN, ANA])]

    monkeypatch.setattr(identity, "take_turn", wait)
    assert identify([ANA])[ANA] == made[0][ANA]
    assert Identifier.objects.count() == 2


def test_every_identifier_brings_a_customer_of_the_same_id():
    for claim, id in identify([ANA, BROWSER]).items():
        assert customer_of(claim) == id


def test_ways_of_writing_one_address_are_one_identifier():
    written = [Claim("email", value, True) for value in (" Ana@Shop.example", "ana@shop.EXAMPLE ")]
    called = [Claim("phone", value, True) for value in ("+353 (1) 555-0100", "0035315550100")]
    ids = identify(written + called)
    assert len(set(ids.values())) == 2


def test_claimed_and_proved_are_two_identifiers_except_for_browsers():
    ids = identify([ANA, ANA._replace(proved=False), BROWSER, BROWSER._replace(proved=True)])
    assert ids[ANA] != ids[ANA._replace(proved=False)]
    assert ids[BROWSER] == ids[BROWSER._replace(proved=True)]


@pytest.mark.parametrize(
    "value",
    ["", " ", "null", "NULL", "None", "undefined", "NaN", "guest", "Anonymous", "anon", "unknown", "user", "test", "-1"]
    + ["0", "0000", "00000000-0000-0000-0000-000000000000", "[object Object]", "(not set)", "'null'", "n/a", "--", "…"]
    + ["ffffffff-ffff-ffff-ffff-ffffffffffff", "x" * 201, "half \ud800", "\0"],
)
def test_values_that_name_nobody_are_no_identifiers(value):
    assert is_guarded(value)
    assert identify([Claim("user_id", value, True)]) == {}


@pytest.mark.parametrize("value", ["1", "42", "x", "usertest", "1000", "-12", "Ünal", "null-island-7"])
def test_short_and_odd_values_that_name_somebody_are_identifiers(value):
    assert identify([Claim("user_id", value, True)])


@pytest.mark.parametrize("value", ["no-address", "noreply@shop.example", "@shop.example", "null@null", "guest@x"])
def test_addresses_of_nobody_are_no_identifiers(value):
    assert is_guarded(value, "email")


@pytest.mark.parametrize("value", ["0000000", "123", "11111111"])
def test_numbers_of_nobody_are_no_identifiers(value):
    assert is_guarded(value, "phone")


def test_verified_evidence_makes_one_customer_led_by_the_strongest_identifier():
    changed = connect([link(BROWSER, ANA)])
    assert customer_of(BROWSER) == customer_of(ANA) == identify([ANA])[ANA]
    assert changed == set(identify([ANA, BROWSER]).values())
    assert list(Customer.objects.filter(current=True).values_list("id", flat=True)) == [identify([ANA])[ANA]]


def test_what_is_known_already_changes_nothing(django_assert_num_queries):
    first = link(BROWSER, ANA)
    connect([first])
    with django_assert_num_queries(1):
        assert connect([first, first._replace(time=9)]) == set()


def test_two_accounts_stay_two_and_stand_in_the_review_list():
    connect([link(ANA, BROWSER, time=1), link(BEN, BROWSER, time=2)])
    assert customer_of(BROWSER) == customer_of(ANA) != customer_of(BEN)
    assert Edge.objects.get(skipped="accounts").first_id in identify([BEN, BROWSER]).values()


def test_older_evidence_that_arrives_later_wins_all_the_same():
    connect([link(BEN, BROWSER, time=2)])
    connect([link(ANA, BROWSER, time=1)])
    assert customer_of(BROWSER) == customer_of(ANA) != customer_of(BEN)


def test_a_claim_never_joins_a_known_customer():
    claimed = ANA._replace(proved=False)
    connect([link(BROWSER, claimed, Edge.Strength.CLAIMED, verified=False)])
    assert customer_of(BROWSER) == customer_of(claimed)
    connect([link(BROWSER, BEN, time=5)])
    assert customer_of(BROWSER) == customer_of(BEN) != customer_of(claimed)
    assert Edge.objects.get(skipped="claim").verified is False


def test_too_many_addresses_do_not_make_one_customer():
    mails = [Claim("email", f"m{n}@shop.example", True) for n in range(7)]
    connect([link(ANA, mail, time=n) for n, mail in enumerate(mails)])
    assert Identifier.objects.filter(customer_id=customer_of(ANA), kind="email").count() == 5
    assert Edge.objects.filter(skipped="limit").count() == 2


def test_the_latest_word_on_a_trait_holds_and_gives_the_name():
    ids = identify([ANA, BROWSER])
    connect([link(ANA, BROWSER)])
    describe(
        [(ids[ANA], 5, {"firstName": "Ana", "lastName": "Silva"}), (ids[ANA], 3, {"lastName": "Old", "plan": "x"})]
    )
    ana = Customer.objects.get(pk=ids[ANA])
    assert ana.name == "Ana Silva"
    assert Identifier.objects.get(pk=ids[ANA]).traits == {"firstName": "Ana", "lastName": "Silva", "plan": "x"}
    describe([(ids[BROWSER], 1, {"name": "Ana  Maria\nSilva"})])
    ana.refresh_from_db()
    assert ana.name == "Ana Maria Silva"


def test_people_belong_to_companies_since_they_were_first_seen_there():
    ids = identify([ANA])
    belong([(ids[ANA], "acme", 5, {"name": "Acme"}), (ids[ANA], "acme", 3, {"name": "Old"}), (ids[ANA], "null", 1, {})])
    membership = Membership.objects.get()
    assert membership.company.name == "Acme"
    assert membership.since.microsecond == 3


def test_the_rooms_above_hear_whose_touchpoints_changed_hands(monkeypatch):
    heard: list[set[int]] = []
    ids = identify([ANA, BROWSER, MAIL])
    listeners = {"identifiers.moved": [lambda identifiers: {ids[BROWSER]}]}
    listeners["customers.changed"] = [lambda customers: heard.append(customers)]
    monkeypatch.setattr(bus, "_listeners", listeners)
    connect([link(ANA, MAIL)])
    assert heard == []
    connect([link(ANA, BROWSER)])
    assert heard == [{ids[ANA], ids[BROWSER]}]


def test_a_name_that_thousands_claim_does_not_slow_down_the_next_one(monkeypatch):
    """What hangs on it is not looked at again for one more browser that says so."""
    shared = Claim("user_id", "shared", False)
    browsers = [Claim("anonymous_id", f"b-{n}", False) for n in range(130)]
    how = {"strength": Edge.Strength.CLAIMED, "verified": False}
    connect([link(shared, browser, time=n, **how) for n, browser in enumerate(browsers)])
    assert Identifier.objects.filter(customer_id=customer_of(shared)).count() == 101
    monkeypatch.setattr("beforehand.customers.joining.resolve", None)
    connect([link(shared, Claim("anonymous_id", f"late-{n}", False), time=200 + n, **how) for n in range(3)])
    assert Edge.objects.filter(skipped="limit").count() == 33


def test_an_older_claim_that_comes_later_takes_its_place_all_the_same():
    shared = Claim("user_id", "shared", False)
    how = {"strength": Edge.Strength.CLAIMED, "verified": False}
    browsers = [Claim("anonymous_id", f"b-{n}", False) for n in range(103)]
    connect([link(shared, browser, time=10 + n, **how) for n, browser in enumerate(browsers)])
    old = Claim("anonymous_id", "old", False)
    connect([link(shared, old, time=1, **how)])
    assert customer_of(old) == customer_of(shared) != customer_of(browsers[99])

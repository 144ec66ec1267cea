"""What a message says of people, and what it cannot say with a public key."""

import pytest

from beforehand.customers.identity import Claim
from beforehand.customers.models import Edge
from beforehand.journey.keys import identity_token
from beforehand.journey.ties import Tie, ties_of
from beforehand.journey.wire.message import Message

S = Edge.Strength
DEVICE = Claim("anonymous_id", "a1", False)


def message(**parts):
    return Message(0, "track", "m", "x", 0, 0, "web", "", "{}", "{}", **parts)


def test_a_server_vouches_for_its_ids():
    ties = ties_of(message(user_id="u1", anonymous_id="a1", traits={"email": "a@x.example", "phone": 5}), verified=True)
    user = Claim("user_id", "u1", True)
    assert ties.hangs == [user, DEVICE]
    assert ties.ties == [Tie(user, Claim("email", "a@x.example", True), True, S.SENT), Tie(user, DEVICE, True, S.SENT)]


def test_a_browser_only_claims_and_hangs_on_its_own_id():
    ties = ties_of(message(user_id="u1", anonymous_id="a1", traits={"email": "a@x.example"}), verified=False)
    user = Claim("user_id", "u1", False)
    assert ties.hangs == [DEVICE, user]
    assert not any(claim.proved for claim in ties.claims)
    assert not any(tie.verified for tie in ties.ties)
    assert {tie.strength for tie in ties.ties} == {S.CLAIMED}


def test_a_signed_token_proves_the_user_id_and_nothing_else():
    signed = message(user_id="u1", anonymous_id="a1", traits={"email": "a@x.example"}, token=identity_token("u1"))
    ties = ties_of(signed, verified=False)
    user = Claim("user_id", "u1", True)
    assert ties.hangs == [user, DEVICE]
    assert Tie(user, DEVICE, True, S.SIGNED) in ties.ties
    assert Tie(user, Claim("email", "a@x.example", False), False, S.CLAIMED) in ties.ties


@pytest.mark.parametrize("token", ["", "wrong", identity_token("u2")], ids=["none", "wrong", "of another"])
def test_somebody_elses_token_proves_nothing(token):
    ties = ties_of(message(user_id="u1", anonymous_id="a1", token=token), verified=False)
    assert not any(claim.proved for claim in ties.claims)


@pytest.mark.parametrize(
    ("previous", "claim"),
    [
        ("old-account", Claim("user_id", "old-account", True)),
        ("0b9a0c2f-4f1c-4d11-8d11-0c2f4f1c8d11", Claim("anonymous_id", "0b9a0c2f-4f1c-4d11-8d11-0c2f4f1c8d11", False)),
        ("anon-77", Claim("anonymous_id", "anon-77", False)),
    ],
)
def test_an_alias_ties_the_previous_id(previous, claim):
    ties = ties_of(message(user_id="u1", previous_id=previous), verified=True)
    assert ties.ties == [Tie(Claim("user_id", "u1", True), claim, True, S.ALIAS)]


def test_external_ids_carry_their_type():
    ties = ties_of(message(anonymous_id="a1", externals=(("crm", "7"),)), verified=True)
    assert Claim("external", "crm:7", True) in ties.claims

"""People and evidence that the tests of this room share."""

from datetime import UTC, datetime

from beforehand.customers.identity import Claim, Link, connect, identify
from beforehand.customers.models import Customer, Edge, Identifier
from beforehand.team.models import Member

ANA = Claim("user_id", "ana", True)
BEN = Claim("user_id", "ben", True)
BROWSER = Claim("anonymous_id", "b-1", False)
MAIL = Claim("email", "ana@shop.example", True)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def link(first: Claim, second: Claim, strength: int = Edge.Strength.SENT, verified: bool = True, time: int = 1) -> Link:
    ids = identify([first, second])
    return Link(ids[first], ids[second], verified, strength, time, "test")


def tie(first: Claim, second: Claim, **how: object) -> None:
    connect([link(first, second, **how)])


def identifier_of(claim: Claim) -> Identifier:
    return Identifier.objects.get(pk=identify([claim])[claim])


def customer_of(claim: Claim) -> Customer:
    return identifier_of(claim).customer


def member(role: str = "owner") -> Member:
    return Member.objects.create_user(f"{role}@shop.example", name=role.title(), role=role)

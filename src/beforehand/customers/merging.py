"""What members say about who is who: joining customers, taking it back, and deciding what was left to them.

A member's word is an edge like any other, only that it is always taken. Taking back is a row beside the edge, so what
follows from the edges is as if it had never been said; the audit keeps who said it.
"""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from beforehand.customers.identity import Link, connect
from beforehand.customers.joining import rejoin
from beforehand.customers.models import Customer, Edge, Identifier, Revocation
from beforehand.lib.fields import to_micros
from beforehand.lib.turns import take_turn
from beforehand.team.models import AuditEntry, Member

MEMBER = Edge.Strength.MEMBER
Pair = tuple[int, int]


class CannotMerge(Exception):
    """These two cannot be joined; the message says why."""


def merge(one: Customer, other: Customer, by: Member | None = None) -> Edge:
    """Make one customer of two. Nothing is moved: see `undo`."""
    with transaction.atomic():
        take_turn()
        one.refresh_from_db()
        other.refresh_from_db()
        if one == other:
            raise CannotMerge(_("This is one and the same customer. Choose another."))
        if not (one.current and other.current):
            raise CannotMerge(_("One of the two was joined to another customer meanwhile. Look the customer up again."))
        AuditEntry.note("merged", f"customer {one.pk}", by, other=other.pk)
        return _join(one.pk, other.pk, by)


def approve(edge: Edge, by: Member | None = None) -> Edge:
    """Say that an edge of the review list is right: its two sides become one customer."""
    with transaction.atomic():
        take_turn()
        AuditEntry.note("approved", f"edge {edge.pk}", by, identifiers=[edge.first_id, edge.second_id])
        return _join(edge.first_id, edge.second_id, by)


def decline(edge: Edge, by: Member | None = None, reason: str = "") -> Revocation:
    """Say that an edge of the review list is wrong: it counts no longer."""
    return _take_back(edge, "declined", by, reason)


def undo(edge: Edge, by: Member | None = None, reason: str = "") -> Revocation:
    """Take back an edge: what it joined falls apart again, and each side has the customer it had before."""
    return _take_back(edge, "undid", by, reason)


def restore(edge: Edge, by: Member | None = None) -> None:
    """Let an edge that was taken back count again."""
    with transaction.atomic():
        take_turn()
        edges = [edge, *edge.companions.all()]
        if Revocation.objects.filter(edge__in=edges).delete()[0]:
            AuditEntry.note("restored", f"edge {edge.pk}", by, identifiers=[edge.first_id, edge.second_id])
            rejoin({end for each in edges for end in (each.first_id, each.second_id)})


def _join(one: int, other: int, by: Member | None) -> Edge:
    """The member's edge between two identifiers, counting, with all that either's customer holds now.

    What held a customer together may be too weak for the customer that they become (a mere claim, one e-mail address
    too many): the member, who looked at both, vouches for that too.
    """
    pair = (min(one, other), max(one, other))
    holding = _edges_holding(one, other)
    edge = _say({pair}, by)[pair]
    while fell_off := set(holding.exclude(skipped="").values_list("first_id", "second_id")) - {pair}:
        companions = _say(fell_off, by).values()
        Edge.objects.filter(pk__in=[companion.pk for companion in companions]).update(along=edge)
    edge.refresh_from_db()
    return edge


def _edges_holding(one: int, other: int) -> QuerySet[Edge]:
    """The edges that hold together the customers of these identifiers."""
    customers = list(Identifier.objects.filter(pk__in=[one, other]).values_list("customer_id", flat=True))
    holding = Edge.objects.filter(first__customer__in=customers, revocation=None, skipped="")
    return Edge.objects.filter(pk__in=list(holding.values_list("pk", flat=True)))


def _say(pairs: set[Pair], by: Member | None) -> dict[Pair, Edge]:
    now = datetime.now(UTC)
    connect([Link(*pair, True, MEMBER, to_micros(now), "") for pair in pairs])
    ends = {end for pair in pairs for end in pair}
    found = Edge.objects.filter(strength=MEMBER, first__in=ends, second__in=ends)
    word = {pair: edge for edge in found if (pair := (edge.first_id, edge.second_id)) in pairs}
    said = [edge.pk for edge in word.values()]
    Edge.objects.filter(pk__in=said).update(member=by, evidence_time=now, along=None)
    if Revocation.objects.filter(edge__in=said).delete()[0]:
        rejoin(ends)
    return word


def _take_back(edge: Edge, verb: str, by: Member | None, reason: str) -> Revocation:
    with transaction.atomic():
        take_turn()
        revocation, new = _revoke(edge, by, reason)
        if new:
            companions = list(edge.companions.all())
            for companion in companions:
                _revoke(companion, by, reason)
            AuditEntry.note(verb, f"edge {edge.pk}", by, identifiers=[edge.first_id, edge.second_id])
            rejoin({end for each in (edge, *companions) for end in (each.first_id, each.second_id)})
    return revocation


def _revoke(edge: Edge, by: Member | None, reason: str) -> tuple[Revocation, bool]:
    return Revocation.objects.get_or_create(edge=edge, defaults={"member": by, "reason": reason[:200]})

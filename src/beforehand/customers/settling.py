"""A short way for evidence that changes nothing: one more browser that claims a name which thousands have claimed.

Whoever holds a public key can send as many of those as they like, and working out all that hangs together with such a
name each time would take longer with each of them. What is settled here is what `resolve` would say.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from beforehand.customers.joining import ID, STANDING, nodes_of, write_reasons
from beforehand.customers.models import Edge
from beforehand.customers.resolve import Tie, refused
from beforehand.lib.rows import batches, relation

Pair = tuple[int, int, bool]
PAIR = {"first": "bigint", "second": "bigint", "verified": "boolean"}
END = {"edge": "bigint", "identifier": "bigint"}


class Newcomer(NamedTuple):
    """A tie of somebody who has no other (`lone`) to somebody who may."""

    tie: Tie
    lone: int
    other: int


def settle(pairs: Sequence[Pair]) -> set[int]:
    """Skip those edges that would be skipped and change nothing; gives the identifiers that are to be worked out."""
    ties = _ties_of(pairs)
    touched = {end for tie in ties for end in (tie.first, tie.second)}
    customers = nodes_of(touched)[1]
    by_customer: dict[int, list[Newcomer]] = defaultdict(list)
    open_customers: set[int] = set()
    lone = _lone(ties)
    for tie in ties:
        ends = [end for end in (tie.first, tie.second) if end in lone and customers[end] == end]
        if len(ends) == 1 and customers[tie.first] != customers[tie.second] and tie.strength != Edge.Strength.MEMBER:
            other = tie.second if ends[0] == tie.first else tie.first
            by_customer[customers[other]].append(Newcomer(tie, ends[0], other))
        else:
            open_customers |= {customers[tie.first], customers[tie.second]}
    for customer in set(by_customer) - open_customers:
        if reasons := _refused(customer, by_customer[customer]):
            write_reasons(reasons)
            touched -= {end for one in by_customer[customer] for end in (one.lone, one.other)}
    return touched


def _refused(customer: int, newcomers: Sequence[Newcomer]) -> dict[int, str]:
    group, held_by = _group(customer)
    nodes = nodes_of({*group, *(one.lone for one in newcomers)})[0]
    return refused(nodes, group, held_by, [one.tie for one in newcomers])


def _ties_of(pairs: Iterable[Pair]) -> list[Tie]:
    found: list[Tie] = []
    with connection.cursor() as cursor:
        for batch in batches(pairs):
            given, rows = relation(PAIR, batch)
            cursor.execute(
                "select edge.id, edge.first_id, edge.second_id, edge.verified, edge.strength, edge.evidence_time"
                f" from {given} as given cross join customers_edge as edge"
                " where edge.first_id = given.first and edge.second_id = given.second"
                f" and edge.verified = given.verified and {STANDING}",
                [rows],
            )
            found += [Tie(*row) for row in cursor.fetchall()]
    return found


def _lone(ties: Collection[Tie]) -> set[int]:
    """Those ends that have no other edge."""
    lone: set[int] = set()
    other = "not exists (select 1 from customers_edge where {end} = given.identifier and id <> given.edge)"
    with connection.cursor() as cursor:
        for batch in batches((tie.id, end) for tie in ties for end in (tie.first, tie.second)):
            given, rows = relation(END, batch)
            ends = " and ".join(other.format(end=end) for end in ("first_id", "second_id"))
            cursor.execute(f"select given.identifier from {given} as given where {ends}", [rows])
            lone |= {id for (id,) in cursor.fetchall()}
    return lone


def _group(customer: int) -> tuple[list[int], list[Tie]]:
    """A customer's identifiers, and the edges that are followed between them."""
    with connection.cursor() as cursor:
        cursor.execute("select id from customers_identifier where customer_id = %s", [customer])
        group = [id for (id,) in cursor.fetchall()]
        held_by: list[Tie] = []
        for batch in batches(group):
            given, rows = relation(ID, [(id,) for id in batch])
            cursor.execute(
                "select edge.id, edge.first_id, edge.second_id, edge.verified, edge.strength, edge.evidence_time"
                f" from {given} as given cross join customers_edge as edge"
                f" where edge.first_id = given.id and edge.skipped = '' and {STANDING}",
                [rows],
            )
            held_by += [Tie(*row) for row in cursor.fetchall()]
    inside = set(group)
    return group, [tie for tie in held_by if tie.second in inside]

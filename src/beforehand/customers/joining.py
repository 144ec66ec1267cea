"""Bring customers into line with the edges: only those that touched identifiers could reach are worked out again."""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from beforehand.customers.resolve import Node, Tie, resolve
from beforehand.customers.traits import rename
from beforehand.lib import bus
from beforehand.lib.rows import batches, relation

ID = {"id": "bigint"}
STANDING = "not exists (select 1 from customers_revocation where customers_revocation.edge_id = edge.id)"
TIES = f"""
    select edge.id, edge.first_id, edge.second_id, edge.verified, edge.strength, edge.evidence_time, edge.skipped
    from {{given}} as given cross join customers_edge as edge where edge.{{end}} = given.id and {STANDING}
"""


def rejoin(touched: Collection[int]) -> set[int]:
    """Work out the customers of these identifiers and of all that hang together with them. Call it in turn.

    Gives the customers that changed, and tells the rooms above (`customers.changed`) which of them touchpoints left or
    came to.
    """
    if not touched:
        return set()
    ties, reasons = _reach(touched)
    reached = {id for tie in ties.values() for id in (tie.first, tie.second)} | set(touched)
    nodes, customers = nodes_of(reached)
    leads, skipped = resolve(nodes, list(ties.values()))
    write_reasons({id: skipped.get(id, "") for id, old in reasons.items() if skipped.get(id, "") != old})
    moved = {id: (customers[id], lead) for id, lead in leads.items() if customers[id] != lead}
    changed = {customer for pair in moved.values() for customer in pair}
    if moved:
        _write_leads({id: lead for id, (_, lead) in moved.items()})
        _write_current(leads, changed)
        rename(changed)
        _tell(moved)
    return changed


def _reach(touched: Iterable[int]) -> tuple[dict[int, Tie], dict[int, str]]:
    """All standing edges (skipped ones too) that hang together with these identifiers, and why each was skipped."""
    ties: dict[int, Tie] = {}
    reasons: dict[int, str] = {}
    seen: set[int] = set()
    frontier = set(touched)
    while frontier:
        seen |= frontier
        found: set[int] = set()
        for *edge, reason in _ties_of(frontier):
            tie = Tie(*edge)
            ties[tie.id], reasons[tie.id] = tie, reason
            found |= {tie.first, tie.second}
        frontier = found - seen
    return ties, reasons


def _ties_of(identifiers: Iterable[int]) -> Iterable[tuple]:
    with connection.cursor() as cursor:
        for batch in batches(identifiers):
            for end in ("first_id", "second_id"):
                given, rows = relation(ID, [(id,) for id in batch])
                cursor.execute(TIES.format(given=given, end=end), [rows])
                yield from cursor.fetchall()


def nodes_of(identifiers: Iterable[int]) -> tuple[dict[int, Node], dict[int, int]]:
    nodes: dict[int, Node] = {}
    customers: dict[int, int] = {}
    with connection.cursor() as cursor:
        for batch in batches(identifiers):
            given, rows = relation(ID, [(id,) for id in batch])
            cursor.execute(
                "select identifier.id, identifier.kind, identifier.value, identifier.proved, identifier.customer_id"
                f" from {given} as given cross join customers_identifier as identifier where identifier.id = given.id",
                [rows],
            )
            for id, kind, value, proved, customer in cursor.fetchall():
                nodes[id] = Node(kind, value, bool(proved))
                customers[id] = customer
    return nodes, customers


def write_reasons(reasons: Mapping[int, str]) -> None:
    _update("customers_edge", "skipped = given.skipped", {"id": "bigint", "skipped": "text"}, reasons.items())


def _write_leads(leads: Mapping[int, int]) -> None:
    _update(
        "customers_identifier", "customer_id = given.customer", {"id": "bigint", "customer": "bigint"}, leads.items()
    )


def _write_current(leads: Mapping[int, int], changed: Collection[int]) -> None:
    """A customer is current while an identifier still is theirs; each has the id of the identifier that brought it."""
    current = set(leads.values())
    standing = [(id, id in current) for id in leads if id in changed]
    _update("customers_customer", '"current" = given.standing', {"id": "bigint", "standing": "boolean"}, standing)


def _update(table: str, change: str, columns: dict[str, str], rows: Iterable[tuple]) -> None:
    with connection.cursor() as cursor:
        for batch in batches(rows):
            given, values = relation(columns, batch)
            cursor.execute(f"update {table} set {change} from {given} as given where {table}.id = given.id", [values])


def _tell(moved: Mapping[int, tuple[int, int]]) -> None:
    """Identifiers without a touchpoint move nobody's journey; the rooms above know which have one."""
    answers = bus.emit("identifiers.moved", identifiers=list(moved))
    travelled = set(moved).intersection(*answers) if answers else set(moved)
    customers = {customer for id in travelled for customer in moved[id]}
    if customers:
        bus.emit("customers.changed", customers=customers)

"""Who is who: identifiers, and the edges that make customers of them.

Everything here is bulk, works inside the caller's transaction or makes its own, and may run in several processes at
once. Times are microseconds since 1970 UTC.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from beforehand.customers.claims import Claim, is_guarded, normalised
from beforehand.customers.companies import belong
from beforehand.customers.joining import rejoin
from beforehand.customers.models import Edge, Identifier
from beforehand.customers.settling import settle
from beforehand.customers.traits import describe, first_name_of
from beforehand.lib.rows import batches, found, relation
from beforehand.lib.statements import ask, tell
from beforehand.lib.turns import take_turn

__all__ = ["Claim", "Link", "belong", "connect", "describe", "identify", "is_guarded", "who"]

CLAIM = {"kind": "text", "value": "text", "proved": "boolean"}
PAIR = {"first": "bigint", "second": "bigint", "verified": "boolean"}
EDGE = PAIR | {"strength": "bigint", "time": "bigint", "evidence": "text"}
MEMBER = Edge.Strength.MEMBER
LONGEST_EVIDENCE = 300
FEW = 100


class Link(NamedTuple):
    """Evidence that two identifiers (by id) are one person."""

    first: int
    second: int
    verified: bool
    strength: int
    time: int
    evidence: str


def identify(claims: Iterable[Claim]) -> dict[Claim, int]:
    """The identifiers of these claims, by id; those that are new are made. Claims that name nobody are left out."""
    wanted = {claim: stored for claim in dict.fromkeys(claims) if (stored := normalised(claim)) is not None}
    newest = _newest() if len(wanted) > FEW else 0
    known = _known(dict.fromkeys(wanted.values()))
    missing = [claim for claim in dict.fromkeys(wanted.values()) if claim not in known]
    if missing:
        with transaction.atomic(savepoint=False):
            take_turn()
            if not newest or _newest() != newest:  # somebody else may have made some meanwhile; ids only grow
                known |= _known(missing)
            known |= _make([claim for claim in missing if claim not in known])
    return {claim: known[stored] for claim, stored in wanted.items()}


def who(claim: Claim) -> Identifier | None:
    """The identifier of one claim, which is made if it is new; None where it names nobody."""
    stored = normalised(claim)
    if stored is None:
        return None
    known = found(Identifier, "kind = %s and value = %s and proved = %s", *stored)
    return known[0] if known else found(Identifier, "id = %s", identify([claim])[claim])[0]


def connect(links: Iterable[Link]) -> set[int]:
    """Keep the evidence and join or part customers as all evidence together says. Gives the customers that changed.

    Tells the rooms above (`customers.changed`) the old and new customers of every identifier that changed hands.
    """
    better = _better(_best(links))
    if not better:
        return set()
    with transaction.atomic():
        take_turn()
        better = _better(better)
        _keep(better)
        return rejoin(settle([link[:3] for link in better]))


def _newest() -> int | None:
    """The largest id of an identifier."""
    ((newest,),) = ask("select max(id) from customers_identifier")
    return None if newest is None else int(newest)


def _known(claims: Iterable[Claim]) -> dict[Claim, int]:
    known: dict[Claim, int] = {}
    for batch in batches(claims):
        given, rows = relation(CLAIM, batch)
        found = ask(
            "select identifier.id, given.kind, given.value, given.proved"
            f" from {given} as given cross join customers_identifier as identifier"
            " where identifier.kind = given.kind and identifier.value = given.value"
            " and identifier.proved = given.proved",
            [rows],
        )
        known.update((Claim(kind, value, bool(proved)), id) for id, kind, value, proved in found)
    return known


def _make(claims: Sequence[Claim]) -> dict[Claim, int]:
    """New identifiers, each with the customer of the same id. Call it in turn."""
    if connection.vendor == "postgresql":
        return _make_at_once(claims)
    made: dict[Claim, int] = {}
    for batch in batches(claims):
        last = _last_id()
        ids = range(last + 1, last + 1 + len(batch))
        named = [(id, *claim, first_name_of(claim.kind, claim.value)) for id, claim in zip(ids, batch, strict=True)]
        given, rows = relation({"id": "bigint"} | CLAIM | {"name": "text"}, named)
        tell(
            "insert into customers_customer (id, name, current)"
            f" select given.id, given.name, true from {given} as given",
            [rows],
        )
        tell(
            "insert into customers_identifier (id, kind, value, proved, customer_id, traits, trait_times)"
            " select given.id, given.kind, given.value, given.proved, given.id, '{}', '{}'"
            f" from {given} as given",
            [rows],
        )
        made.update(zip(batch, ids, strict=True))
    return made


def _last_id() -> int:
    """The last id that a customer has or ever had: one that was erased is not given to somebody else."""
    ((last,),) = ask("select coalesce(max(seq), 0) from sqlite_sequence where name = 'customers_customer'")
    return int(last)


def _make_at_once(claims: Sequence[Claim]) -> dict[Claim, int]:
    """The same where one statement may write into two tables and draw the ids."""
    made: dict[Claim, int] = {}
    for batch in batches(claims):
        named = [(*claim, first_name_of(claim.kind, claim.value)) for claim in batch]
        given, rows = relation(CLAIM | {"name": "text"}, named)
        drawn = "nextval(pg_get_serial_sequence('customers_customer', 'id'))"
        found = ask(
            f"with given as materialized (select {drawn} as id, said.* from {given} as said),"
            " person as (insert into customers_customer (id, name, current) select id, name, true from given)"
            " insert into customers_identifier (id, kind, value, proved, customer_id, traits, trait_times)"
            " select id, kind, value, proved, id, '{}', '{}' from given returning kind, value, proved, id",
            [rows],
        )
        made.update((Claim(*claim), id) for *claim, id in found)
    return made


def _best(links: Iterable[Link]) -> list[Link]:
    """One link a pair and standing: the strongest, of these the oldest. What a member said stands for itself."""
    best: dict[tuple[int, int, bool, bool], Link] = {}
    for link in links:
        if link.first != link.second:
            first, second = sorted(link[:2])
            link = link._replace(first=first, second=second, evidence=link.evidence[:LONGEST_EVIDENCE])
            place = (first, second, link.verified, link.strength == MEMBER)
            best[place] = min(link, best.get(place, link), key=_weight)
    return list(best.values())


def _weight(link: Link) -> tuple[int, int, str]:
    return -link.strength, link.time, link.evidence


def _better(links: Sequence[Link]) -> list[Link]:
    """Those that say more than what is kept already. A drain sends mostly what is known: one query finds that out."""
    kept: dict[tuple[int, int, bool, bool], Link] = {}
    with connection.cursor() as cursor:
        for batch in batches(links):
            given, rows = relation(PAIR, [link[:3] for link in batch])
            cursor.execute(
                "select edge.first_id, edge.second_id, edge.verified, edge.strength, edge.evidence_time, edge.evidence"
                f" from {given} as given cross join customers_edge as edge"
                " where edge.first_id = given.first and edge.second_id = given.second"
                " and edge.verified = given.verified",
                [rows],
            )
            for first, second, verified, *rest in cursor.fetchall():
                link = Link(first, second, bool(verified), *rest)
                kept[(first, second, link.verified, link.strength == MEMBER)] = link
    return [
        link
        for link in links
        if (old := kept.get((*link[:3], link.strength == MEMBER))) is None or _weight(link) < _weight(old)
    ]


def _keep(links: Sequence[Link]) -> None:
    with connection.cursor() as cursor:
        for batch in batches(links):
            for by_member in (False, True):
                part = [link for link in batch if (link.strength == MEMBER) == by_member]
                given, rows = relation(EDGE, part)
                cursor.execute(
                    "insert into customers_edge"
                    " (first_id, second_id, verified, strength, evidence_time, evidence, skipped)"
                    " select given.first, given.second, given.verified, given.strength, given.time, given.evidence, ''"
                    f" from {given} as given where true"
                    " on conflict (first_id, second_id, verified)"
                    f" where strength {'=' if by_member else '<'} {MEMBER.value} do update set"
                    " strength = excluded.strength, evidence_time = excluded.evidence_time,"
                    " evidence = excluded.evidence",
                    [rows],
                )

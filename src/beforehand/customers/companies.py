"""Which people belong to which companies."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from beforehand.customers.claims import is_guarded
from beforehand.customers.models import Company
from beforehand.customers.traits import LONGEST_NAME, WHOLE, latest, word
from beforehand.lib.rows import batches, relation
from beforehand.lib.text import storable
from beforehand.lib.turns import take_turn

KEYS_AT_ONCE = 500
MEMBERSHIP = {"identifier": "bigint", "company": "bigint", "since": "bigint"}


def belong(rows: Iterable[tuple[int, str, int, Mapping[str, Any]]]) -> None:
    """Keep that identifiers were seen as part of companies: (identifier, company's key, microseconds, its traits).

    The earliest sighting and the latest word on a trait hold, so order and repetition do not matter.
    """
    seen: dict[tuple[int, str], int] = {}
    said: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for identifier, key, time, traits in rows:
        key = storable(key).strip()
        if not is_guarded(key):
            seen[identifier, key] = min(time, seen.get((identifier, key), time))
            said.setdefault(key, []).append((time, traits))
    if seen:
        with transaction.atomic():
            take_turn()
            ids = _describe(said)
            _join((identifier, ids[key], since) for (identifier, key), since in seen.items())


def _describe(said: Mapping[str, list[tuple[int, Mapping[str, Any]]]]) -> dict[str, int]:
    """Companies by key, made where they are new, with the latest word on each of their traits."""
    ids: dict[str, int] = {}
    for keys in batches(said, KEYS_AT_ONCE):
        Company.objects.bulk_create([Company(key=key) for key in keys], ignore_conflicts=True)
        changed = []
        for company in Company.objects.filter(key__in=keys):
            ids[company.key] = company.pk
            new = latest(company.traits, company.trait_times, said[company.key])
            if new != (company.traits, company.trait_times):
                company.traits, company.trait_times = new
                company.name = word(company.traits, WHOLE)[:LONGEST_NAME]
                changed.append(company)
        Company.objects.bulk_update(changed, ["traits", "trait_times", "name"])
    return ids


def _join(memberships: Iterable[tuple[int, int, int]]) -> None:
    with connection.cursor() as cursor:
        for batch in batches(memberships):
            given, rows = relation(MEMBERSHIP, batch)
            cursor.execute(
                "insert into customers_membership (identifier_id, company_id, since)"
                f" select given.identifier, given.company, given.since from {given} as given where true"
                " on conflict (identifier_id, company_id) do update set since = excluded.since"
                " where excluded.since < customers_membership.since",
                [rows],
            )

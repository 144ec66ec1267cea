"""Find customers by what a person would type: a name, or an identifier."""

from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from beforehand.customers.claims import Claim, normalised
from beforehand.customers.models import Customer, Identifier
from beforehand.lib.text import storable

HIGHEST = "\U0010ffff"


def find(words: str, limit: int = 20) -> list[Customer]:
    """Customers whose name or one of whose identifiers begins with these words, exact identifiers first.

    Ranges over indexes, so it takes the same time among a thousand and among a million.
    """
    words = " ".join(storable(words).split())[:200]
    if not words:
        return []
    found: dict[int, Customer] = {}
    for customer in chain(exact(words), _by_identifier(words, limit), _by_name(words, limit)):
        found.setdefault(customer.pk, customer)
    return list(found.values())[:limit]


def exact(words: str) -> list[Customer]:
    """The customers with an identifier that is these words, or with this number (`c-12`)."""
    written = {words}
    for kind in Identifier.Kind:
        if claim := normalised(Claim(kind, words, True)):
            written.add(claim.value)
    identifiers = Identifier.objects.filter(value__in=written).select_related("customer")
    found = [identifier.customer for identifier in identifiers[:50]]
    if words.removeprefix("c-").isdecimal() and words.startswith("c-") and len(words) < 20:
        found += [identifier.customer for identifier in _home(int(words[2:]))]
    return found


def _home(id: int) -> QuerySet[Identifier]:
    """Where the customer with this number is now: an old number leads to the customer it was joined to."""
    return Identifier.objects.filter(pk=id).select_related("customer")


def _by_identifier(words: str, limit: int) -> list[Customer]:
    identifiers = Identifier.objects.select_related("customer")
    return [identifier.customer for identifier in _beginning(identifiers, "value", [words, words.lower()], limit * 2)]


def _by_name(words: str, limit: int) -> list[Customer]:
    written = [words, words.title(), words.capitalize(), words.lower(), words.upper()]
    return _beginning(Customer.objects.filter(current=True), "name", written, limit)


def _beginning(rows: QuerySet[Any], field: str, written: list[str], limit: int) -> list[Any]:
    """Rows whose field begins with one of these, a range of an index for each until there are enough."""
    found: list[Any] = []
    for words in dict.fromkeys(written):
        if len(found) < limit:
            found += rows.filter(_begins(field, words)).order_by(field)[: limit - len(found)]
    return found


def _begins(field: str, words: str) -> Q:
    """PostgreSQL has an index of its own for beginnings; SQLite compares by code point, so a range is one."""
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": words})
    return Q(**{f"{field}__gte": words, f"{field}__lt": words + HIGHEST})

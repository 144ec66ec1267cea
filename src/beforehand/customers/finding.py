"""Find customers by what a person would type: a name, or an identifier."""

from itertools import chain

from django.db.models import Q, QuerySet

from beforehand.customers.claims import Claim, normalised
from beforehand.customers.models import Customer, Identifier

HIGHEST = "\U0010ffff"


def find(words: str, limit: int = 20) -> list[Customer]:
    """Customers whose name or one of whose identifiers begins with these words, exact identifiers first.

    Ranges over indexes, so it takes the same time among a thousand and among a million.
    """
    words = " ".join(words.replace("\0", "").split())[:200]
    if not words:
        return []
    found: dict[int, Customer] = {}
    for customer in chain(_exact(words), _by_identifier(words, limit), _by_name(words, limit)):
        found.setdefault(customer.pk, customer)
    return list(found.values())[:limit]


def _exact(words: str) -> list[Customer]:
    written = {words}
    for kind in Identifier.Kind:
        if claim := normalised(Claim(kind, words, True)):
            written.add(claim.value)
    identifiers = Identifier.objects.filter(value__in=written).select_related("customer")
    found = [identifier.customer for identifier in identifiers[:50]]
    if words.removeprefix("c-").isdigit() and words.startswith("c-") and len(words) < 20:
        found += [identifier.customer for identifier in _home(int(words[2:]))]
    return found


def _home(id: int) -> QuerySet[Identifier]:
    """Where the customer with this number is now: an old number leads to the customer it was joined to."""
    return Identifier.objects.filter(pk=id).select_related("customer")


def _by_identifier(words: str, limit: int) -> list[Customer]:
    starts = _begins("value", {words, words.lower()})
    identifiers = Identifier.objects.filter(starts).select_related("customer").order_by("value")
    return [identifier.customer for identifier in identifiers[: limit * 2]]


def _by_name(words: str, limit: int) -> list[Customer]:
    written = {words, words.lower(), words.capitalize(), words.title(), words.upper()}
    return list(Customer.objects.filter(_begins("name", written), current=True).order_by("name")[:limit])


def _begins(field: str, written: set[str]) -> Q:
    starts = Q()
    for words in written:
        starts |= Q(**{f"{field}__gte": words, f"{field}__lt": words + HIGHEST})
    return starts

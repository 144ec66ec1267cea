"""Whom of a segment the causes of contacts struck. The search looks at everybody; this counts in what it kept."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from beforehand.insight.causes.storing import Victim
from beforehand.insight.models import ContactCause
from beforehand.insight.segments import Segment, among


class Hits(NamedTuple):
    """Customers of a segment among the latest whom a cause struck, and how many of them wrote in its days."""

    customers: int
    wrote: int


def of_segment(reader: Any, segment: Segment, causes: Iterable[ContactCause]) -> dict[int, Hits]:
    """By the number of each cause."""
    struck = {row.pk: [Victim(*one) for one in row.victims] for row in causes}
    inside = among(reader, segment, (one.customer for victims in struck.values() for one in victims))
    return {pk: _hits([one for one in victims if one.customer in inside]) for pk, victims in struck.items()}


def _hits(victims: Iterable[Victim]) -> Hits:
    wrote: dict[int, bool] = {}
    for one in victims:
        wrote[one.customer] = wrote.get(one.customer, False) or one.contacts > 0
    return Hits(len(wrote), sum(wrote.values()))

"""The list of customers, a page at a time: the latest seen first, or whom somebody asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q

from beforehand.customers.finding import find
from beforehand.customers.models import Customer, Identifier, Membership
from beforehand.customers.resolve import Node, lead_key
from beforehand.journey.models import Journey, Touchpoint
from beforehand.lib import bus
from beforehand.lib.fields import from_micros, to_micros

SIZE = 50
TOO_MANY_TO_COUNT = 2_000
CHANNELS_SHOWN = 4


class Chosen(NamedTuple):
    """Customers whom a room above picked out (`customers.chosen`), latest first, and what they have in common.

    `rows` are (customer, time in microseconds); one more than was asked for when there are more.
    """

    title: str
    about: list[str]
    rows: Sequence[tuple[int, int]]
    total: int | None = None


@dataclass
class Line:
    """One customer: the identifier that leads, the company, the journey in numbers, the channels they use most."""

    customer: Customer
    journey: Journey | None = None
    lead: Identifier | None = None
    company: Membership | None = None
    channels: list[str] = field(default_factory=list)
    time: datetime | None = None

    @property
    def when(self) -> datetime | None:
        """When they did what they were picked out for, else when they were last seen."""
        return self.time or (self.journey.last_time if self.journey else None)


@dataclass
class Page:
    """`later` is the tail of the address of the next page; `chosen` says who was picked out, if anybody was."""

    lines: list[Line]
    later: str = ""
    first: bool = True
    chosen: Chosen | None = None

    @property
    def companies(self) -> bool:
        """Whether anybody on the page belongs to one."""
        return any(line.company for line in self.lines)

    @property
    def channels(self) -> bool:
        return any(line.channels for line in self.lines)


def page(asked: Mapping[str, str]) -> Page:
    """The page that an address asks for."""
    before = _place(asked.get("before", ""))
    if words := asked.get("q", "").strip():
        return Page(_lines((customer.pk, None) for customer in find(words, SIZE)))
    answers = [chosen for chosen in bus.emit("customers.chosen", asked=asked, before=before, limit=SIZE + 1) if chosen]
    rows = answers[0].rows if answers else _latest(before)
    shown, more = list(rows[:SIZE]), rows[SIZE:]
    later = ""
    if more:
        pk, time = shown[-1]
        later = "?" + urlencode({**asked, "before": f"{time}-{pk}"})
    return Page(_lines(shown), later, before is None, answers[0] if answers else None)


def _latest(before: tuple[int, int] | None) -> list[tuple[int, int]]:
    """(customer, microseconds) by the index on the time last seen: as fast among a million as among a thousand."""
    journeys = Journey.objects.order_by("-last_time", "-customer_id")
    if before is not None:
        time, customer = before
        journeys = journeys.filter(last_time__lte=time).filter(Q(last_time__lt=time) | Q(customer__lt=customer))
    return [(pk, to_micros(last)) for pk, last in journeys.values_list("customer_id", "last_time")[: SIZE + 1]]


def _place(before: str) -> tuple[int, int] | None:
    time, dash, customer = before.rpartition("-")
    if not dash or not time.removeprefix("-").isdecimal() or not customer.isdecimal() or len(before) > 40:
        return None
    return max(min(int(time), 2**63 - 1), -(2**63)), min(int(customer), 2**63 - 1)


def _lines(rows: Iterable[tuple[int, int | None]]) -> list[Line]:
    times = dict(rows)
    customers = Customer.objects.in_bulk(list(times))
    lines = {
        pk: Line(customers[pk], time=from_micros(time) if time is not None else None)
        for pk, time in times.items()
        if pk in customers
    }
    for journey in Journey.objects.filter(customer__in=list(lines)):
        lines[journey.customer_id].journey = journey
    for identifier in Identifier.objects.filter(customer__in=list(lines)).defer("traits", "trait_times"):
        line = lines[identifier.customer_id]
        line.lead = min(filter(None, (line.lead, identifier)), key=_leading)
    memberships = Membership.objects.filter(identifier__customer__in=list(lines)).order_by("-since")
    for membership in memberships.select_related("company", "identifier"):
        lines[membership.identifier.customer_id].company = membership
    _add_channels(lines)
    return list(lines.values())


def _leading(identifier: Identifier) -> Any:
    return lead_key(Node(identifier.kind, identifier.value, identifier.proved))


def _add_channels(lines: dict[int, Line]) -> None:
    """Counted over each one's touchpoints, except where there are so many that the page would have to wait for it."""
    few = [pk for pk, line in lines.items() if line.journey and line.journey.touchpoints <= TOO_MANY_TO_COUNT]
    counts = Touchpoint.objects.filter(identifier__customer__in=few).exclude(name__startswith="$").exclude(channel="")
    rows = counts.values_list("identifier__customer", "channel").annotate(n=Count("id")).order_by("-n", "channel")
    for pk, channel, _n in rows:
        if len(lines[pk].channels) < CHANNELS_SHOWN:
            lines[pk].channels.append(channel)

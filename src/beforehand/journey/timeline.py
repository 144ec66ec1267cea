"""A customer's touchpoints as they are read: newest first, by day, with what each of them says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from beforehand.journey.lifeline import Lifeline, Meaning
from beforehand.journey.models import Contact, Kind, Touchpoint
from beforehand.journey.scores import score_of
from beforehand.lib.fields import to_micros

SIZE = 20
SILENCE = timedelta(days=7)
SHORTEST_RUN = 3
QUOTES = ("message", "text", "body", "comment", "feedback", "question", "answer")
TITLES = (
    "title",
    "subject",
    "product_name",
    "product",
    "article",
    "query",
    "order_id",
    "order",
    "plan",
    "reason",
    "url",
)
AMOUNTS = ("revenue", "total", "amount", "price")
ICONS = {
    Kind.VALUE: "check",
    Kind.WAIT: "clock",
    Kind.FAILURE: "late",
    Kind.CONTACT: "mail",
    Kind.SERVICE: "desk",
    Kind.OUTREACH: "notice",
    Kind.FEEDBACK: "voice",
}
CHANNEL_ICONS = {
    "chat": "chat", "phone": "phone", "call": "phone", "sms": "sms", "text": "sms", "email": "mail", "e-mail": "mail",
    "mail": "mail", "web": "web", "site": "web", "browser": "web", "mobile": "sms", "app": "sms", "store": "store",
    "shop": "store", "server": "settings", "api": "settings",
}  # fmt: skip


@dataclass
class Entry:
    """A line: one touchpoint, or several alike that followed each other (`times`). `contact` says why they came."""

    silence: ClassVar[bool] = False
    touchpoint: Touchpoint
    meaning: Meaning
    times: list[datetime] = field(default_factory=list)
    contact: Contact | None = None

    @property
    def time(self) -> datetime:
        return timezone.localtime(self.touchpoint.time)

    @property
    def count(self) -> int:
        return len(self.times)

    @property
    def earliest(self) -> datetime:
        return timezone.localtime(self.times[-1])

    @property
    def kind(self) -> str:
        return self.meaning.kind

    @property
    def icon(self) -> str:
        if self.kind in {Kind.CONTACT, Kind.OUTREACH, Kind.SERVICE}:
            return channel_icon(self.touchpoint.channel) or ICONS[Kind(self.kind)]
        if self.kind == Kind.VALUE and "view" in self.touchpoint.name.lower():
            return "eye"
        return ICONS[Kind(self.kind)]

    @property
    def score(self) -> float | None:
        score = score_of(self.touchpoint.properties) if self.kind == Kind.FEEDBACK else None
        return score.value if score else None

    @property
    def detail(self) -> str:
        """What it was about: a title, an order, an address."""
        return next(_words(self.touchpoint.properties, TITLES), "") or self.touchpoint.place

    @property
    def amount(self) -> tuple[float, str] | None:
        properties = self.touchpoint.properties
        for key in AMOUNTS:
            value = properties.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return value, str(properties.get("currency") or "")
        return None

    @property
    def quote(self) -> str:
        return next(_words(self.touchpoint.properties, QUOTES), "")

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Everything else that was sent with it, for whoever opens the line."""
        touchpoint = self.touchpoint
        known = [
            ("place", touchpoint.place),
            ("identifier", str(touchpoint.identifier)),
            ("source", str(touchpoint.source)),
        ]
        sent = [(key, _plain(value)) for key, value in touchpoint.properties.items()]
        return [(key, value) for key, value in known + sent if value][:40]


@dataclass
class Gap:
    """A silence between two lines."""

    silence: ClassVar[bool] = True
    length: timedelta
    rhythm: timedelta | None


@dataclass
class Day:
    date: date
    lines: list[Entry | Gap] = field(default_factory=list)


@dataclass(frozen=True)
class Timeline:
    """One page of it: `earlier` is the address of the next page's beginning, or nothing."""

    days: list[Day]
    earlier: str


def read(
    touchpoints: QuerySet[Touchpoint],
    life: Lifeline,
    before: str = "",
    kind: str = "",
    channel: str = "",
    contacts: Mapping[int, Contact] | None = None,
) -> Timeline:
    """The page that ends before `before` (as `earlier` of the page above gave it), of a kind and a channel alone.

    `contacts` by number, where they are known already.
    """
    if kind:
        touchpoints = touchpoints.filter(name__in=life.names(kind))
    if channel:
        touchpoints = touchpoints.filter(channel=channel)
    if place := _place(before):
        time, last = place
        touchpoints = touchpoints.filter(Q(time__lt=time) | Q(time=time, id__lt=last))
    rows = list(touchpoints.select_related("source", "identifier").order_by("-time", "-id")[: SIZE + 1])
    page, more = rows[:SIZE], rows[SIZE:]
    earlier = f"{to_micros(page[-1].time)}-{page[-1].pk}" if more else ""
    narrowed = bool(kind or channel)
    days = _days(page, life, (more[0].time if more else None), narrowed)
    _add_contacts(days, contacts)
    return Timeline(days, earlier)


def _add_contacts(days: list[Day], known: Mapping[int, Contact] | None) -> None:
    """Why the customer came, where they had to."""
    lines = [line for day in days for line in day.lines if isinstance(line, Entry) and line.kind == Kind.CONTACT]
    if known is None:
        known = Contact.objects.in_bulk([line.touchpoint.pk for line in lines]) if lines else {}
    for line in lines:
        line.contact = known.get(line.touchpoint.pk)


def _place(before: str) -> tuple[int, int] | None:
    time, dash, last = before.rpartition("-")
    number = time.removeprefix("-")
    if not dash or not number.isdecimal() or not last.isdecimal() or len(before) > 45:
        return None
    return max(min(int(time), 2**63 - 1), -(2**63)), min(int(last), 2**63 - 1)


def _days(rows: list[Touchpoint], life: Lifeline, next_time: datetime | None, narrowed: bool) -> list[Day]:
    days: list[Day] = []
    for at, touchpoint in enumerate(rows):
        day = timezone.localtime(touchpoint.time).date()
        if not days or days[-1].date != day:
            days.append(Day(day))
        _add(days[-1], touchpoint, life)
        following = rows[at + 1].time if at + 1 < len(rows) else next_time
        if following is not None and not narrowed:
            _add_silence(days[-1], touchpoint.time - following, life.rhythm)
    return days


def _add(day: Day, touchpoint: Touchpoint, life: Lifeline) -> None:
    last = day.lines[-1] if day.lines else None
    if isinstance(last, Entry) and _alike(last.touchpoint, touchpoint):
        last.times.append(touchpoint.time)
        return
    meaning = life.meanings.get(touchpoint.name) or Meaning(touchpoint.name, Kind.VALUE, "")
    day.lines.append(Entry(touchpoint, meaning, [touchpoint.time]))


def _alike(one: Touchpoint, other: Touchpoint) -> bool:
    same = (one.name, one.channel, one.place) == (other.name, other.channel, other.place)
    return same and one.properties == other.properties


def _add_silence(day: Day, length: timedelta, rhythm: timedelta | None) -> None:
    if length >= SILENCE and (rhythm is None or length >= 2 * rhythm):
        day.lines.append(Gap(length, rhythm))


def channel_icon(channel: str) -> str:
    lower = channel.lower()
    return next((icon for word, icon in CHANNEL_ICONS.items() if word in lower), "")


def _words(properties: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(properties, dict):
        for key in keys:
            value = properties.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                yield str(value).strip()


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return f"{type(value).__name__} ({len(value)})" if len(str(value)) > 200 else str(value)
    return "" if value is None else str(value)[:500]

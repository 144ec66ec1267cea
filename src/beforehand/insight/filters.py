"""The period and the segment that every board looks at, from the query string.

    ?days=28                          the last 28 days, today included
    ?from=2026-03-01&to=2026-03-31    these days, both included
    ?segment=platform:mobile          only touchpoints of this segment

Without a period: the last 28 days while data still comes in, all of it where it ended long ago. A value that makes no
sense is left out and said, never an error page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beforehand.insight.segments import BadSegment, Segment, parse
from beforehand.lib.format import BOUND

DAYS = 28
PRESETS = (7, 28, 91, 365)
LONGEST = 36_600
LIVE = timedelta(days=14)
"""Data whose last day is not longer ago than this still comes in."""
STRAY_SHARE, STRAY_GAP = 0.001, timedelta(days=366)


@dataclass(frozen=True)
class Choice:
    """One line of the period's menu."""

    label: str
    query: str
    current: bool


@dataclass(frozen=True)
class Filter:
    """Days from `start` to `end`, both included, and a segment. `first` and `last` are the ends of the data."""

    start: date
    end: date
    first: date
    last: date
    days: int | None = None
    segment: Segment | None = None
    chosen: bool = False
    problems: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def before(self) -> tuple[date, date] | None:
        """The period of the same length just before, when there is data from all of it."""
        start, end = self.start - timedelta(days=self.length), self.start - timedelta(days=1)
        return (start, end) if start >= self.first else None

    @property
    def whole(self) -> bool:
        return self.start <= self.first and self.end >= self.last

    @property
    def label(self) -> str:
        """What the period's button says."""
        if self.days:
            return _last(self.days)
        if self.whole:
            return _("All of the data")
        return self.dates

    @property
    def dates(self) -> str:
        """“3 Mar – 9 Jun 2024”, bound together."""
        end = formats.date_format(self.end, "j M Y")
        start = formats.date_format(self.start, "j M" if self.start.year == self.end.year else "j M Y")
        text = end if self.start == self.end else f"{start} – {end}"
        return text.replace(" ", BOUND)

    @property
    def before_label(self) -> str:
        """“the 28 days before”."""
        return ngettext("the day before", "the %(n)s days before", self.length) % {"n": self.length}

    @property
    def segment_label(self) -> str:
        return self.segment.label if self.segment else _("All customers")

    @property
    def period(self) -> dict[str, str]:
        """The period as query parameters; none when nobody chose it."""
        if not self.chosen:
            return {}
        if self.days:
            return {"days": str(self.days)}
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}

    @property
    def query(self) -> str:
        """The filter as the tail of an address: “?days=28&segment=…”, or nothing."""
        return self.link().removesuffix("?")

    def link(self, **changes: str | None) -> str:
        """The same filter with some parameters set, or taken away (None), as the tail of an address."""
        own = {**self.period, **({"segment": str(self.segment)} if self.segment else {})}
        pairs = {**own, **changes}
        text = urlencode({key: value for key, value in pairs.items() if value is not None})
        return f"?{text}" if text else "?"

    @property
    def choices(self) -> list[Choice]:
        """The period's menu. What else the page was asked for is kept."""
        kept: dict[str, str | None] = {**self.kept, "days": None, "from": None, "to": None}
        presets = [Choice(_last(days), self.link(**{**kept, "days": str(days)}), self.days == days) for days in PRESETS]
        span = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        whole = Choice(_("All of the data"), self.link(**{**kept, **span}), self.whole and not self.days)
        return [*presets, whole]

    @property
    def fields(self) -> dict[str, str]:
        """What a form with other days has to carry along."""
        own = {"segment": str(self.segment)} if self.segment else {}
        return {**own, **self.kept}

    def segment_link(self, segment: Segment | None) -> str:
        return self.link(**{**self.kept, "segment": str(segment) if segment else None})


def _last(days: int) -> str:
    if days == 365:
        return _("Last year")
    return ngettext("Last day", "Last %(n)s days", days) % {"n": days}


def choose(asked: Mapping[str, str], spans: Sequence[tuple[date, date, int]], today: date) -> Filter:
    """The filter of a request. `spans` are runs of days with their number of rows, as the lake lists them."""
    first, last = extent(spans, today)
    problems: list[str] = []
    segment = None
    try:
        segment = parse(asked.get("segment", ""))
    except BadSegment as problem:
        problems.append(str(problem))
    kept = {key: value for key, value in asked.items() if key not in {"days", "from", "to", "segment", "page"}}
    latest = today if today - last <= LIVE else last
    start, end, days, chosen = _period(asked, first, latest, problems)
    if not chosen:
        start, end, days = _default(first, last, latest, today)
    return Filter(start, end, first, last, days, segment, chosen, tuple(problems), kept)


def of(asked: Mapping[str, str], reader: Any, today: date) -> Filter:
    """The filter of a request over what this reader of the lake holds."""
    return choose(asked, spans(reader), today)


def spans(reader: Any) -> list[tuple[date, date, int]]:
    """The runs of days that hold rows: one for each file, one for each day that is not in a file yet."""
    fresh = Counter(day for day in reader.hot["day"].to_pylist() if day is not None)
    files = [(file.first_day, file.last_day, file.rows) for file in reader.files if file.rows]
    return files + [(day, day, count) for day, count in sorted(fresh.items())]


def extent(spans: Sequence[tuple[date, date, int]], today: date) -> tuple[date, date]:
    """First and last day of the data; today when there is none.

    A few stray rows more than a year away from all others (a clock that says 1970) do not stretch it, and nothing that
    claims to be of the future does.
    """
    rows = sum(count for _first, _last_day, count in spans)
    known = sorted((first, min(last, today), count) for first, last, count in spans if first <= today)
    while len(known) > 1 and known[0][2] <= STRAY_SHARE * rows and known[1][0] - known[0][1] > STRAY_GAP:
        known.pop(0)
    if not known:
        return today, today
    return known[0][0], max(last for _first, last, _count in known)


def _default(first: date, last: date, latest: date, today: date) -> tuple[date, date, int | None]:
    if latest == today:
        return today - timedelta(days=DAYS - 1), today, DAYS
    return first, last, None


def _period(
    asked: Mapping[str, str], first: date, latest: date, problems: list[str]
) -> tuple[date, date, int | None, bool]:
    """Start, end, days and whether a period was asked for that makes sense."""
    nothing = first, latest, None, False
    if asked.get("from") or asked.get("to"):
        start, end = (_day(asked.get(key) or default.isoformat(), problems) for key, default in _ends(first, latest))
        if start is None or end is None:
            return nothing
        if end < start:
            problems.append(_("The period ended before it began; the usual one is shown."))
            return nothing
        return start, end, None, True
    text = asked.get("days", "")
    if not text:
        return nothing
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LONGEST:
        problems.append(_("“%(text)s” is no number of days; the usual period is shown.") % {"text": text[:20]})
        return nothing
    days = int(text)
    return latest - timedelta(days=days - 1), latest, days, True


def _ends(first: date, latest: date) -> tuple[tuple[str, date], tuple[str, date]]:
    return ("from", first), ("to", latest)


def _day(text: str, problems: list[str]) -> date | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        day = None
    if day is None or not date(1900, 1, 2) <= day <= date(2200, 1, 1):
        problems.append(_("“%(text)s” is no day; write one like 2026-03-01.") % {"text": text[:20]})
        return None
    return day

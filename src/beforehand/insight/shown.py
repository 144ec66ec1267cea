"""The breaks that the pages show: those of the latest finished scan, with the words and numbers for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from beforehand.insight import figures
from beforehand.insight.breaks import words
from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.knowing import known_of
from beforehand.insight.charts.scale import ticks
from beforehand.insight.models import Break, KnownBreak, Scan
from beforehand.lib import format as plain


@dataclass(frozen=True)
class Shown:
    """One break as a page shows it."""

    pk: int
    found: Found
    labels: Mapping[str, str] = field(default_factory=dict)
    known: KnownBreak | None = None
    """A member's word that it needs no attention."""

    @cached_property
    def sentence(self) -> str:
        """In the catalogue's words of now, and in the reader's language."""
        return words.sentence(self.found, self.labels)

    @property
    def tone(self) -> str:
        """Of its whisker: one that is known alarms nobody."""
        return "" if self.known else "bad"

    @property
    def also(self) -> list[str]:
        return words.also(self.found, self.labels)

    @property
    def title(self) -> str:
        """Where it is, in the catalogue's words: “Payment details → Support chat”."""
        ends = [self.found.name, *([self.found.to] if self.found.to else [])]
        return " → ".join(self.labels.get(name, name) for name in ends)

    @property
    def url(self) -> str:
        return reverse("insight:break", args=[self.pk])

    @cached_property
    def chip(self) -> str:
        """How large, in a few signs: points of a share, times of a wait."""
        if self.found.unit == "share":
            return signed((self.found.value - self.found.baseline) * 100)
        if self.found.baseline > 0:
            return f"×{plain.number(self.found.value / self.found.baseline, 1)}"
        return plain.duration(self.found.value)

    @property
    def value(self) -> str:
        return figures.text(self.found.value, self.found.unit)

    @property
    def interval(self) -> str:
        return figures.interval(self.found.low, self.found.high, self.found.unit)

    @property
    def baseline(self) -> str:
        return figures.text(self.found.baseline, self.found.unit)

    @property
    def ref(self) -> float | None:
        """Where the tick of the picture stands."""
        return self.found.baseline

    @property
    def end_of_scale(self) -> float:
        """Where a picture of value and baseline ends: a round number above both."""
        highest = max(self.found.value, self.found.baseline, min(self.found.high, 2 * self.found.value))
        return ticks(0.0, highest, steps=2)[-1]

    @property
    def when(self) -> str:
        """“9 Apr – 9 May 2024”, “since 3 Nov 2026”, “until 4 May 2024”, “always”."""
        start, end = _day(self.found.start), _day(self.found.end)
        if start and end:
            return f"{start} – {end}"
        if start:
            return _("since %(day)s") % {"day": start}
        return _("until %(day)s") % {"day": end} if end else _("always")

    @property
    def whom(self) -> str:
        """The segment as words: “platform: mobile”, or everybody."""
        return self.found.segment.replace("=", ": ", 1) or _("all customers")

    @property
    def kind(self) -> str:
        words = {
            "loop": _("back and forth"),
            "change": _("a change"),
            "wait": _("a longer wait"),
            "dead_end": _("a dead end"),
        }
        return words.get(self.found.kind, self.found.kind)

    @property
    def window(self) -> tuple[date | None, date | None]:
        """Its first and last day; None for an end that is not known."""
        return self.found.days

    def concerns(self, start: date, end: date) -> bool:
        """Whether its window and these days have a day in common."""
        first, last = self.window
        return (first is None or first <= end) and (last is None or last >= start)


def _day(iso: str | None) -> str:
    return formats.date_format(date.fromisoformat(iso), "j M Y") if iso else ""


def signed(value: float) -> str:
    text = plain.number(value, 0)
    return f"+{text}" if value > 0 else text


def latest_scan() -> Scan | None:
    return Scan.objects.filter(finished__isnull=False).order_by("-finished", "-pk").first()


def find(reader: Any, pk: int) -> Shown | None:
    """A break of the latest scan by its number."""
    return next((one for one in latest(reader) if one.pk == pk), None)


def latest(reader: Any, start: date | None = None, end: date | None = None) -> list[Shown]:
    """The breaks of the latest finished scan, the worst first and those that members know last; when days are given,
    those that concern them."""
    newest = Scan.objects.filter(finished__isnull=False).order_by("-finished", "-pk").values("pk")[:1]
    stored = Break.objects.filter(scan__in=newest).order_by("rank", "pk")
    labels = {entry.name: entry.label for entry in reader.catalogue}
    dismissed = list(KnownBreak.objects.select_related("member"))
    found = [(one.pk, Found.from_dict(one.payload)) for one in stored]
    shown = [Shown(pk, one, labels, known_of(one, dismissed)) for pk, one in found]
    shown.sort(key=lambda one: one.known is not None)
    if start is None or end is None:
        return shown
    return [one for one in shown if one.concerns(start, end)]

"""All that goes wrong in one list: the breaks of the latest scan and the excess contacts of the latest search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beforehand.insight import shown
from beforehand.insight.causes import words
from beforehand.insight.causes.breaks import as_break
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.storing import newest
from beforehand.insight.charts.scale import ticks
from beforehand.insight.shown import Shown
from beforehand.lib import format as plain
from beforehand.team.models import Workspace


@dataclass(frozen=True)
class Excess(Shown):
    """Excess contacts of a cause, as a line among the breaks; it leads to the page of the cause."""

    cause: Cause | None = None

    @property
    def sentence(self) -> str:
        return self.found.sentence

    @property
    def title(self) -> str:
        return words.title(self.cause, self.labels) if self.cause else ""

    @property
    def url(self) -> str:
        return reverse("insight:cause", args=[self.pk])

    @property
    def kind(self) -> str:
        return _("excess contacts")

    @property
    def value(self) -> str:
        count = round(self.found.value)
        return ngettext("%(n)s contact", "%(n)s contacts", count) % {"n": plain.number(count)}

    @property
    def ref(self) -> float | None:
        return None

    @property
    def end_of_scale(self) -> float:
        return ticks(0.0, self.found.high, steps=2)[-1]

    @property
    def baseline(self) -> str:
        """Without the trouble there is no excess."""
        return ""


def ranked(reader: Any) -> list[Shown]:
    """By how often it went wrong that would not have; those that members know last."""
    breaks = shown.latest(reader)
    labels = {entry.name: entry.label for entry in reader.catalogue}
    return sorted([*breaks, *excess(labels)], key=lambda one: (one.known is not None, -one.found.excess))


def excess(labels: Mapping[str, str]) -> list[Shown]:
    """Those that the latest search blames."""
    search = newest()
    rows = search.causes.filter(found=True).defer("victims") if search else []
    found = [(row.pk, Cause.from_dict(row.payload)) for row in rows]
    currency = Workspace.own().currency
    return [Excess(pk, as_break(cause, labels, currency), labels, cause=cause) for pk, cause in found]

"""Segments that members have saved: customers who did something, have a need, or came to us for a cause.

Of the values of one property, of the kinds of need and of the causes, any will do; what is asked of touchpoints, of
needs and of contacts must all hold, each at any time. Two properties need not stand on one touchpoint.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.insight.models import SavedSegment
from beforehand.journey.lake.engine import quoted
from beforehand.lib.text import number_in
from beforehand.team.models import AuditEntry, Member

OPEN = "met is null and abandoned is null"
STATES = {
    "open": OPEN,
    "stuck": f"{OPEN} and stuck_at <= {{moment}}",
    "met": "met is not null",
    "contacted": "contacts > 0",
}
STATE_WORDS = {
    "open": gettext_lazy("open"),
    "stuck": gettext_lazy("stuck"),
    "met": gettext_lazy("met"),
    "contacted": gettext_lazy("with a contact"),
}


class BadSegment(ValueError):
    """The text names no segment; the message says how one is written."""


@dataclass(frozen=True)
class Conditions:
    """What must hold of a customer. `touchpoints` are `key:value`."""

    touchpoints: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    state: str = ""
    causes: tuple[str, ...] = ()

    @classmethod
    def of(cls, saved: SavedSegment) -> "Conditions":
        told = saved.conditions
        lists = {name: tuple(told.get(name, ())) for name in ("touchpoints", "kinds", "causes")}
        return cls(state=told.get("state", ""), **lists)

    def as_dict(self) -> dict[str, object]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    def __bool__(self) -> bool:
        return bool(self.touchpoints or self.kinds or self.state or self.causes)

    @property
    def values(self) -> dict[str, list[str]]:
        """The values asked for of each property."""
        found: dict[str, list[str]] = {}
        for pair in self.touchpoints:
            key, _colon, value = pair.partition(":")
            found.setdefault(key, []).append(value)
        return found


def find(number: str) -> SavedSegment:
    saved = SavedSegment.objects.filter(pk=number_in(number)).first()
    if saved is None:
        raise BadSegment(_("The segment “@%(number)s” is no longer there.") % {"number": number[:20]})
    return saved


def meaning(number: str) -> str:
    """Its conditions as text; nothing where it is gone."""
    try:
        return repr(Conditions.of(find(number)))
    except BadSegment:
        return ""


def now() -> str:
    """The present as SQL, for what is not asked as of a moment."""
    return f"timestamp {quoted(datetime.now(UTC).replace(tzinfo=None).isoformat(sep=' '))}"


def customers(number: str, tables: Mapping[str, str], moment: str) -> str:
    """SQL for the customers of a saved segment. `tables` gives the names under which the whole tables stand."""
    return sql(Conditions.of(find(number)), tables, moment)


def sql(asked: Conditions, tables: Mapping[str, str], moment: str) -> str:
    """The customers for whom all conditions hold; everybody where there are none."""
    from beforehand.insight.segments import column

    parts = [
        f"select customer from {tables['touchpoints']} where {column(key)} in ({_listed(values)})"
        for key, values in asked.values.items()
    ]
    of_needs = [f"kind in ({_listed(asked.kinds)})"] if asked.kinds else []
    of_needs += [STATES[asked.state].format(moment=moment)] if asked.state in STATES else []
    if of_needs:
        parts.append(f"select customer from {tables['needs']} where {' and '.join(of_needs)}")
    if asked.causes:
        parts.append(f"select customer from {tables['contacts']} where cause in ({_listed(asked.causes)})")
    return " intersect ".join(parts or [f"select customer from {tables['touchpoints']}"])


def _listed(values: Iterable[str]) -> str:
    return ", ".join(quoted(value) for value in values)


def keep(name: str, asked: Conditions, by: Member | None = None, saved: SavedSegment | None = None) -> SavedSegment:
    """Make one, or change the one given."""
    with transaction.atomic():
        known = saved or SavedSegment(member=by)
        known.name, known.conditions = name, asked.as_dict()
        known.save()
        AuditEntry.note("changed segment" if saved else "saved segment", name, by, **known.conditions)
    return known


def remove(saved: SavedSegment, by: Member | None = None) -> None:
    with transaction.atomic():
        AuditEntry.note("removed segment", saved.name, by)
        saved.delete()

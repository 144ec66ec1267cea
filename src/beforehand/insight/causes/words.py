"""A cause in plain words."""

from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.judging import EARLY, EARLY_P
from beforehand.lib import format as plain


def title(one: Cause, labels: Mapping[str, str] | None = None) -> str:
    """“Parcel late, courier Swiftline, region west”, “Promise broken: Refund promised”, “Too slow: Shipped”."""
    name = (labels or {}).get(one.name, one.name)
    if one.sort == "late":
        name = _("Too slow: %(step)s") % {"step": name}
    elif one.sort == "broken":
        name = _("Promise broken: %(promise)s") % {"promise": name}
    where = "".join(f", {key.replace('_', ' ')} {value}" for key, value in one.where)
    return name + where + (_(" (everywhere else)") if one.ordinary else "")


def when(one: Cause) -> str:
    """“1 Jun – 27 Jul 2026”, “since 3 Jun 2026”, or nothing for all the time."""
    start, end = (date_format(date.fromisoformat(day), "j M Y") if day else "" for day in (one.start, one.end))
    if start and end:
        return f"{start} – {end}"
    if start:
        return _("since %(day)s") % {"day": start}
    return _("until %(day)s") % {"day": end} if end else ""


def cost(one: Cause, currency: str) -> str:
    """“€1,203”: an estimate, so without cents."""
    return plain.money(one.cost, currency, digits=0)


def sentence(one: Cause, labels: Mapping[str, str], currency: str) -> str:
    """What it was, how many contacts it brought, whom it struck, and what it cost."""
    name, span = title(one, labels), when(one)
    facts = {
        "cause": f"{name} ({span})" if span else name,
        "contacts": plain.number(one.value, 0),
        "interval": plain.interval(plain.number(max(one.low, 0.0), 0), plain.number(one.high, 0)),
        "customers": plain.number(one.customers),
        "silent": plain.number(one.silent),
        "cost": cost(one, currency),
    }
    if not one.found:
        return _("%(cause)s: no more contacts than without it (%(contacts)s %(interval)s).") % facts
    text = _(
        "%(cause)s brought %(contacts)s %(interval)s contacts that would not have come, at a cost of %(cost)s. "
        "It struck %(customers)s customers, of whom %(silent)s did not write."
    )
    return (text % facts) + (" " + early(one) if is_early(one) else "")


def is_early(one: Cause) -> bool:
    """Whether more people had written before it was noted than usually do."""
    return one.before > EARLY and one.before_p < EARLY_P


def early(one: Cause) -> str:
    return _(
        "%(times)s times as many as usual had written before it was noted: they knew it sooner, or it was noted "
        "because they wrote."
    ) % {"times": plain.number(one.before, 1)}

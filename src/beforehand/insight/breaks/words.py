"""A break in one or two plain sentences, in the words of the catalogue and in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from beforehand.insight.breaks.found import Companion, Found
from beforehand.insight.segments import Segment, name_of

Labels = Mapping[str, str]


def said(found: Found, labels: Labels) -> Found:
    """The break with its sentences, in which every name is called by its label."""
    return replace(found, sentence=sentence(found, labels), also=tuple(also(found, labels)))


def sentence(found: Found, labels: Labels) -> str:
    """What happened, to whom, when, and how much more than otherwise."""
    words = {
        "value": interval(found.value, found.low, found.high, found.unit),
        "baseline": amount(found.baseline, found.unit),
        "customers": f"{found.customers:,}",
    }
    if found.standing:
        numbers = _("%(value)s against %(baseline)s of all others; about %(customers)s customers.") % words
    else:
        numbers = _("%(value)s against %(baseline)s otherwise; about %(customers)s customers.") % words
    parts = {"period": period(found), "what": _happening(found, labels), "numbers": numbers}
    return _("%(period)s, %(what)s: %(numbers)s") % parts


def also(found: Found, labels: Labels) -> list[str]:
    """What else moved at the same step."""
    return [_companion(one, labels) for one in found.moved] or list(found.also)


def _happening(found: Found, labels: Labels) -> str:
    words = {
        "who": _who(found),
        "step": _either([found.name], labels),
        "to": _either([found.to, *found.others] if found.to else [found.name], labels),
        "instead": _either(found.instead_of, labels),
        "more": _("more often") if found.value > found.baseline else _("less often"),
    }
    if found.measure == "stop":
        text = _("%(who)s who reached %(step)s stopped there more often")
    elif found.measure == "wait":
        text = _("%(who)s waited longer between %(step)s and %(to)s")
    elif found.measure == "seen":
        text = _("%(who)s came to %(to)s %(more)s")
    elif found.measure == "turn" and not found.to:
        text = _("%(who)s who reached %(step)s went back instead of on")
    elif found.instead_of:
        text = _("%(who)s who reached %(step)s went back to %(to)s instead of on to %(instead)s")
    elif found.measure == "turn":
        text = _("%(who)s who reached %(step)s went back to %(to)s")
    else:
        text = _("%(who)s who reached %(step)s came %(more)s to %(to)s")
    return text % words


def _who(found: Found) -> str:
    if not found.segment:
        return _("customers")
    key, _equals, value = found.segment.partition("=")
    return _("customers with %(key)s “%(value)s”") % {"key": name_of(key), "value": Segment(key, value).word}


def _either(names: Iterable[str], labels: Labels) -> str:
    """“Cart” or “Product added”"""
    return _(" or ").join(_("“%(name)s”") % {"name": labels.get(name) or name} for name in names)


def _companion(one: Companion, labels: Labels) -> str:
    return _("%(to)s: %(value)s against %(baseline)s") % {
        "to": _either([one.to], labels),
        "value": interval(one.value, one.low, one.high, "share"),
        "baseline": amount(one.baseline, "share"),
    }


def period(found: Found) -> str:
    """ "From 9 April to 9 May", "Since 3 June", "Until 2 March", "All the time"."""
    start, end = _day(found.start), _day(found.end)
    if not start and not end:
        return _("All the time")
    if not start:
        return _("Until %(end)s") % {"end": end}
    if not end:
        return _("Since %(start)s") % {"start": start}
    if start == end:
        return _("On %(start)s") % {"start": start}
    return _("From %(start)s to %(end)s") % {"start": start, "end": end}


def _day(iso: str | None) -> str:
    return date_format(date.fromisoformat(iso), "j F Y") if iso else ""


def interval(value: float, low: float, high: float, unit: str) -> str:
    """ "31 % [26–36]", or a wait with its interval."""
    if unit == "seconds":
        return f"{duration(value)} [{duration(low)}–{duration(high)}]"
    return f"{amount(value, unit)} [{100 * low:.0f}–{100 * high:.0f}]"


def amount(value: float, unit: str) -> str:
    return duration(value) if unit == "seconds" else f"{100 * value:.0f} %"


def duration(seconds: float) -> str:
    """In the largest unit that keeps two figures."""
    if seconds != seconds:
        return "?"
    for unit, length in ((_("d"), 86400), (_("h"), 3600), (_("min"), 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.0f} " + _("s")

"""A break in one or two plain sentences."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from beforehand.insight.breaks.candidates import SEEN, STOP, TURN, WAIT
from beforehand.insight.breaks.incident import Incident
from beforehand.insight.breaks.outcome import Outcome
from beforehand.insight.breaks.size import Size
from beforehand.insight.segments import Segment


def sentence(
    outcome: Outcome,
    incident: Incident,
    size: Size,
    customers: int,
    names: list[str],
    segment: Segment | None,
    first_day: date,
) -> str:
    """What happened, to whom, when, and how much more than otherwise."""
    when = period(incident, first_day)
    who = _("customers")
    if segment:
        who = _("customers with %(key)s “%(value)s”") % {"key": segment.key, "value": segment.value}
    what = _happening(outcome, size, names, who)
    numbers = _("%(value)s against %(baseline)s otherwise; about %(customers)s customers.") % {
        "value": interval(outcome, size),
        "baseline": amount(outcome, size.baseline),
        "customers": f"{customers:,}",
    }
    return f"{when}, {what}: {numbers}"


def _happening(outcome: Outcome, size: Size, names: list[str], who: str) -> str:
    words = {
        "who": who,
        "step": _either([outcome.step], names),
        "to": _either([outcome.to, *outcome.others], names),
        "instead": _either(outcome.instead_of, names),
        "more": _("more often") if size.gain > 0 else _("less often"),
    }
    if outcome.measure == STOP:
        text = _("%(who)s who reached %(step)s stopped there more often")
    elif outcome.measure == WAIT:
        text = _("%(who)s waited longer between %(step)s and %(to)s")
    elif outcome.measure == SEEN:
        text = _("%(who)s came to %(to)s %(more)s")
    elif outcome.measure == TURN and outcome.to < 0:
        text = _("%(who)s who reached %(step)s went back instead of on")
    elif outcome.instead_of:
        text = _("%(who)s who reached %(step)s went back to %(to)s instead of on to %(instead)s")
    elif outcome.measure == TURN:
        text = _("%(who)s who reached %(step)s went back to %(to)s")
    else:
        text = _("%(who)s who reached %(step)s came %(more)s to %(to)s")
    return text % words


def _either(found: Iterable[int], names: list[str]) -> str:
    """“cart” or “add_to_cart”"""
    return _(" or ").join(f"“{names[name]}”" for name in found if 0 <= name < len(names))


def companion(outcome: Outcome, size: Size, names: list[str]) -> str:
    """One thing that moved with it, at the same step."""
    words = {
        "to": _either([outcome.to], names),
        "value": interval(outcome, size),
        "baseline": amount(outcome, size.baseline),
    }
    return _("%(to)s: %(value)s against %(baseline)s") % words


def period(incident: Incident, first_day: date) -> str:
    """ "From 9 April to 9 May", "Since 3 June", "Until 2 March", "All the time"."""
    start = _day(first_day + timedelta(days=incident.start))
    end = _day(first_day + timedelta(days=incident.end - 1))
    if incident.open_start and incident.open_end:
        return _("All the time")
    if incident.open_start:
        return _("Until %(end)s") % {"end": end}
    if incident.open_end:
        return _("Since %(start)s") % {"start": start}
    if incident.end - incident.start == 1:
        return _("On %(start)s") % {"start": start}
    return _("From %(start)s to %(end)s") % {"start": start, "end": end}


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def interval(outcome: Outcome, size: Size) -> str:
    """ "31 % [26–36]", or a wait with its interval."""
    if outcome.measure == WAIT:
        return f"{duration(size.value)} [{duration(size.low)}–{duration(size.high)}]"
    return f"{amount(outcome, size.value)} [{100 * size.low:.0f}–{100 * size.high:.0f}]"


def amount(outcome: Outcome, value: float) -> str:
    return duration(value) if outcome.measure == WAIT else f"{100 * value:.0f} %"


def duration(seconds: float) -> str:
    """In the largest unit that keeps two figures."""
    if seconds != seconds:
        return "?"
    for unit, length in ((_("d"), 86400), (_("h"), 3600), (_("min"), 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.0f} " + _("s")

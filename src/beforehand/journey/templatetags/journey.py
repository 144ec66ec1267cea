"""What the pages of customers say in words: `{% load journey %}`."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beforehand.journey import standing
from beforehand.journey.channels import channel_word
from beforehand.journey.lifeline import PLURALS
from beforehand.journey.lines import Pen, icon, shortened
from beforehand.journey.models import Kind, Promise
from beforehand.journey.strip import Mark
from beforehand.journey.timeline import Entry, Gap
from beforehand.journey.timeline import channel_icon as icon_of
from beforehand.lib import format as plain
from beforehand.lib.fields import EPOCH

register = template.Library()
register.filter(channel_word)
BOUND = "\N{NO-BREAK SPACE}"


@register.filter
def svg(number: float, more: float = 0) -> str:
    """A coordinate: never with a decimal comma."""
    return f"{number + more:g}"


@register.filter
def initials(name: Any) -> str:
    words = [word for word in str(name).replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "·"


@register.filter
def day(moment: datetime | date | None) -> str:
    """“14 Nov”, with the year when it is another than this one."""
    if moment is None:
        return ""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return formats.date_format(local, "j M" if local.year == timezone.localdate().year else "j M Y").replace(" ", BOUND)


@register.filter
def known(moment: datetime | None) -> bool:
    """Whether a moment is more than the zero that stands for “since ever”."""
    return moment is not None and moment > EPOCH


@register.filter
def ago(moment: datetime | None) -> str:
    """“12 min ago”, “3 d ago”; after four weeks the day."""
    if moment is None:
        return ""
    passed = timezone.now() - moment
    if passed < timedelta(minutes=1):
        return _("just now")
    if passed > timedelta(days=28):
        return day(moment)
    step = next(length for length in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)) if passed >= length)
    return _("%(long)s ago") % {"long": plain.duration(passed // step * step)}


@register.filter
def weekday(date_: date, today: date) -> str:
    """“Today”, “Yesterday”, else the day of the week."""
    if date_ == today:
        return _("Today")
    if date_ == today - timedelta(days=1):
        return _("Yesterday")
    return formats.date_format(date_, "l")


@register.filter
def day_of(date_: date, today: date) -> str:
    text = formats.date_format(date_, "j F" if date_.year == today.year else "j F Y").replace(" ", BOUND)
    near = date_ in {today, today - timedelta(days=1)}
    return f"{formats.date_format(date_, 'l')} {text}" if near else text


@register.filter
def kind_word(kind: str) -> str:
    return str(Kind(kind).label) if kind in PLURALS else kind


@register.simple_tag
def channel_icon(channel: str) -> SafeString:
    """The icon of a channel with its name; a channel without an icon is written."""
    name, word = icon_of(channel), channel_word(channel)
    if not name:
        return format_html("<small>{}</small>", word)
    return format_html('<span title="{}">{}<i class="hid">{}</i></span>', word, icon(name), word)


@register.simple_tag
def lines(of_day: Sequence[Entry | Gap], currency: str, usual: bool = False) -> SafeString:
    """The lines of a day of a timeline."""
    return Pen(currency, usual).draw(of_day)


register.filter(shortened)


@register.simple_tag
def dots(marks: Iterable[Mark], kind: str) -> SafeString:
    """Circles of a drawing. One tag, because a life has hundreds."""
    drawn = (f'<circle class="{kind}" cx="{mark.x:g}" cy="{mark.y:g}" r="{mark.r:g}"/>' for mark in marks)
    return mark_safe("".join(drawn))  # noqa: S308


@register.simple_tag
def strokes(marks: Iterable[Mark], shape: str) -> SafeString:
    """The path of the same shape at every mark, beginning five above it."""
    return mark_safe("".join(f"M{mark.x:g} {mark.y - 5:g}{shape}" for mark in marks))  # noqa: S308


@register.filter
def times(number: float) -> str:
    """How often: “1.4”, “23”, “12,300”."""
    digits = 0 if number >= 10 else 1
    return plain.number(round(number, digits - max(len(str(int(number))) - 3, 0)), digits)


@register.filter
def people(count: int) -> str:
    return ngettext("%(n)s person", "%(n)s people", count) % {"n": plain.number(count)}


@register.filter
def risk(promise: Promise) -> str:
    """The state of a promise: kept, kept_late, broken, at_risk, open, renegotiated, withdrawn."""
    return standing.risk(promise, timezone.now())


@register.filter
def until(moment: datetime) -> str:
    """“in 1 h 18 min”, “in 4 d”; after four weeks the day."""
    left = moment - timezone.now()
    if left <= timedelta(0) or left > timedelta(days=28):
        return day(moment)
    return _("in %(long)s") % {"long": plain.duration(timedelta(days=left.days) if left.days > 1 else left)}

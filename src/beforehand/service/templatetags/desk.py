"""What templates of the desk use: waits in few letters, texts as paragraphs."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import dateformat, timezone
from django.utils.html import conditional_escape, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()
LONGEST = 60_000


@register.filter
def wait(span: timedelta | None) -> str:
    """A span in few letters: 4 min, 2 h 10, 1 d 16 h."""
    if span is None:
        return ""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 10:
        return _("%(days)d d") % {"days": days}
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
    return _("%(minutes)d min") % {"minutes": rest}


@register.filter
def moment(time: datetime | None) -> str:
    """Today by its hour, this week by its day, else the date."""
    if time is None:
        return ""
    local, now = timezone.localtime(time), timezone.localtime()
    if local.date() == now.date():
        return dateformat.format(local, "H:i")
    if abs((now.date() - local.date()).days) < 7:
        return dateformat.format(local, "D H:i")
    return dateformat.format(local, "j M" if local.year == now.year else "j M Y")


@register.filter
def paragraphs(text: str) -> SafeString:
    """Plain text as paragraphs with links that open outside; nothing in it is markup."""
    cut = text[:LONGEST]
    parts = [part for part in cut.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return format_html_join("", "<p>{}</p>", ((_lines(part.strip("\n")),) for part in parts))


def _lines(part: str) -> SafeString:
    linked = urlize(conditional_escape(part), nofollow=True, autoescape=False)
    return mark_safe(linked.replace("<a ", '<a target="_blank" ').replace("\n", "<br>"))  # noqa: S308


@register.filter
def initials(name: Any) -> str:
    words = [word for word in str(name).replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def is_image(type: str) -> bool:
    return type in {"image/png", "image/jpeg", "image/gif", "image/webp"}


@register.filter
def bytes_of(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} kB"


@register.filter
def of_micros(value: int | None) -> datetime | None:
    from beforehand.lib.fields import from_micros

    return None if value is None else from_micros(value)


@register.filter
def span_of(value: int | None) -> str:
    return "" if value is None else wait(timedelta(microseconds=int(value)))

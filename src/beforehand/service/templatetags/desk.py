"""What templates of the desk use: waits in few letters, texts as paragraphs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import template
from django.utils.html import conditional_escape, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe

from beforehand.service import shortly
from beforehand.service.lists.desk_views import View
from beforehand.service.lists.drawing import Pen, places
from beforehand.service.lists.lines import Row
from beforehand.service.translating import is_offered

register = template.Library()
LONGEST = 60_000


for spoken in (shortly.wait, shortly.moment, shortly.initials, shortly.bytes_of):
    register.filter(spoken)


@register.simple_tag
def lines(rows: Sequence[Row], view: View, words: str) -> SafeString:
    """The lines of a queue."""
    return Pen(view.slug, words).draw(rows)


register.simple_tag(places)


@register.filter
def paragraphs(text: str) -> SafeString:
    """Plain text as paragraphs with links that open outside; nothing in it is markup."""
    cut = text[:LONGEST]
    parts = [part for part in cut.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return format_html_join("", "<p>{}</p>", ((_lines(part.strip("\n")),) for part in parts))


def _lines(part: str) -> SafeString:
    linked = urlize(conditional_escape(part), nofollow=True, autoescape=False)
    return mark_safe(linked.replace("<a ", '<a target="_blank" ').replace("\n", "<br>"))  # noqa: S308


register.filter(is_offered)


@register.filter
def is_image(type: str) -> bool:
    return type in {"image/png", "image/jpeg", "image/gif", "image/webp"}


@register.filter
def of_micros(value: int | None) -> datetime | None:
    from beforehand.lib.fields import from_micros

    return None if value is None else from_micros(value)


@register.filter
def span_of(value: int | None) -> str:
    return "" if value is None else shortly.wait(timedelta(microseconds=int(value)))

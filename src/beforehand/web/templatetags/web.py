"""What templates of every room use: `{% load web %}`. Icons, form fields, navigation; numbers as people read them."""

from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from beforehand.channels import brake
from beforehand.channels.models import Brake
from beforehand.lib import format as plain
from beforehand.team.models import Workspace
from beforehand.web import navigation

register = template.Library()


@register.simple_tag
@lru_cache(500)
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite: `{% icon "home" %}`. It says nothing to a screen reader: a word stands beside it."""
    return format_html('<svg class="i {}" aria-hidden="true"><use href="#i-{}"/></svg>', size, name)


@register.filter
def input(field: BoundField) -> SafeString:
    """The control of a form field in the look of the house; `aria-*` comes from Django.

    Browsers cut off what is pasted beyond `maxlength`, and say nothing; so it is left out, and the form says it.
    """
    kind = getattr(field.field.widget, "input_type", "")
    return field.as_widget(attrs={} if kind in {"checkbox", "radio"} else {"class": "input", "maxlength": False})


@register.filter
def is_tick(field: BoundField) -> bool:
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not hasattr(field.field, "choices")


@register.filter
def is_group(field: BoundField) -> bool:
    """Several controls under one name: they want a fieldset with a legend."""
    return bool(field.field.widget.use_fieldset)


@register.simple_tag(takes_context=True)
def rail(context: template.Context) -> list[list[navigation.Link]]:
    return navigation.rail(context["request"])


@register.simple_tag(takes_context=True)
def tabbar(context: template.Context) -> list[navigation.Link]:
    return navigation.tabbar(context["request"])


@register.simple_tag(takes_context=True)
def settings_link(context: template.Context) -> navigation.Link | None:
    return navigation.settings_link(context["request"])


@register.simple_tag
def pulled_brake() -> Brake | None:
    """Why nothing leaves, while nothing does."""
    return brake.known()


@register.simple_tag(takes_context=True)
def own_workspace(context: template.Context) -> Workspace:
    workspace: Workspace | None = getattr(context.get("request"), "workspace", None)
    return workspace or Workspace.own()


@register.filter
def number(value: plain.Number | None, digits: int | None = None) -> str:
    return "" if value is None else plain.number(value, digits)


@register.filter
def percent(share: plain.Number | None, digits: int = 1) -> str:
    """A share between 0 and 1."""
    return "" if share is None else plain.percent(share, digits)


@register.filter
def duration(seconds: Any) -> str:
    """Seconds or a timedelta."""
    return "" if seconds is None else plain.duration(seconds)


@register.filter
def money(amount: plain.Number | None, currency: str = "EUR") -> str:
    return "" if amount is None else plain.money(amount, currency)


@register.filter
def n(count: int | None) -> str:
    """`n = 18,204`."""
    return "" if count is None else plain.count(count)


@register.simple_tag
def interval(low: plain.Number | None, high: plain.Number | None, unit: str = "") -> str:
    """`[70.1–72.6]`; empty when an end is not known."""
    if low in {None, ""} or high in {None, ""}:
        return ""
    return plain.interval(plain.figure(low, unit)[0], plain.figure(high, unit)[0])


@register.simple_tag
def figure(value: plain.Number | None, unit: str = "") -> tuple[str, str]:
    """A value of a measure as (figure, unit), to be set in two sizes."""
    return ("–", "") if value is None else plain.figure(value, unit)


@register.inclusion_tag("web/_whisker.html")
def whisker(
    value: float | None, low: float | None, high: float | None, start: float, end: float,
    ref: float | None = None, tone: str = "own", width: int = 140,
) -> dict[str, Any]:  # fmt: skip
    """A bead for the value, a line for its interval, a tick for `ref`, on a scale from `start` to `end`."""

    def x(at: float | None) -> str | None:
        if at is None or end <= start:
            return None
        return f"{min(max((at - start) / (end - start), 0), 1) * (width - 8) + 4:.1f}"

    return {"width": width, "tone": tone, "at": x(value), "low": x(low), "high": x(high), "ref": x(ref)}

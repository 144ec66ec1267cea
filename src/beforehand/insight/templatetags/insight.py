"""A measure's values in templates: `{% load insight %}`. Units are those of Measure.unit."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from beforehand.insight import figures

register = template.Library()


@register.simple_tag
def value(number: float | None, unit: str) -> str:
    """The value with its unit: “71.4 %”."""
    return figures.text(number, unit)


@register.simple_tag
def parts(number: float | None, unit: str) -> tuple[str, str]:
    """The value and its unit, to be set in two sizes."""
    return figures.figure(number, unit)


@register.simple_tag
def ends(low: float | None, high: float | None, unit: str) -> str:
    """“[70.1–72.6]”, or nothing."""
    return figures.interval(low, high, unit)


@register.simple_tag
def axis(number: float, unit: str) -> str:
    """A value at the end of a scale, as short as can be."""
    return figures.axis(number, unit)


@register.simple_tag
def difference(number: float, unit: str, signed: bool = False) -> str:
    return figures.difference(number, unit, signed)


@register.filter
def cause_word(cause: str) -> str:
    """The word for the cause of a contact."""
    return gettext(cause).capitalize()


@register.filter
def title_in(slug: str, titles: dict[str, str]) -> str:
    """The title of a kind of need."""
    return titles.get(slug, slug)


@register.simple_tag
def customer_url(pk: Any) -> str:
    """The customer's page, or nothing where there is none."""
    try:
        return reverse("journey:customer", args=[pk])
    except NoReverseMatch:
        return ""

"""One page, two ways to be asked for: whole, or only the part that htmx will put in place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.cache import patch_vary_headers


def wants_part(request: HttpRequest) -> bool:
    """True when htmx asks for a part. A boosted link and a step back in history want the whole page."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(
    request: HttpRequest, page_template: str, partial_template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page, or the part of it. The two share one address, so caches are told to keep them apart."""
    template = partial_template if wants_part(request) else page_template
    response = render_template(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response

"""Trouble is shown in its own words, not as a failure of the program."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from beforehand.lib.trouble import Trouble
from beforehand.web.views import problems

log = logging.getLogger(__name__)


class PlainWords:
    """Answers a page that ran into `Trouble`: what is wrong and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Trouble):
            return None
        log.error("%s: %s", request.path, exception)
        return problems.in_trouble(request, exception)

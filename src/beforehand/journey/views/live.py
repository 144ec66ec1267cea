"""The stream of what has just come, for pages that are open."""

import asyncio
import json
from collections.abc import AsyncIterator

from django.http import HttpRequest, StreamingHttpResponse
from django.views import View

from beforehand.journey.live import News, queue, watcher
from beforehand.team.access import MemberView

HEARTBEAT = 15


class LiveView(MemberView, View):
    """Server-sent events: `touchpoints` with the number that the record goes through, and whose they are."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        response = StreamingHttpResponse(_events(), content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        return response


async def _events() -> AsyncIterator[str]:
    async with watcher.listening(queue()) as ear:
        yield "retry: 2000\n\n"
        while True:
            try:
                news = await asyncio.wait_for(ear.get(), HEARTBEAT)
                if news is None:
                    return
                yield _event(news)
            except TimeoutError:
                yield ": still here\n\n"


def _event(news: News) -> str:
    return f"event: touchpoints\ndata: {json.dumps(news._asdict())}\n\n"

"""The applications behind one port: the collector and the live streams are bare ASGI, the rest is Django's."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")

from typing import Any

import django

django.setup(set_prefix=False)

from beforehand.journey.collector import Collector, is_ours
from beforehand.journey.live import watcher as touchpoints
from beforehand.lib.serving import Pages
from beforehand.service.live import agents, visitors
from beforehand.service.live.watching import watcher as desk

collector, site = Collector(), Pages()


async def pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pages, and the streams that tell them what is new."""
    if scope["path"] == agents.PATH:
        await agents.application(scope, receive, send)
    elif visitors.is_ours(scope["path"]):
        await visitors.application(scope, receive, send)
    else:
        await site(scope, receive, send)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan" or is_ours(scope["path"]):
        await collector(scope, receive, send)
    else:
        await pages(scope, receive, send)


def end_streams() -> None:
    """Called when the server is told to stop: it would wait for streams that never end by themselves."""
    touchpoints.end()
    desk.end()

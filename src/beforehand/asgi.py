"""The two applications behind one port: the collector's paths go to a bare ASGI application, the rest to Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")

from typing import Any

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from beforehand.journey.collector import Collector, is_ours

collector = Collector()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan" or is_ours(scope["path"]):
        await collector(scope, receive, send)
    else:
        await pages(scope, receive, send)

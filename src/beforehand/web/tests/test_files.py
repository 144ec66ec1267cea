"""Static files come whole, so that the server need not read a stream to its end, and warn, before it answers."""

import asyncio

import pytest
from django.templatetags.static import static
from django.test import AsyncClient


@pytest.mark.parametrize("path", ["web/tokens.css", "web/keys.js"])
def test_a_static_file_is_no_stream(client, path):
    response = client.get(static(path))
    assert response.status_code == 200 and not response.streaming
    assert len(response.content) == int(response["Content-Length"]) > 100
    assert response["Content-Type"].startswith(("text/css", "text/javascript", "application/javascript"))


def test_under_asgi_nothing_warns():
    response = asyncio.run(AsyncClient().get(static("web/tokens.css")))
    assert response.status_code == 200 and b"--" in response.content


def test_a_part_of_a_file_and_its_head_can_be_asked_for(client):
    response = client.get(static("web/tokens.css"), HTTP_RANGE="bytes=0-9")
    assert response.status_code == 206 and len(response.content) == 10
    head = client.head(static("web/tokens.css"))
    assert head.status_code == 200 and head.content == b""

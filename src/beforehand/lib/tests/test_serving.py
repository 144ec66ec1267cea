"""Pages come from a few threads that stay, and are what Django's own handler would have answered."""

import asyncio
import threading

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from django.utils import translation

from beforehand.lib.serving import Pages

ended = threading.Event()


def plain(request):
    return HttpResponse(f"{threading.current_thread().name} {translation.get_language()} {request.body.decode()}")


def german(request):
    translation.activate("de")
    return plain(request)


def fails(request):
    raise RuntimeError("on purpose")


def stream(request):
    async def parts():
        try:
            while True:
                yield b"more\n"
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    return StreamingHttpResponse(parts())


def file(request):
    return FileResponse(open(__file__, "rb"))


urlpatterns = [
    path("plain", plain), path("german", german), path("fails", fails), path("stream", stream), path("file", file)
]  # fmt: skip


@pytest.fixture
def pages():
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield Pages(threads=2)


async def ask(pages, where, body=b"", most=10**9):
    """The status and the body; whoever has heard `most` bytes goes away."""
    sent, enough = [], asyncio.Event()
    asked = iter([{"type": "http.request", "body": body}])

    async def receive():
        if message := next(asked, None):
            return message
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if sum(len(one.get("body", b"")) for one in sent) >= most:
            enough.set()

    scope = {"type": "http", "method": "POST", "path": f"/{where}", "headers": [(b"host", b"localhost")]}
    scope |= {"query_string": b"", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "root_path": ""}
    await asyncio.wait_for(pages(scope, receive, send), 10)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent)


def test_many_requests_share_few_threads_and_nothing_else(pages):
    async def all_at_once():
        asked = [ask(pages, "german" if n % 2 else "plain", str(n).encode()) for n in range(40)]
        return await asyncio.gather(*asked)

    found = asyncio.run(all_at_once())
    names, languages, bodies = zip(*(body.decode().split() for _status, body in found), strict=True)
    assert len(set(names)) <= 2 and all(name.startswith("page") for name in names)
    assert list(languages) == ["en", "de"] * 20 and list(bodies) == [str(n) for n in range(40)]


def test_a_stream_ends_when_nobody_listens_any_more(pages):
    ended.clear()
    status, body = asyncio.run(ask(pages, "stream", most=20))
    assert status == 200 and body.startswith(b"more\nmore\n") and ended.is_set()


def test_a_file_comes_whole(pages):
    with open(__file__, "rb") as wanted:
        assert asyncio.run(ask(pages, "file")) == (200, wanted.read())


def test_what_fails_is_answered_and_the_thread_goes_on(pages, caplog):
    for _again in range(3):
        status, _body = asyncio.run(ask(pages, "fails"))
        assert status == 500
    assert asyncio.run(ask(pages, "plain"))[0] == 200
    assert "on purpose" in caplog.text

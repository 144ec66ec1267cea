"""An event that is posted is told to a browser that listens, through real processes and a real socket."""

import base64
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from beforehand.journey.tests.live import Live, live

MEMBER = """
from django.test import Client
from beforehand.team.models import Member
client = Client()
client.force_login(Member.objects.create_user("{role}@example.com", name="{role}", role="{role}"))
print(client.cookies["sessionid"].value)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with live(tmp_path_factory.mktemp("live")) as running:
        yield running


def cookie(server: Live, role: str) -> dict[str, str]:
    return {"Cookie": "sessionid=" + server.run("django", "shell", "-v0", "-c", MEMBER.format(role=role)).split()[-1]}


def post(server: Live, key: str, user: str, name: str) -> None:
    body = json.dumps({"type": "track", "userId": user, "event": name, "messageId": f"{user}-{name}"}).encode()
    login = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    with urllib.request.urlopen(
        urllib.request.Request(f"{server.address}/v1/track", body, login), timeout=10
    ) as answer:
        answer.read()


@contextmanager
def listening(server: Live, headers: dict[str, str]) -> Iterator["queue.Queue[dict]"]:
    heard: queue.Queue[dict] = queue.Queue()

    def read() -> None:
        for line in stream:
            if line.startswith(b"data: "):
                heard.put(json.loads(line.removeprefix(b"data: ")))
                return

    with urllib.request.urlopen(
        urllib.request.Request(f"{server.address}/live", headers=headers), timeout=30
    ) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        yield heard
        reader.join(10)


@pytest.mark.slow
def test_what_is_posted_is_told_and_stands_on_the_page(server):
    key, agent = server.key(), cookie(server, "agent")
    post(server, key, "ana", "First")
    ((ana,),) = server.wait_for_rows("select customer_id from customers_identifier where value = 'ana'", 1)
    with listening(server, agent) as heard:
        time.sleep(0.5)
        post(server, key, "ana", "Seen Live")
        assert ana in heard.get(timeout=10)["customers"]
    page = urllib.request.Request(f"{server.address}/customers/{ana}/timeline", headers=agent)
    with urllib.request.urlopen(page, timeout=10) as answer:
        assert "Seen Live" in answer.read().decode()


@pytest.mark.slow
def test_whoever_may_not_see_customers_hears_nothing(server):
    viewer = cookie(server, "viewer")
    with pytest.raises(urllib.error.HTTPError) as refused, listening(server, viewer):
        pass
    assert refused.value.code == 403
    refused.value.close()

"""The collector by itself: what it answers. Real sockets and real trackers are in test_sdks.py."""

import asyncio
import base64
import gzip
import json

import pytest

from beforehand.journey.collector import Collector, is_ours
from beforehand.journey.commits import Commits
from beforehand.journey.intake import Intake
from beforehand.journey.models import WriteKey

CALLS = ("identify", "track", "page", "screen", "group", "alias")
POSTHOG = ("/batch/", "/capture/", "/e/", "/i/v0/e/")
pytestmark = pytest.mark.django_db
BATCH = {"batch": [{"type": "track", "event": "x", "userId": "u1"}]}


class Answer:
    def __init__(self, events):
        start, body = events
        self.status = start["status"]
        self.headers = dict(start["headers"])
        self.body = body["body"]

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """Calls the application as a server would; the intake is a real file."""

    def __init__(self, settings):
        self.collector = Collector()
        self.collector.ring.refresh()
        self.intake = Intake(settings.INTAKE)
        self.key, self.text = WriteKey.create("Shop", "server")
        self.browser, self.browser_text = WriteKey.create("Site", "browser", origins=["https://shop.example"])
        self.collector.ring.refresh()

    def __call__(self, path, body=b"", method="POST", headers=None, chunks=1, query=b""):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        scope = {"type": "http", "method": method, "path": path, "query_string": query, "scheme": "http",
                 "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]}  # fmt: skip
        size = max(1, -(-len(body) // chunks))
        parts = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
        events = []

        async def receive():
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(event):
            events.append(event)

        async def run():
            self.collector.commits = Commits(self.intake)
            await self.collector(scope, receive, send)
            self.collector.commits.writer.shutdown()

        asyncio.run(run())
        return Answer(events)

    def basic(self, text=None, colon=":"):
        return {"Authorization": "Basic " + base64.b64encode(f"{text or self.text}{colon}".encode()).decode()}

    @property
    def stored(self):
        return list(self.intake.read(0, 100))


@pytest.fixture
def client(settings):
    client = Client(settings)
    yield client
    client.intake.close()


POSTS = [f"/v1/{name}" for name in (*CALLS, *"btpsiga", "batch", "import")] + list(POSTHOG)


@pytest.mark.parametrize("path", POSTS)
def test_every_path_takes_messages(client, path):
    assert is_ours(path)
    body = BATCH if "batch" in path or path in {"/v1/b", "/v1/import"} else BATCH["batch"][0]
    answer = client(path, body, headers=client.basic())
    assert (answer.status, answer.body) == (200, b'{"success":true}')
    assert answer.headers[b"content-type"] == b"application/json"
    (stored,) = client.stored
    assert (stored.path, stored.source, json.loads(stored.body)) == (path, client.key.source_id, body)


def test_the_body_is_kept_as_it_came(client):
    packed = gzip.compress(json.dumps(BATCH).encode())
    headers = client.basic() | {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    assert client("/v1/batch", packed, headers=headers, chunks=5).status == 200
    assert client.stored[0].body == packed


@pytest.mark.parametrize(
    "shown",
    [
        lambda c: ({}, c.basic()),
        lambda c: ({}, c.basic(colon="")),
        lambda c: ({"writeKey": c.text}, {}),
        lambda c: ({"writeKey": c.text}, {"Authorization": "Bearer some-oauth-token"}),
        lambda c: ({}, {"Authorization": f"Bearer {c.text}"}),
        lambda c: ({"api_key": c.text}, {}),
        lambda c: ({"token": c.text}, {}),
        lambda c: ({"writeKey": c.text}, {"Authorization": "Basic rubbish!"}),
    ],
)
def test_the_key_may_stand_anywhere(client, shown):
    extra, headers = shown(client)
    assert client("/v1/batch", BATCH | extra, headers=headers).status == 200


def test_a_bare_list_of_events_shows_its_key_in_the_first(client):
    event = {"event": "x", "properties": {"distinct_id": "u1", "token": client.text}}
    assert client("/e/", [event]).status == 200


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/v1/batch", BATCH, {}, 401, "missing_write_key"),
        ("/v1/batch", BATCH | {"writeKey": "nobodys"}, {}, 401, "invalid_write_key"),
        ("/v1/batch", BATCH | {"writeKey": "\udcff"}, {}, 401, "invalid_write_key"),
        ("/v1/batch", b"{", None, 400, "invalid_json"),
        ("/v1/batch", {}, None, 400, "invalid_request"),
        ("/v1/batch", b"[" * 32_768, None, 400, "too_deep"),
        ("/v1/batch", b"x" * (6 << 20), None, 413, "payload_too_large"),
        ("/v1/batch", gzip.compress(b"x" * (6 << 20)), None, 413, "payload_too_large"),
        ("/v1/nothing", BATCH, None, 404, "not_found"),
    ],
)
def test_a_refusal_has_a_code_and_a_sentence_and_stores_nothing(client, path, body, headers, status, code):
    answer = client(path, body, headers=client.basic() if headers is None else headers)
    assert answer.status == status
    assert answer.json["success"] is False and answer.json["code"] == code
    assert answer.json["message"] and "detail" in answer.json
    assert client.stored == []


def test_what_is_not_posted_is_refused(client):
    assert client("/v1/batch", method="GET").json["code"] == "method_not_allowed"


def test_an_endless_body_is_cut_off(client, settings):
    settings.MAX_BODY_BYTES = client.collector.limit = 1000
    assert client("/v1/batch", b"x" * 9000, headers=client.basic(), chunks=100).status == 413


def test_a_revoked_key_is_refused(client):
    client.key.revoke()
    client.collector.ring.refresh()
    assert client("/v1/batch", BATCH, headers=client.basic()).status == 401


@pytest.mark.parametrize(
    ("origin", "status"), [("https://shop.example", 200), ("https://evil.example", 403), (None, 200)]
)
def test_a_browser_key_is_for_its_sites(client, origin, status):
    headers = {"Origin": origin} if origin else {}
    assert client("/v1/batch", BATCH | {"writeKey": client.browser_text}, headers=headers).status == status


def test_browsers_may_read_every_answer(client):
    answer = client("/v1/batch", b"{", headers={"Origin": "https://shop.example"})
    assert answer.headers[b"access-control-allow-origin"] == b"https://shop.example"
    before = client("/v1/batch", method="OPTIONS", headers={"Origin": "https://shop.example"})
    assert before.status == 200
    assert b"X-Retry-Count" in before.headers[b"access-control-allow-headers"]


def test_too_much_is_told_when_to_come_again(client):
    client.key.limit([], 2)
    client.collector.ring.refresh()
    body = {"batch": BATCH["batch"] * 5}
    assert client("/v1/batch", body, headers=client.basic()).status == 200
    answer = client("/v1/batch", body, headers=client.basic())
    assert answer.status == 429 and answer.json["code"] == "too_many_requests"
    assert int(answer.headers[b"retry-after"]) >= 1


def test_a_full_disk_is_a_503_with_a_code(client):
    pages = client.intake.database.execute("PRAGMA page_count").fetchone()[0]
    client.intake.database.execute(f"PRAGMA max_page_count={pages}")
    body = {"batch": [{"type": "track", "event": "x" * 200_000, "userId": "u1"}]}
    answer = client("/v1/batch", body, headers=client.basic())
    assert (answer.status, answer.json["code"]) == (503, "storage_full")
    assert int(answer.headers[b"retry-after"]) >= 1


def test_while_the_record_does_not_answer_trackers_are_asked_to_come_again(settings, monkeypatch, caplog):
    collector = Collector()
    answers = []

    async def send(event):
        answers.append(event)

    async def receive():
        return {"type": "http.request", "body": json.dumps(BATCH).encode()}

    def no_answer():
        raise OSError("connection refused")

    async def run():
        monkeypatch.setattr(collector, "_read_record", no_answer)
        await collector.start()
        scope = {"type": "http", "method": "POST", "path": "/v1/batch", "query_string": b"", "headers": []}
        await collector(scope, receive, send)
        monkeypatch.setattr(collector, "_read_record", lambda: 7)
        await collector._get_ready()
        await collector(scope, receive, send)
        await collector.stop()

    asyncio.run(run())
    assert [event["status"] for event in answers if "status" in event] == [503, 401]
    assert json.loads(answers[1]["body"])["code"] == "starting"


def test_a_fault_of_ours_is_said_in_the_same_form(client, monkeypatch, caplog):
    monkeypatch.setattr("beforehand.journey.collector.inflate", lambda *args: 1 / 0)
    answer = client("/v1/batch", BATCH, headers=client.basic())
    assert (answer.status, answer.json["code"], answer.json["success"]) == (500, "unexpected", False)


def test_metrics_are_taken_and_dropped(client):
    assert client("/v1/m", b"rubbish").status == 200
    assert client.stored == []


def test_analytics_js_is_told_where_to_send(client):
    headers = {"Host": "cx.example:8000"}
    answer = client(f"/v1/projects/{client.browser_text}/settings", method="GET", headers=headers)
    assert answer.json["integrations"]["Segment.io"] == {
        "apiKey": client.browser_text, "apiHost": "cx.example:8000/v1", "protocol": "http",
    }  # fmt: skip
    for text in ("nobodys", client.text):
        assert client(f"/v1/projects/{text}/settings", method="GET").status == 404


def test_the_snippet_is_served(client):
    answer = client("/beforehand.js", method="GET")
    assert answer.status == 200 and answer.headers[b"content-type"].startswith(b"text/javascript")
    assert b"beforehand" in answer.body
    packed = client("/beforehand.js", method="GET", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.body) == answer.body
    assert len(packed.body) < 2048


def test_pages_are_not_the_collectors():
    assert not any(map(is_ours, ["/", "/v1", "/v1/", "/customers/1", "/static/web/x.css", "/batches"]))

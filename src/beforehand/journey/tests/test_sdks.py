"""Unmodified trackers over a real socket, into a Beforehand in processes of its own."""

import json
import urllib.error
import urllib.request

import pytest

from beforehand.journey.tests.live import live

HAPPENED = "SELECT count(*) FROM journey_touchpoint"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with live(tmp_path_factory.mktemp("sdks")) as server:
        server.secret = server.key("server", "SDK server")
        server.public = server.key("browser", "SDK site", "--origin", "https://shop.example")
        yield server


def touchpoints(server, name, count):
    sql = (
        "SELECT t.name, i.kind, i.value, t.properties, t.channel FROM journey_touchpoint t"
        f" JOIN customers_identifier i ON i.id = t.identifier_id WHERE t.name = '{name}' ORDER BY t.id"
    )
    return server.wait_for_rows(sql, count)


@pytest.mark.parametrize("gzip", [False, True])
def test_segments_python_tracker(server, gzip):
    from segment.analytics.client import Client

    name, user = f"Order placed, packed {gzip}", f"ada-{int(gzip)}"
    errors = []
    client = Client(server.secret, host=server.address, gzip=gzip, on_error=lambda *args: errors.append(args))
    client.identify(user, {"name": "Ada", "email": f"{user}@x.example"}, anonymous_id=f"browser-{int(gzip)}")
    for number in range(150):
        client.track(user, name, {"number": number})
    client.group(user, "acme", {"name": "Acme"})
    client.alias(f"old-{gzip}", user)
    client.page(user, "shop", "cart", {"path": "/cart"})
    client.flush()
    client.join()
    assert not errors
    found = touchpoints(server, name, 150)
    assert sorted(json.loads(row[3])["number"] for row in found) == list(range(150))
    assert {row[1:3] for row in found} == {("user_id", user)}
    sql = (
        "SELECT count(DISTINCT customer_id), count(*) FROM customers_identifier"
        f" WHERE value IN ('{user}', '{user}@x.example', 'browser-{int(gzip)}')"
    )
    assert server.rows(sql) == [(1, 3)]


@pytest.mark.parametrize("gzip", [False, True])
def test_posthogs_python_tracker(server, gzip):
    from posthog import Posthog

    name, user = f"Plan chosen, packed {gzip}", f"ben-{gzip}"
    errors = []
    client = Posthog(server.secret, host=server.address, gzip=gzip, on_error=lambda *args: errors.append(args))
    for number in range(120):
        client.capture(name, distinct_id=user, properties={"number": number})
    client.set(distinct_id=user, properties={"name": "Ben"})
    client.alias(f"early-{gzip}", user)
    client.shutdown()
    assert not errors
    found = touchpoints(server, name, 120)
    assert sorted(json.loads(row[3])["number"] for row in found) == list(range(120))
    assert {row[1:3] for row in found} == {("user_id", user)}


def test_a_tracker_with_a_revoked_key_hears_so_once(server):
    from segment.analytics.client import Client

    errors = []
    client = Client("bs_nobodys", host=server.address, on_error=lambda *args: errors.append(args))
    client.track("x", "Never seen")
    client.flush()
    client.join()
    assert "401" in str(errors[0][0]) or "invalid_write_key" in str(errors[0][0])
    assert len(errors) == 1


def post(server, path, body, **headers):
    request = urllib.request.Request(f"{server.address}{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize("again", [1, 2])
def test_a_new_key_is_taken_by_the_first_request_that_shows_it(server, again):
    key = server.key("server", f"Young {again}")
    message = {"type": "track", "userId": "young", "event": "Opened", "writeKey": key}
    assert post(server, "/v1/track", json.dumps(message).encode()) == (200, {"success": True})


def test_a_browser_that_posts_text_is_heard(server):
    message = {
        "type": "page",
        "anonymousId": "visitor-1",
        "writeKey": server.public,
        "context": {"page": {"path": "/a"}},
    }
    body = json.dumps(message).encode()
    headers = {"Content-Type": "text/plain", "Origin": "https://shop.example"}
    assert post(server, "/v1/p", body, **headers) == (200, {"success": True})
    sql = (
        "SELECT place FROM journey_touchpoint t JOIN customers_identifier i ON i.id = t.identifier_id"
        " WHERE value = '%s'"
    )
    assert server.wait_for_rows(sql % "visitor-1", 1) == [("/a",)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" * 32_768, 400, "too_deep"),
        (b"\xff\xfe", 400, "invalid_json"),
        (b"x" * (6 << 20), 413, "payload_too_large"),
    ],
)
def test_bad_input_over_the_socket_is_answered_and_the_server_lives_on(server, body, status, code):
    answer = post(server, "/v1/batch", body)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert post(server, "/v1/m", b"") == (200, {"success": True})


def test_a_key_that_is_revoked_stops_working_within_seconds(server):
    import time

    text = server.key("server", "Short-lived")
    body = json.dumps({"type": "track", "event": "x", "userId": "u", "writeKey": text}).encode()
    until = time.monotonic() + 6
    while post(server, "/v1/track", body)[0] != 200 and time.monotonic() < until:
        time.sleep(0.1)
    number = server.rows("SELECT max(id) FROM journey_writekey")[0][0]
    server.run("keys", "revoke", str(number))
    while (answer := post(server, "/v1/track", body))[0] == 200 and time.monotonic() < until + 6:
        time.sleep(0.1)
    assert answer[1]["code"] == "invalid_write_key"

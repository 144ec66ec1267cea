import json

import pytest

from beforehand.journey.intake import Stored
from beforehand.journey.wire import Failure, decode

RECEIVED = 1_772_359_200_000_000


def one(event, path="/batch/", **around):
    body = json.dumps({"api_key": "k", "batch": [event], **around}).encode()
    (found,) = decode(Stored(1, RECEIVED, 1, 1, path, "", body), 5 << 20, 32 << 10)
    return found


def event(name="Order placed", distinct="u1", **properties):
    return {"event": name, "distinct_id": distinct, "uuid": "id-1", "properties": properties}


GROUP = {"$group_key": "acme", "$group_set": {"name": "Acme"}}


@pytest.mark.parametrize(
    ("sent", "field", "value"),
    [
        (event(), "name", "Order placed"),
        (event(), "message_id", "id-1"),
        (event(), "user_id", "u1"),
        (event(), "channel", "server"),
        (event(price=3, **{"$lib": "posthog-python"}), "properties", '{"price":3}'),
        (event("$pageview", **{"$current_url": "https://x.example/a?b"}), "name", "Page viewed"),
        (event("$pageview", **{"$current_url": "https://x.example/a?b"}), "place", "/a"),
        (event("$pageview"), "channel", "web"),
        (event("$screen", **{"$screen_name": "Cart"}), "place", "Cart"),
        (event("$autocapture"), "name", "Element used"),
        (event("$feature_flag_called"), "name", "Feature flag called"),
        (event("$identify", **{"$anon_distinct_id": "a1", "$set": {"name": "Ada"}}), "kind", "identify"),
        (event("$identify", **{"$anon_distinct_id": "a1", "$set": {"name": "Ada"}}), "anonymous_id", "a1"),
        (event("$identify", **{"$anon_distinct_id": "a1", "$set": {"name": "Ada"}}), "traits", {"name": "Ada"}),
        (event() | {"$set": {"name": "Ada"}}, "traits", {"name": "Ada"}),
        (event("$create_alias", alias="old"), "previous_id", "old"),
        (event("$groupidentify", **GROUP), "group", "acme"),
        (event("$groupidentify", **GROUP), "group_traits", {"name": "Acme"}),
        (event(**{"$groups": {"company": "acme"}}), "group", "acme"),
        (event(distinct="dev", **{"$device_id": "dev"}), "anonymous_id", "dev"),
        (event(distinct="dev", **{"$device_id": "dev"}), "user_id", ""),
        (event(distinct="x", **{"$process_person_profile": False}), "anonymous_id", "x"),
        (event(**{"$device_id": "dev"}), "anonymous_id", "dev"),
        ({"event": "x", "properties": {"distinct_id": "u2"}}, "user_id", "u2"),
        (event() | {"timestamp": "2026-03-01T09:59:00Z"}, "time", RECEIVED - 60_000_000),
        (event() | {"offset": 2000}, "time", RECEIVED - 2_000_000),
    ],
)  # fmt: skip
def test_an_event_means(sent, field, value):
    assert getattr(one(sent), field) == value


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"event": "x"}, "no_user_anon_id"),
        ({"distinct_id": "u1"}, "no_event"),
        (event() | {"timestamp": "soon"}, "bad_timestamp"),
        (event("$groupidentify"), "no_group_id"),
        (event() | {"properties": 3}, "invalid_message"),
    ],
)
def test_a_bad_event_fails_for_a_reason(sent, reason):
    found = one(sent)
    assert isinstance(found, Failure) and found.reason == reason


def test_a_skewed_clock_is_put_right_by_sent_at():
    found = one(event() | {"timestamp": "2026-03-01T11:59:00Z"}, sent_at="2026-03-01T12:00:00Z")
    assert found.time == RECEIVED - 60_000_000


def test_a_bare_list_and_a_single_event_are_read_too():
    for body in (json.dumps([event()]), json.dumps(event())):
        (found,) = decode(Stored(1, RECEIVED, 1, 1, "/e/", "", body.encode()), 5 << 20, 32 << 10)
        assert found.name == "Order placed"

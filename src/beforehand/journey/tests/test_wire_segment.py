"""Segment's calls, one by one: what is sent on the left, what it means on the right."""

import json

import pytest

from beforehand.journey.intake import Stored
from beforehand.journey.wire import Failure, Message, decode
from beforehand.lib.fields import from_micros, to_micros

RECEIVED = 1_772_359_200_000_000  # 2026-03-01T10:00:00Z
SECOND = 1_000_000


def sent(*messages, path="/v1/batch", received=RECEIVED, number=7, **around):
    body = json.dumps({"batch": list(messages), **around}).encode()
    return list(decode(Stored(number, received, 1, 1, path, "", body), 5 << 20, 32 << 10))


def one(message, path="/v1/batch", **around) -> Message:
    (found,) = sent(message, path=path, **around)
    assert isinstance(found, Message), found
    return found


def refused(message, path="/v1/batch", **around) -> Failure:
    (found,) = sent(message, path=path, **around)
    assert isinstance(found, Failure), found
    return found


TRACK = {"type": "track", "event": "Order placed", "userId": "u1", "messageId": "m1"}
PAGE = {"type": "page", "anonymousId": "a"}
IDENTIFY = {"type": "identify", "userId": "u1"}
GROUP = {"type": "group", "userId": "u1", "groupId": "acme"}


@pytest.mark.parametrize(
    ("message", "field", "value"),
    [
        (TRACK, "name", "Order placed"),
        (TRACK, "kind", "track"),
        (TRACK, "message_id", "m1"),
        (TRACK, "user_id", "u1"),
        (TRACK, "channel", "server"),
        (TRACK | {"event": "$Order"}, "name", "Order"),
        (TRACK | {"userId": 42}, "user_id", "42"),
        (TRACK | {"userId": 42.0}, "user_id", "42"),
        (TRACK | {"userId": " u1 "}, "user_id", "u1"),
        (TRACK | {"properties": {"a": [1, {"b": None}]}}, "properties", '{"a": [1, {"b": null}]}'),
        (TRACK | {"properties": None}, "properties", "{}"),
        (TRACK | {"context": {"groupId": "acme"}}, "group", "acme"),
        (TRACK | {"context": {"identityToken": "t"}}, "token", "t"),
        (TRACK | {"context": {"page": {"path": "/cart"}}}, "place", "/cart"),
        (TRACK | {"context": {"page": {"url": "https://x.example/cart?secret=1"}}}, "place", "/cart"),
        (TRACK | {"context": {"page": {"url": "https://x.example"}}}, "place", "/"),
        (TRACK | {"context": {"page": {"url": "https://[broken"}}}, "place", "https://[broken"),
        (TRACK | {"context": {"page": {"path": "/"}}}, "channel", "web"),
        (TRACK | {"context": {"channel": "mobile"}}, "channel", "mobile app"),
        (TRACK | {"context": {"channel": "Kiosk"}}, "channel", "kiosk"),
        (TRACK | {"context": {"library": {"name": "analytics-ios"}}}, "channel", "mobile app"),
        (TRACK | {"context": {"os": {"name": "Android"}}}, "channel", "mobile app"),
        (TRACK | {"context": {"userAgent": "Mozilla"}}, "channel", "web"),
        (TRACK | {"context": "nonsense"}, "channel", "server"),
        (TRACK | {"channel": "browser"}, "channel", "web"),
        ({"type": "page", "anonymousId": "a"}, "name", "Page viewed"),
        ({"type": "page", "anonymousId": "a"}, "channel", "web"),
        ({"type": "page", "anonymousId": "a", "properties": {"url": "https://x.example/p?q"}}, "place", "/p"),
        (PAGE | {"name": "Home", "category": "Main"}, "properties", '{"name":"Home","category":"Main"}'),
        ({"type": "screen", "anonymousId": "a", "name": "Cart"}, "name", "Screen viewed"),
        ({"type": "screen", "anonymousId": "a", "name": "Cart"}, "place", "Cart"),
        ({"type": "screen", "anonymousId": "a", "name": "Cart"}, "channel", "mobile app"),
        ({"type": "identify", "userId": "u1", "traits": {"name": "Ada"}}, "name", "$identify"),
        ({"type": "identify", "userId": "u1", "traits": {"name": "Ada"}}, "traits", {"name": "Ada"}),
        ({"type": "identify", "userId": "u1", "context": {"traits": {"name": "Ada"}}}, "traits", {"name": "Ada"}),
        (IDENTIFY | {"traits": {"a": 1}, "context": {"traits": {"a": 2, "b": 3}}}, "traits", {"a": 1, "b": 3}),
        (GROUP | {"traits": {"name": "Acme"}}, "group_traits", {"name": "Acme"}),
        (GROUP | {"traits": {"name": "Acme"}}, "traits", {}),
        ({"type": "group", "userId": "u1", "groupId": 7}, "group", "7"),
        ({"type": "alias", "userId": "u1", "previousId": "old"}, "previous_id", "old"),
        ({"type": "alias", "userId": "u1", "previousId": "old"}, "kind", "alias"),
    ],
)  # fmt: skip
def test_a_call_means(message, field, value):
    assert getattr(one(message), field) == value


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"type": "track", "event": "x"}, "no_user_anon_id"),
        ({"type": "track", "event": "x", "userId": ""}, "no_user_anon_id"),
        ({"type": "track", "userId": "u1"}, "no_event"),
        ({"type": "track", "event": "$", "userId": "u1"}, "no_event"),
        ({"type": "purchase", "userId": "u1"}, "unknown_type"),
        ({"event": "x", "userId": "u1"}, "unknown_type"),
        ({"type": "group", "userId": "u1"}, "no_group_id"),
        ({"type": "alias", "userId": "u1"}, "no_previous_id"),
        (TRACK | {"timestamp": "yesterday"}, "bad_timestamp"),
        (TRACK | {"timestamp": 1e300}, "bad_timestamp"),
        (TRACK | {"userId": {"a": 1}}, "invalid_message"),
        (TRACK | {"userId": True}, "invalid_message"),
        (TRACK | {"properties": [1]}, "bad_properties"),
        (TRACK | {"properties": {"long": "x" * 40_000}}, "too_large"),
        (["track"], "invalid_message"),
        (5, "invalid_message"),
    ],
)
def test_a_bad_message_fails_for_a_reason(message, reason):
    assert refused(message).reason == reason


def test_a_bad_message_does_not_harm_its_neighbours():
    good, bad, also_good = sent(TRACK, {"type": "track"}, TRACK | {"messageId": "m2"})
    assert (type(good), type(bad), type(also_good)) == (Message, Failure, Message)
    assert bad.position == 1 and json.loads(bad.body) == {"type": "track"}


def test_the_path_says_the_type_of_a_single_call():
    body = json.dumps({"event": "Hi", "userId": "u1"}).encode()
    for path in ("/v1/track", "/v1/t"):
        (found,) = decode(Stored(1, RECEIVED, 1, 1, path, "", body), 5 << 20, 32 << 10)
        assert found.name == "Hi"


def test_the_context_of_the_batch_holds_where_the_message_does_not_say_otherwise():
    found = one(TRACK | {"context": {"page": {"path": "/own"}}}, context={"page": {"path": "/all"}, "groupId": "acme"})
    assert (found.place, found.group) == ("/own", "acme")


def test_a_message_keeps_what_was_sent():
    found = one(
        TRACK | {"timestamp": "2026-03-01T09:00:00Z", "context": {"ip": "1.2.3.4"}}, sentAt="2026-03-01T10:00:00Z"
    )
    assert json.loads(found.sent_as) == {
        "type": "track", "userId": "u1", "timestamp": "2026-03-01T09:00:00Z", "sentAt": "2026-03-01T10:00:00Z",
        "context": {"ip": "1.2.3.4"},
    }  # fmt: skip


def test_a_signed_token_is_not_kept():
    found = one(TRACK | {"context": {"identityToken": "secret", "ip": "1.2.3.4"}})
    assert "secret" not in found.sent_as and "1.2.3.4" in found.sent_as


@pytest.mark.parametrize(
    ("times", "around", "seconds_after_receipt"),
    [
        ({}, {}, 0),
        ({"timestamp": "2026-03-01T09:59:00Z"}, {}, -60),
        ({"originalTimestamp": "2026-03-01T09:59:00Z"}, {}, -60),
        ({"timestamp": "2026-03-01T10:59:00+01:00"}, {}, -60),
        ({"timestamp": "2026-03-01T09:59:00"}, {}, -60),
        ({"timestamp": 1772359140}, {}, -60),
        ({"timestamp": 1772359140000}, {}, -60),
        ({"timestamp": "2026-03-01T11:59:00Z"}, {"sentAt": "2026-03-01T12:00:00Z"}, -60),
        ({"timestamp": "2026-03-01T11:59:00Z", "sentAt": "2026-03-01T12:00:00Z"}, {}, -60),
        ({"timestamp": "2026-03-01T09:59:00Z"}, {"sentAt": "2026-03-01T09:59:56Z"}, -60),
        ({"timestamp": "2020-03-01T10:00:00Z"}, {"sentAt": "2026-03-01T10:00:00Z"}, -2191 * 86400),
        ({"timestamp": "2026-03-02T08:00:00Z"}, {}, 22 * 3600),
        ({"timestamp": "2026-03-02T09:00:01Z"}, {}, 0),
        ({"timestamp": "2099-01-01T00:00:00Z"}, {}, 0),
        ({"timestamp": "1970-01-01T00:00:00Z"}, {"sentAt": "1970-01-01T00:01:00Z"}, -60),
        ({"timestamp": "2026-03-01T09:59:00Z"}, {"sentAt": "rubbish"}, -60),
    ],
)
def test_the_clock_is_put_right(times, around, seconds_after_receipt):
    assert one(TRACK | times, **around).time - RECEIVED == seconds_after_receipt * SECOND


def test_an_old_date_stays_as_it_is():
    assert one(TRACK | {"timestamp": "1970-01-01T00:00:00Z"}).time == 0
    assert from_micros(one(TRACK | {"timestamp": "0001-01-01T00:00:00+00:00"}).time).year == 1
    assert to_micros(from_micros(RECEIVED)) == RECEIVED


def test_a_dated_message_without_an_id_has_the_same_one_whenever_it_is_sent():
    message = {"type": "track", "event": "x", "userId": "u1", "timestamp": "2026-03-01T09:00:00Z"}
    first = one(message, number=1, sentAt="2026-03-01T10:00:00Z")
    again = one(dict(reversed(message.items())), number=2, sentAt="2026-03-01T10:05:00Z")
    other = one(message | {"event": "y"})
    assert first.message_id == again.message_id != other.message_id


def test_an_undated_message_without_an_id_is_its_place_in_the_request():
    message = {"type": "track", "event": "x", "userId": "u1"}
    ids = [found.message_id for found in sent(message, message, number=7)]
    assert ids == [found.message_id for found in sent(message, message, number=7)]
    assert len({*ids, *[found.message_id for found in sent(message, message, number=8)]}) == 4


def test_more_than_2500_messages_wait_in_the_failed_lane():
    found = sent(*[TRACK] * 2502)
    assert [failure.reason for failure in found[2500:]] == ["too_many_messages"] * 2
    assert all(isinstance(message, Message) for message in found[:2500])

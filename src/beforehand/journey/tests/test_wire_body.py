"""Bodies that want to do harm, and bodies that are only odd."""

import gzip
import json
import tracemalloc
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from beforehand.journey.intake import Stored
from beforehand.journey.wire import Failure, decode
from beforehand.journey.wire.body import BadBody, check, depth, inflate, mend

LIMIT = 1 << 20
TRACK = {"type": "track", "event": "x", "userId": "u1"}


def refusal(body, encoding=""):
    with pytest.raises(BadBody) as caught:
        check(inflate(body, encoding, LIMIT), batched=True)
    return caught.value


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b"{", 400, "invalid_json"),
        (b'{"batch":[1,]}', 400, "invalid_json"),
        (b'{"batch":[NaN]}', 400, "invalid_json"),
        (b'{"batch":"x"}', 400, "invalid_request"),
        (b'{"batch":[],"writeKey":5}', 400, "invalid_request"),
        (b"{}", 400, "invalid_request"),
        (b"5", 400, "invalid_request"),
        (b'{"batch":[{"a":"\x00"}]}', 400, "invalid_json"),
        (b'{"batch":[' + b"[" * 16_000 + b"]" * 16_000 + b"]}", 400, "too_deep"),
        (b'{"batch":[' + b'{"a":' * 16_000 + b"1" + b"}" * 16_000 + b"]}", 400, "too_deep"),
        (b"[" * 32_000, 400, "too_deep"),
        (b" " * (LIMIT + 1), 413, "payload_too_large"),
        (gzip.compress(b" " * (LIMIT + 1), mtime=0), 413, "payload_too_large"),
        (gzip.compress(b'{"batch":[]}', mtime=0)[:-9], 400, "invalid_encoding"),
        (b"\x1f\x8brubbish", 400, "invalid_encoding"),
        (gzip.compress(b'{"batch":[]}', mtime=0) + b"rubbish", 400, "invalid_encoding"),
        (gzip.compress(b"", mtime=0) * 1000, 400, "invalid_encoding"),
        (gzip.compress(b" " * (LIMIT // 2), mtime=0) * 3, 413, "payload_too_large"),
    ],
)
def test_a_bad_body_is_refused_with_a_code(body, status, code):
    error = refusal(body)
    assert (error.status, error.code) == (status, code) and error.message


def test_an_unknown_encoding_is_refused():
    assert refusal(b"x", "br").status == 415


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b'{"batch":[]}', ""),
        (b'{"batch":[]}', "gzip"),
        (gzip.compress(b'{"batch":[]}', mtime=0), "gzip"),
        (gzip.compress(b'{"batch":[]}', mtime=0), ""),
        (gzip.compress(b'{"batch"', mtime=0) + gzip.compress(b":[]}", mtime=0), "gzip"),
        (zlib.compress(b'{"batch":[]}'), "deflate"),
        (zlib.compress(b'{"batch":[]}')[2:-4], "deflate"),
        (b'\xef\xbb\xbf{"batch":[]}', ""),
    ],
)
def test_what_the_bytes_are_counts_and_not_what_the_header_says(body, encoding):
    assert check(inflate(body, encoding, LIMIT), batched=True)[1] == 0


def test_a_zip_bomb_is_given_up_before_it_unfolds():
    bomb = gzip.compress(gzip.compress(b"\0" * (1 << 26), mtime=0), mtime=0)
    tracemalloc.start()
    try:
        with pytest.raises(BadBody):
            inflate(gzip.decompress(bomb), "gzip", LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 8 * LIMIT
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        (rb'"\u0000"', rb'"\ufffd"'),
        (rb'"\\u0000"', rb'"\\u0000"'),
        (rb'"\\\u0000"', rb'"\\\ufffd"'),
        (rb'"\ud83d\ude00"', rb'"\ud83d\ude00"'),
        (rb'"\ud83d"', rb'"\ufffd"'),
        (rb'"\ude00\ud83d"', rb'"\ufffd\ufffd"'),
        (rb'"\ud83d\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
        (rb'"\u00e4\n"', rb'"\u00e4\n"'),
    ],
)
def test_what_no_database_holds_is_mended(raw, mended):
    assert mend(raw) == mended


@profile(deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=30))
def test_any_text_that_a_browser_can_send_can_be_read_after_mending(text):
    read = msgspec.json.decode(mend(json.dumps(text).encode()))
    assert "\0" not in read and len(read) <= len(text)
    read.encode()


@profile(deadline=None, max_examples=40)
@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_depth_counts_brackets_outside_of_text(value):
    def levels(value):
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max(map(levels, inner), default=0)

    padded = ["[" * 70, value]
    assert depth(json.dumps(padded).encode()) == 1 + levels(value)


def drained(message: bytes):
    body = b'{"batch":[' + message + b"," + json.dumps(TRACK).encode() + b"]}"
    check(body, batched=True)
    return list(decode(Stored(1, 1, 1, 1, "/v1/batch", "", body), 5 << 20, 32 << 10))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b'{"type":"track","event":"x","userId":"u1","properties":{"a":"\xff\xfe"}}', "invalid_utf8"),
        (b'{"type":"track","event":"x","userId":"\xc3"}', "invalid_utf8"),
        (b'{"a":' + b"[" * 100 + b"]" * 100 + b"}", "too_deep"),
        (b'{"type":"track","event":"x","userId":"u1","context":{"a":1e999}}', "invalid_message"),
    ],
)
def test_what_only_one_message_has_wrong_fails_alone(message, reason):
    bad, good = drained(message)
    assert isinstance(bad, Failure) and bad.reason == reason and "\0" not in bad.body
    assert good.name == "x"


def test_half_a_character_and_a_nul_are_kept_as_a_sign_that_something_was_there():
    first, _ = drained(rb'{"type":"track","event":"x\ud800","userId":"u\u0000","properties":{"a\u0000":"\udc00"}}')
    assert (first.name, first.user_id) == ("x\ufffd", "u\ufffd")
    assert json.loads(first.properties) == {"a\ufffd": "\ufffd"}

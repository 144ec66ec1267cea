"""A signed value comes back whole for its own purpose, in any case of letters, and in no other spelling."""

import string

import pytest

from beforehand.lib.signing import MOST_BYTES, check, sign

KEYS = [b"new", b"old"]
LETTERS = string.ascii_lowercase + "234567"


@pytest.mark.parametrize("size", range(1, MOST_BYTES + 1))
def test_one_value_has_one_spelling(size):
    payload = bytes(range(size))
    text = sign("test", payload, KEYS)
    assert check("test", text, KEYS) == check("test", text.upper(), KEYS) == payload
    others = {text[:-1] + letter for letter in LETTERS} - {text}
    assert all(check("test", other, KEYS) is None for other in others | {text + "a", text + "=", text[:-1]})


def test_an_older_key_still_fits_and_another_purpose_does_not():
    text = sign("test", b"payload", KEYS[1:])
    assert check("test", text, KEYS) == b"payload"
    assert check("other", text, KEYS) is None
    assert check("test", text, KEYS[:1]) is None


@pytest.mark.parametrize("text", ["", "a", "é", "a" * 500, "\x00", "====", "aaaaaaaa"])
def test_nonsense_is_nothing(text):
    assert check("test", text, KEYS) is None

import pytest

from beforehand.lib.text import number_in, numbers_in, object_in, storable


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("9" * 18, 10**18 - 1), ("9" * 19, 0), ("9" * 5000, 0)]
    + [(text, 0) for text in ("", "-1", " 1", "1.0", "²", "٣", "a", "1\0", "1_0")],
)
def test_a_number_is_plain_digits_that_a_key_can_have(text, number):
    assert number_in(text) == number


def test_what_is_no_number_is_left_out():
    assert numbers_in(["3", "x", "", "1", "9" * 40]) == [3, 1]


def test_what_no_database_takes_is_left_out_or_replaced():
    assert storable("a\0b\ud83d c") == "ab\ufffd c"


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b"null", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000])
def test_a_body_that_is_no_object_is_none(body):
    assert object_in(body) is None


def test_an_object_is_read():
    assert object_in('{"a": ["ü"]}'.encode()) == {"a": ["ü"]}

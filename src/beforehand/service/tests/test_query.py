"""The search language: what it reads, what it says of what it cannot read, and that it writes what it read."""

from datetime import date, timedelta

import pytest

from beforehand.service.search.query import OPERATORS, Condition, Search, Span, Word, complete, parse


def test_words_phrases_and_operators_are_told_apart():
    search = parse('from:ines "out for delivery" refund -tag:done -angry waiting:>4h')
    assert search.words == (Word("out for delivery", True), Word("refund"), Word("angry", negated=True))
    assert [one.name for one in search.conditions] == ["from", "tag", "waiting"]
    assert search.conditions[1].negated
    assert search.conditions[2].value == Span(">", 4 * 3600)
    assert not search.faults


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("waiting:>4h", Span(">", 14_400)), ("waiting:<30m", Span("<", 1800)), ("waiting:2d", Span(">", 172_800)),
        ("before:2026-11-01", date(2026, 11, 1)), ("after:7d", timedelta(days=7)), ("after:today", "today"),
        ("sla:BREACHED", "breached"), ("owner:me", "me"), ('subject:"late parcel"', "late parcel"),
    ],
)  # fmt: skip
def test_values_have_their_types(text, value):
    assert parse(text).conditions[0].value == value


@pytest.mark.parametrize(
    ("text", "said", "suggestion"),
    [
        ("form:ines", "Did you mean “from:”?", "from:ines"),
        ("onwer:me", "Did you mean “owner:”?", "owner:me"),
        ("waiting:long", "such as >4h", ""),
        ("sla:breachd", "takes breached", "sla:breached"),
        ("before:yesteryear", "such as 2026-11-19", "before:yesterday"),
        ("xyzzy:1", "There is no “xyzzy:”", ""),
        ("from:", "Say what “from:” is to find", ""),
    ],
)
def test_what_is_not_understood_is_told_in_plain_words_and_the_rest_holds(text, said, suggestion):
    search = parse(f"refund {text}")
    assert [one.text for one in search.words] == ["refund"]
    assert not search.conditions
    (fault,) = search.faults
    assert said in fault.said
    assert fault.suggestion == suggestion


@pytest.mark.parametrize(
    "text",
    [
        "from:ines refund", '-subject:"late parcel" is:unread', '"a b" c -d', "waiting:>4h -tag:x team:mine", "late*",
        "-not", '"10:30" train', "https://shop.example/order?x=1", '"from:x"', "é ß 日本", "",
    ],
)  # fmt: skip
def test_a_search_written_out_reads_as_the_same_search(text):
    search = parse(text)
    assert parse(str(search)) == search


def test_not_before_an_operator_or_a_phrase_turns_it_round():
    assert parse("sla:breached not tag:x").conditions[1].negated
    assert parse('not "a b"').words == (Word("a b", True, True),)
    assert parse("not here").words == (Word("not"), Word("here"))


@pytest.mark.parametrize(
    "text", ['"', '""', ":", "::", "-", "--", 'from:"', "\0", "a" * 10_000, "- - -", 'x"y"z:"', "*"]
)
def test_whatever_is_typed_gives_a_search(text):
    search = parse(text)
    assert isinstance(search, Search)
    assert parse(str(search)) == search


def test_an_address_and_a_time_are_words_not_operators():
    search = parse("http://a.example/b 12:30")
    assert not search.conditions
    assert not search.faults


def test_the_last_piece_is_completed():
    assert [one.piece for one in complete("refund sta")] == ["status:"]
    assert complete("refund sta")[0].text == "refund status:"
    assert [one.piece for one in complete("-sla:br")] == ["-sla:breached"]
    known = {"tag": [("late parcel", "")]}
    assert complete("tag:la", lambda name: known.get(name, []))[0].text == 'tag:"late parcel" '
    assert complete("nonsense:x") == []


def test_every_operator_has_an_example_that_it_reads():
    for operator in OPERATORS.values():
        search = parse(operator.example)
        assert search.of(operator.name), operator.name
        assert not search.faults, operator.name


def test_a_condition_is_found_by_its_name():
    assert parse("tag:a tag:b").of("tag") == (Condition("tag", "a", "a"), Condition("tag", "b", "b"))

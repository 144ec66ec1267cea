"""The search language of the desk: words, "phrases" and operators such as `from:ines waiting:>4h -tag:refund`.

Pure: text in, a `Search` out, and back (`str`). What is not understood is told in plain words with a suggestion, and
the rest still holds. What a value means to the record (`owner:kai`) is read by `narrowing`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.lib.text import storable

LONGEST = 500
MOST_TERMS = 30
MINUTE, HOUR, DAY = 60, 3600, 86_400
UNITS = {"m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


class Span(NamedTuple):
    """Longer (`>`) or shorter (`<`) than so many seconds."""

    sign: str
    seconds: int


Value = str | Span | date | timedelta


class Unreadable(ValueError):
    """A value that its operator cannot take; the text says what it takes."""


@dataclass(frozen=True)
class Operator:
    """What may stand before a colon: what it finds, how its value is read, the values that it has of its own."""

    name: str
    about: str | Promise
    example: str
    read: Callable[["Operator", str], Value]
    choices: tuple[str, ...] = ()


class Word(NamedTuple):
    text: str
    phrase: bool = False
    negated: bool = False


class Condition(NamedTuple):
    name: str
    text: str
    value: Value
    negated: bool = False


class Fault(NamedTuple):
    """Something that was not understood: the text, why, and what was probably meant."""

    text: str
    said: str
    suggestion: str = ""


@dataclass(frozen=True)
class Search:
    """What is looked for. `str` gives a text that reads as the same search."""

    words: tuple[Word, ...] = ()
    conditions: tuple[Condition, ...] = ()
    faults: tuple[Fault, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.words or self.conditions)

    def __str__(self) -> str:
        told = [f"{'-' if one.negated else ''}{one.name}:{_quoted(one.text)}" for one in self.conditions]
        told += [f"{'-' if one.negated else ''}{_written(one)}" for one in self.words]
        return " ".join(told)

    def of(self, name: str) -> tuple[Condition, ...]:
        return tuple(one for one in self.conditions if one.name == name)


def _any(operator: Operator, text: str) -> Value:
    return text


def _choice(operator: Operator, text: str) -> Value:
    if (lower := text.lower()) in operator.choices:
        return lower
    raise Unreadable(_("“%(name)s:” takes %(values)s.") % _values(operator))


def _span(operator: Operator, text: str) -> Value:
    if (lower := text.lower()) in operator.choices:
        return lower
    found = re.fullmatch(r"([<>]?)=?(\d{1,6})(m|min|h|d|w)", lower)
    if not found:
        raise Unreadable(_("“%(name)s:” takes a time such as >4h, <30m or >2d.") % {"name": operator.name})
    return Span(found[1] or ">", int(found[2]) * UNITS[found[3]])


def _day(operator: Operator, text: str) -> Value:
    if (lower := text.lower()) in operator.choices:
        return lower
    if found := re.fullmatch(r"(\d{1,4})(d|w)", lower):
        return timedelta(seconds=int(found[1]) * UNITS[found[2]])
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = _("“%(name)s:” takes a day such as 2026-11-19, today, yesterday or 7d (seven days ago).")
        raise Unreadable(problem % {"name": operator.name}) from None


def _values(operator: Operator) -> dict[str, str]:
    return {"name": operator.name, "values": ", ".join(operator.choices)}


CAUSES = ("value", "information", "failure", "chase", "rights")
_ALL = (
    Operator("from", gettext_lazy("who wrote: a name or an address"), "from:ines", _any),
    Operator("to", gettext_lazy("to which address, ours or theirs"), "to:returns@shop.example", _any),
    Operator("subject", gettext_lazy("words of the subject"), "subject:refund", _any),
    Operator("status", gettext_lazy("a status by its name, or what it means"), "status:open", _any),
    Operator("owner", gettext_lazy("whose it is"), "owner:me", _any, ("me", "nobody")),
    Operator("team", gettext_lazy("which team's queue"), "team:parcels", _any, ("mine", "none")),
    Operator("tag", gettext_lazy("a tag"), "tag:refund", _any),
    Operator("cause", gettext_lazy("why they had to come"), "cause:failure", _choice, CAUSES),
    Operator("need", gettext_lazy("a kind of need"), "need:receive-my-order", _any),
    Operator("channel", gettext_lazy("how they wrote"), "channel:chat", _choice, ("email", "chat", "form", "api")),
    Operator("waiting", gettext_lazy("how long they have waited"), "waiting:>4h", _span, ("us", "them")),
    Operator("has", gettext_lazy("what it has"), "has:attachment", _choice,
             ("attachment", "note", "draft", "need", "promise")),
    Operator("before", gettext_lazy("last message before a day"), "before:2026-11-01", _day, ("today", "yesterday")),
    Operator("after", gettext_lazy("last message on a day or later"), "after:7d", _day, ("today", "yesterday")),
    Operator("sla", gettext_lazy("how it stands to its target"), "sla:breached", _choice,
             ("breached", "soon", "ok", "none")),
    Operator("priority", gettext_lazy("how urgent"), "priority:urgent", _choice, ("low", "normal", "high", "urgent")),
    Operator("is", gettext_lazy("its state"), "is:unread", _choice,
             ("unread", "open", "done", "snoozed", "undelivered", "spam", "archived", "merged", "mentioned")),
)  # fmt: skip
OPERATORS = {operator.name: operator for operator in _ALL}
_PIECE = re.compile(
    r'(?P<not>-|(?:not|NOT)\s+(?=\S+:|"))?(?:(?P<key>[A-Za-z_]+):(?!//))?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))'
)
_SAYS = re.compile(r"\w")
_NEAR = 0.6


def parse(text: str) -> Search:
    """The search that a text asks for. Whatever the text, it gives one."""
    words: list[Word] = []
    conditions: list[Condition] = []
    faults: list[Fault] = []
    for piece in list(_PIECE.finditer(_clean(text)))[:MOST_TERMS]:
        negated = bool(piece["not"])
        body = (piece["quoted"] if piece["quoted"] is not None else piece["bare"]).strip()
        key = (piece["key"] or "").lower()
        if not key and body.endswith(":") and body[:-1].lower() in OPERATORS:
            key, body = body[:-1].lower(), ""
        if not key:
            if _SAYS.search(body):
                words.append(Word(body, piece["quoted"] is not None, negated))
            continue
        outcome = _condition(key, body, negated, piece[0])
        if isinstance(outcome, Fault):
            faults.append(outcome)
        else:
            conditions.append(outcome)
    return Search(tuple(words), tuple(conditions), tuple(faults))


def _clean(text: str) -> str:
    return " ".join(storable(text).replace("“", '"').replace("”", '"').replace("„", '"').split())[:LONGEST]


def _condition(key: str, body: str, negated: bool, whole: str) -> Condition | Fault:
    operator = OPERATORS.get(key)
    if operator is None:
        near = get_close_matches(key, OPERATORS, 1, _NEAR)
        if not near:
            names = ", ".join(OPERATORS)
            return Fault(whole, _("There is no “%(key)s:”. There are %(names)s.") % {"key": key, "names": names})
        said = _("There is no “%(key)s:”. Did you mean “%(near)s:”?") % {"key": key, "near": near[0]}
        return Fault(whole, said, f"{near[0]}:{_quoted(body)}")
    if not body:
        said = _("Say what “%(key)s:” is to find, for instance %(example)s.")
        return Fault(whole, said % {"key": key, "example": operator.example})
    try:
        return Condition(key, body.lower() if operator.choices and body.lower() in operator.choices else body,
                         operator.read(operator, body), negated)  # fmt: skip
    except Unreadable as problem:
        near = get_close_matches(body.lower(), operator.choices, 1, _NEAR)
        return Fault(whole, str(problem), f"{key}:{near[0]}" if near else "")


def _quoted(text: str) -> str:
    return f'"{text}"' if not text or " " in text else text


def _written(word: Word) -> str:
    return f'"{word.text}"' if word.phrase else word.text


class Completion(NamedTuple):
    """What may follow: the whole text with it, what is put in, and what it means."""

    text: str
    piece: str
    about: str


def complete(text: str, names: Callable[[str], Sequence[tuple[str, str]]] | None = None) -> list[Completion]:
    """What the last piece of a text may become: an operator, or a value of one.

    `names(operator)` gives the record's own values (statuses, teams, tags) as (value, about).
    """
    head, _space, last = text.rpartition(" ")
    before = f"{head} " if head else ""
    sign = "-" if last.startswith("-") else ""
    key, colon, value = last.removeprefix("-").partition(":")
    if not colon:
        fits = [one for one in OPERATORS.values() if one.name.startswith(key.lower())]
        return [Completion(f"{before}{sign}{one.name}:", f"{sign}{one.name}:", str(one.about)) for one in fits]
    operator = OPERATORS.get(key.lower())
    if operator is None:
        return []
    values = [(choice, "") for choice in operator.choices] + list(names(operator.name) if names else ())
    fits_ = [one for one in values if value.strip('"').lower() in one[0].lower()]
    pieces = [(f"{sign}{operator.name}:{_quoted(name)}", about) for name, about in fits_[:12]]
    return [Completion(f"{before}{piece} ", piece, about) for piece, about in pieces]

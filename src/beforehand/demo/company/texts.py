"""What people write, and what we answer: sentences out of templates with slots, as believable as such sentences get."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.people import FIRST_NAMES
from beforehand.demo.company.plan import Plan
from beforehand.demo.company.table import Table, places
from beforehand.demo.company.topics import CAUSES_OF_CONTACT, CHANNELS, KINDS, TOPICS
from beforehand.demo.company.visits import PRODUCTS, STORES

SLOT = re.compile(r"\{(\w+)\}")
NAMED = {
    "receive-my-order": "order",
    "return-it": "order",
    "get-my-money-back": "order",
    "get-set-up": "subscription",
    "understand-an-invoice": "invoice",
    "change-or-cancel": "subscription",
    "renew": "subscription",
}
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
WRITTEN = ("email", "chat", "social")
TURNS = 8
CARELESS, TYPO = 11, 14  # one text in so many

Book = dict[str, list[str]]


class Said(NamedTuple):
    """What a text is made of."""

    topic: str
    cause: str
    kind: str
    again: bool
    channel: str
    number: str
    says: bool
    name: str
    product: int


def phrases() -> Book:
    text = (Path(__file__).parent / "phrases.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def written(
    plan: Plan, people: Table, life: dict[str, Table], contacts: Table, named: NDArray[np.bool_]
) -> tuple[list[str], list[str]]:
    """The text of every contact, and of every answer to one that is written.

    Numbers of orders are in some of the texts of those contacts that do not carry them beside the text (`named`).
    """
    book, dice, key = phrases(), plan.dice, contacts.key
    says = (~named & dice.chance("number in text", key, 0.45)) | dice.chance("number twice", key, 0.2)
    turns = [(dice.uniform(f"words {turn}", key) * 2**20).astype(np.int64).tolist() for turn in range(TURNS)]
    rows = zip(
        (TOPICS[topic] for topic in contacts.topic),
        (CAUSES_OF_CONTACT[cause] for cause in contacts.cause),
        (KINDS[kind] for kind in contacts.kind),
        (contacts.level == 2).tolist(),
        (CHANNELS[channel] for channel in contacts.channel),
        contacts.number.astype(str).tolist(),
        (says & (contacts.number >= 0)).tolist(),
        (FIRST_NAMES[number] for number in people.first_name[contacts.customer]),
        _products(dice.pick("words product", key, [1] * len(PRODUCTS)), life["orders"], contacts).tolist(),
        strict=True,
    )
    said = [Said(*row) for row in rows]
    drawn = list(zip(*turns, strict=True))
    texts = [_text(book, one, *turn) for one, turn in zip(said, drawn, strict=True)]
    return texts, [_answer(book, one, turn[0]) for one, turn in zip(said, drawn, strict=True)]


def _products(any_: NDArray[np.int16], orders: Table, contacts: Table) -> NDArray[np.int16]:
    """What was ordered, where it is about an order."""
    of_order = np.isin(contacts.kind, [KINDS.index(kind) for kind, of in NAMED.items() if of == "order"])
    at = places(contacts.number, orders.number)
    known = of_order & (at >= 0)
    any_[known] = orders.product[at[known]]
    return any_


def _text(book: Book, one: Said, *turns: int) -> str:
    what = one.topic
    if what == "chase" and f"chase {one.kind}" in book and turns[0] % 3:
        what = f"chase {one.kind}"
    parts = [_one_of(book[what], turns[1])]
    if one.again:
        parts.insert(0, _one_of(book["again"], turns[2]))
    if one.says and one.kind in NAMED:
        parts.append(_one_of(book[f"number {NAMED[one.kind]}"], turns[3]))
    parts.append(_one_of(book["upset" if one.cause in ("failure", "chase") else "aside"], turns[4]))
    if one.channel in WRITTEN:
        parts.insert(0, _one_of(book["greeting"], turns[5]))
    if one.channel == "email":
        parts.append(_one_of(book["ending"], turns[6]))
    return _roughly(_filled(parts, one, turns), turns[7])


def _answer(book: Book, one: Said, turn: int) -> str:
    own = next((own for own in (f"reply {one.topic}", f"reply {one.cause}") if own in book), "reply")
    return _filled([_one_of(book[own], turn)], one, (turn,) * TURNS)


def _one_of(texts: list[str], turn: int) -> str:
    return texts[turn % len(texts)]


def _filled(parts: list[str], one: Said, turns: tuple[int, ...]) -> str:
    slots = {
        "product": PRODUCTS[one.product].lower(),
        "store": STORES[turns[2] % len(STORES)],
        "days": str(2 + turns[3] % 6),
        "weekday": WEEKDAYS[turns[4] % len(WEEKDAYS)],
        "name": one.name,
        "number": one.number,
    }
    return SLOT.sub(lambda slot: slots[slot[1]], " ".join(filter(None, parts)))


def _roughly(text: str, turn: int) -> str:
    """As people type: some write everything small, some swap two letters of a word."""
    if turn % CARELESS == 0:
        text = text.lower().rstrip(".!")
    if turn % TYPO == 1:
        words = text.split(" ")
        at = turn // TYPO % len(words)
        word = words[at]
        if len(word) > 4 and word.isalpha():
            middle = len(word) // 2
            words[at] = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
        text = " ".join(words)
    return text

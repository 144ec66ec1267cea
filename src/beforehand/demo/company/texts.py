"""What people write: sentences out of templates with slots, as believable as sentences of templates get."""

import json
import re
from pathlib import Path

import numpy as np

from beforehand.demo.company.people import FIRST_NAMES
from beforehand.demo.company.plan import Plan
from beforehand.demo.company.table import Table
from beforehand.demo.company.topics import CHANNELS, KINDS, TOPICS
from beforehand.demo.company.visits import PRODUCTS, STORES

SLOT = re.compile(r"\{(\w+)\}")
NAMED = {
    KINDS.index(kind): what
    for kind, what in {
        "receive-my-order": "order",
        "return-it": "order",
        "get-my-money-back": "order",
        "get-set-up": "subscription",
        "understand-an-invoice": "invoice",
        "change-or-cancel": "subscription",
        "renew": "subscription",
    }.items()
}


def phrases() -> dict[str, list[str]]:
    text = (Path(__file__).parent / "phrases.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def written(plan: Plan, people: Table, life: dict[str, Table], contacts: Table, named: np.ndarray) -> list[str]:
    """The text of every contact. Numbers of orders are in some of those that do not carry them beside the text."""
    book, dice, key = phrases(), plan.dice, contacts.key
    says = ~named & dice.chance("number in text", key, 0.45) | dice.chance("number twice", key, 0.2)
    turns = [(dice.uniform(f"words {turn}", key) * 2**20).astype(np.int64).tolist() for turn in range(5)]
    names = [FIRST_NAMES[number] for number in people.first_name[contacts.customer]]
    rows = zip(
        contacts.topic.tolist(),
        contacts.kind.tolist(),
        contacts.level.tolist(),
        contacts.channel.tolist(),
        contacts.number.tolist(),
        says.tolist(),
        names,
        *turns,
        strict=True,
    )
    return [_text(book, *row) for row in rows]


def _text(
    book: dict[str, list[str]],
    topic: int,
    kind: int,
    level: int,
    channel: int,
    number: int,
    says: bool,
    name: str,
    *turns: int,
) -> str:
    what = TOPICS[topic]
    if what == "chase":
        special = f"chase {KINDS[kind]}"
        what = special if special in book and turns[0] % 3 else what
    slots = {
        "product": PRODUCTS[turns[1] % len(PRODUCTS)].lower(),
        "store": STORES[turns[2] % len(STORES)],
        "days": str(2 + turns[3] % 6),
        "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"][turns[3] % 5],
        "name": name,
        "number": f"{number}",
    }  # fmt: skip
    said = book[what][turns[0] % len(book[what])]
    parts = [said]
    if level == 2:
        parts.insert(0, book["again"][turns[4] % len(book["again"])])
    if says and kind in NAMED and number >= 0:
        phrase = book[f"number {NAMED[kind]}"]
        parts.append(phrase[turns[1] % len(phrase)])
    if CHANNELS[channel] in ("email", "chat", "social"):
        greeting, ending = book["greeting"], book["ending"]
        parts.insert(0, greeting[turns[2] % len(greeting)])
        if CHANNELS[channel] == "email":
            parts.append(ending[turns[3] % len(ending)])
    return SLOT.sub(lambda slot: slots[slot[1]], " ".join(filter(None, parts)))

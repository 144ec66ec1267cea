"""What is known about people, trait by trait, and the name that follows from it."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from beforehand.customers.claims import HALF
from beforehand.customers.resolve import Kind, Node, lead_key
from beforehand.lib.rows import batches, relation
from beforehand.lib.statements import ask, tell
from beforehand.lib.text import storable
from beforehand.lib.turns import take_turn

LONGEST_NAME = 200
MOST_TRAITS = 200
FIRST = ("firstName", "first_name", "firstname", "given_name")
LAST = ("lastName", "last_name", "lastname", "family_name")
WHOLE = ("name", "fullName", "full_name", "displayName", "display_name")
MAIL = ("email", "e-mail", "mail")
Traits = dict[str, Any]
Times = dict[str, int]


def describe(traits: Iterable[tuple[int, int, Mapping[str, Any]]]) -> None:
    """Keep what was said about identifiers: (identifier, microseconds, traits). The latest word on a trait holds.

    Order and repetition do not matter. Names of customers follow at once. Runs in the caller's transaction.
    """
    said: dict[int, list[tuple[int, Mapping[str, Any]]]] = {}
    for identifier, time, words in traits:
        if words:
            said.setdefault(identifier, []).append((time, words))
    if not said:
        return
    take_turn()
    renamed: set[int] = set()
    for batch in batches(said):
        changes = []
        for id, customer, old, times in _kept(batch):
            new = latest(old, times, said[id])
            if new != (old, times):
                changes.append((id, _text(new[0]), _text(new[1])))
                renamed.add(customer)
        _write(changes)
    rename(renamed)


def _kept(identifiers: Collection[int]) -> list[tuple[int, int, Traits, Times]]:
    given, rows = relation({"id": "bigint"}, [(id,) for id in identifiers])
    found = ask(
        "select identifier.id, identifier.customer_id, identifier.traits, identifier.trait_times"
        f" from {given} as given cross join customers_identifier as identifier where identifier.id = given.id",
        [rows],
    )
    return [(id, customer, _read(traits), _read(times)) for id, customer, traits, times in found]


def latest(traits: Traits, times: Times, said: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[Traits, Times]:
    """Each trait as last said; of two words at one moment the greater text, so that order does not matter."""
    last = {key: (times.get(key, 0), _text(value), value) for key, value in traits.items()}
    for time, words in said:
        for key, value in words.items():
            key = storable(str(key))
            saying = (time, _text(value), value)
            last[key] = max(saying, last.get(key, saying), key=lambda saying: saying[:2])
    kept = sorted(sorted(last, key=lambda key: (-last[key][0], key))[:MOST_TRAITS])
    return {key: last[key][2] for key in kept}, {key: last[key][0] for key in kept}


def _read(text: str) -> dict[str, Any]:
    return {} if text == "{}" else msgspec.json.decode(text)


def _text(value: Any) -> str:
    try:
        return msgspec.json.encode(value, order="deterministic").decode()
    except UnicodeEncodeError:
        return HALF.sub("\ufffd", json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def _write(changes: list[tuple[int, str, str]]) -> None:
    if not changes:
        return
    given, rows = relation({"id": "bigint", "traits": "text", "times": "text"}, changes)
    tell(
        f"update customers_identifier set traits = given.traits, trait_times = given.times from {given} as given"
        " where customers_identifier.id = given.id",
        [rows],
    )


def rename(customers: Collection[int]) -> None:
    """Give each of these customers the name that follows from their identifiers; one without identifiers has none."""
    people: dict[int, list[tuple[Node, Traits, Times]]] = {}
    columns = {"id": "bigint"}
    for batch in batches(customers):
        given, rows = relation(columns, [(id,) for id in batch])
        found = ask(
            "select given.id, identifier.kind, identifier.value, identifier.proved, identifier.traits,"
            f" identifier.trait_times from {given} as given cross join customers_identifier as identifier"
            " where identifier.customer_id = given.id",
            [rows],
        )
        for id, kind, value, proved, traits, times in found:
            node = Node(kind, value, bool(proved))
            people.setdefault(id, []).append((node, _read(traits), _read(times)))
        named = [(id, name_of(people.pop(id, []))) for id in batch]
        given, rows = relation(columns | {"name": "text"}, named)
        tell(
            f"update customers_customer set name = given.name from {given} as given"
            " where customers_customer.id = given.id and customers_customer.name <> given.name",
            [rows],
        )


def name_of(identifiers: Iterable[tuple[Node, Traits, Times]]) -> str:
    """The best name: a whole name, first and last, an e-mail address, else the strongest identifier itself.

    Proved before claimed, later before earlier. A browser's or device's id is nobody's name.
    """
    best: tuple[Any, ...] | None = None
    for node, traits, times in identifiers:
        for rank, (name, keys) in enumerate(_names(node, traits)):
            if name:
                time = max((times.get(key, 0) for key in keys), default=0) if times else 0
                candidate = (rank, not node.proved, -time, lead_key(node), name)
                best = min(best, candidate) if best else candidate
    return best[-1][:LONGEST_NAME] if best else ""


def first_name_of(kind: str, value: str) -> str:
    """What `name_of` gives for a customer of whom one identifier is all that is known."""
    return "" if kind == Kind.ANONYMOUS_ID else value[:LONGEST_NAME]


def _names(node: Node, traits: Traits) -> list[tuple[str, tuple[str, ...]]]:
    own_address = node.value if node.kind == Kind.EMAIL else ""
    own_value = "" if node.kind == Kind.ANONYMOUS_ID else node.value
    if not traits:
        return [("", ()), ("", ()), (own_address, ()), (own_value, ())]
    parts = [word(traits, FIRST), word(traits, LAST)]
    return [
        (word(traits, WHOLE), WHOLE),
        (" ".join(filter(None, parts)), FIRST + LAST),
        (word(traits, MAIL) or own_address, MAIL),
        (own_value, ()),
    ]


def word(traits: Traits, keys: Iterable[str]) -> str:
    """The first of these traits that is a word, on one line."""
    for key in keys:
        value = traits.get(key)
        if isinstance(value, str) and (found := " ".join(value.split())):
            return found
    return ""

"""Reading a contact's text once: what it is about, and what speaks for each cause."""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from beforehand.journey.contacts.lexicon import Lexicon
from beforehand.journey.contacts.stems import keys_in, own_words
from beforehand.journey.needs.definition import Definition

TEXTS = frozenset(("subject", "text", "message", "body", "question", "description", "transcript", "content"))
WRITTEN = frozenset((*TEXTS, "topic", "reason", "category", "tag", "tags"))
SIGNALS = ("chase", "when", "overdue", "failure", "information", "value", "rights", "anger")
MOST_REMEMBERED = 20_000
LANGUAGES = ("en", "de")


Points = dict[str, float]


class Reading(NamedTuple):
    """What a text says: points of topics (kinds of need) and signals, and the phrases that gave them."""

    topics: Points
    signals: Points
    said: tuple[tuple[str, str], ...]
    words: int
    question: bool


NOTHING = Reading({}, {}, (), 0, False)


@lru_cache(4)
def _lexicon(words: tuple[tuple[str, tuple[str, ...]], ...]) -> Lexicon:
    """The words of these kinds and the signals. Kinds change rarely, and compiling takes as long as a page may."""
    topics = {f"topic:{kind}": listed for kind, listed in words}
    signals = {f"signal:{name}": listed for name, listed in starter()["signals"].items()}
    return Lexicon({**topics, **signals}, rare=topics)


class Reader:
    """Reads texts for the kinds of a book. Texts that differ only in their numbers are read once."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self.lexicon = _lexicon(tuple((kind, tuple(topic_words(one))) for kind, one in definitions.items()))
        self.readings: dict[str, Reading] = {}

    def read(self, properties: Mapping[str, Any]) -> tuple[Reading, list[str]]:
        """The reading, and the numbers and codes that stand in the text."""
        text = text_of(properties)
        if not text:
            return NOTHING, []
        keys, masked = keys_in(text)
        reading = self.readings.get(masked)
        if reading is None:
            if len(self.readings) >= MOST_REMEMBERED:
                self.readings.clear()
            self.readings[masked] = reading = self._read(masked)
        return reading, keys

    def _read(self, text: str) -> Reading:
        points, said = self.lexicon.score(text)
        topics, signals = Points(), Points()
        for label, value in points.items():
            sort, _colon, name = label.partition(":")
            (topics if sort == "topic" else signals)[name] = value
        pairs = tuple((label.partition(":")[2], phrase) for label, phrase in said)
        return Reading(topics, signals, pairs, len(text.split()), "?" in text)


def text_of(properties: Mapping[str, Any]) -> str:
    """What was written or said, and what it was filed under; quoted mails are left out."""
    parts = []
    for key, value in properties.items():
        if key in WRITTEN:
            if isinstance(value, str):
                parts.append(value if key in TEXTS else value.replace("_", " "))
            elif isinstance(value, list):
                parts.extend(one for one in value if isinstance(one, str))
    return own_words(parts[0] if len(parts) == 1 else "\n".join(parts)) if parts else ""


def topic_words(definition: Definition) -> list[str]:
    """The words of a kind: its own topics, the starter list of its slug, and its titles for little."""
    own = [f"*{word}" for word in definition.topics]
    titles = [definition.title, *(step.title for step in definition.steps)]
    return [*own, *starter()["topics"].get(definition.kind, ()), *(f"~{title}" for title in titles if title)]


@cache
def starter() -> dict[str, dict[str, list[str]]]:
    """The starter lists of words.json, languages together."""
    lists = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
    words = {
        part: {label: [word for one in LANGUAGES for word in written[one]] for label, written in lists[part].items()}
        for part in ("signals", "topics")
    }
    return {**words, "leanings": lists["leanings"]}

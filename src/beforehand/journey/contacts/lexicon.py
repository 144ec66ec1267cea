"""Lists of words with labels: how much a text says of each label, and by which of its words.

A word that is not on the lists is looked at once more: one letter off ("delievery"), or a compound whose beginning or
end is on them ("Lieferverzögerung"). Two dots in a phrase stand for up to five words ("send .. back").
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from beforehand.journey.contacts.stems import stem, tokens

WEIGHTS = {"*": 2.0, "~": 0.5}
MOST_KNOWN = 100_000
TYPO_LENGTH = 8
COMPOUND_LENGTH = 9
PART_LENGTH = 5
GAP = 5

Found = dict[str, float]


class Entry(NamedTuple):
    """A phrase of a label: the stems behind its first one, the one behind a gap, and what it counts."""

    rest: list[str]
    far: str
    which: tuple[str, str]  # label and phrase
    weight: float


class Lexicon:
    """Compiled once from label -> phrases; `score` is quick and keeps what it learned of single words."""

    def __init__(self, lists: Mapping[str, Iterable[str]], rare: Iterable[str] = ()) -> None:
        """`rare`: labels whose phrases count the less, the more of these labels share them."""
        entries: dict[str, list[Entry]] = {}
        self.vocabulary: set[str] = set()
        phrases = _phrases(lists)
        rare = set(rare)
        shared: dict[tuple[str, ...], int] = {}
        for label, stems, _weight, _phrase in phrases:
            if label in rare:
                shared[stems] = shared.get(stems, 0) + 1
        for label, stems, weight, phrase in phrases:
            weight = weight / shared[stems] if label in rare else weight
            rest, far = (stems[1:], "") if ".." not in stems else ((), stems[-1])
            entries.setdefault(stems[0], []).append(Entry(list(rest), far, (label, phrase), weight))
            self.vocabulary.update(stems)
        self.single = {first for first, found in entries.items() if any(not (one.rest or one.far) for one in found)}
        self.entries = {first: _by_second(found) for first, found in entries.items()}
        self.parts = frozenset(one for one in self.single if len(one) >= PART_LENGTH)
        self.near = _near(one for one in self.single if len(one) >= TYPO_LENGTH - 1)
        self.known: dict[str, tuple[str, ...]] = {}

    def score(self, text: str) -> tuple[Found, list[tuple[str, str]]]:
        """Points of each label (a phrase counts once), and the (label, phrase) pairs that gave them."""
        known, entries = self.known, self.entries
        stems: list[str] = []
        for token in tokens(text):
            found = known.get(token)
            stems += found if found is not None else self._learn(token)
        points: Found = {}
        said: dict[tuple[str, str], None] = {}
        for place, first in enumerate(stems):
            if first not in entries:
                continue
            likely, behind = entries[first], stems[place + 1 : place + 2 + GAP]
            for rest, far, which, weight in likely.get(behind[0], likely[""]) if behind else likely[""]:
                if which in said or (len(rest) > 1 and behind[: len(rest)] != rest) or (far and far not in behind):
                    continue
                said[which] = None
                points[which[0]] = points.get(which[0], 0.0) + weight
        return points, list(said)

    def _learn(self, token: str) -> tuple[str, ...]:
        if len(self.known) > MOST_KNOWN:
            self.known.clear()
        self.known[token] = found = self._understand(token)
        return found

    def _understand(self, token: str) -> tuple[str, ...]:
        cut = stem(token)
        if cut in self.vocabulary:
            return (cut,)
        if len(token) >= TYPO_LENGTH:
            for variant in (cut, *_shorter(cut)):
                if variant in self.near:
                    return (self.near[variant],)
        if len(token) >= COMPOUND_LENGTH:
            return self._ends_of(token, cut) or (cut,)
        return (cut,)

    def _ends_of(self, token: str, cut: str) -> tuple[str, ...]:
        """The longest words of the lists with which a long word begins and ends."""
        sizes = range(len(token) - 1, PART_LENGTH - 1, -1)
        first = next((token[:n] for n in sizes if token[:n] in self.parts), None)
        last = next((cut[-n:] for n in sizes if n < len(cut) and cut[-n:] in self.parts), None)
        return tuple(part for part in (first, last) if part is not None)


def _by_second(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries by the stem that follows, each with those that ask for none; under "" these alone."""
    seconds = {"", *(one.rest[0] for one in entries if one.rest)}
    return {stem: [one for one in entries if not one.rest or one.rest[0] == stem] for stem in seconds}


def _phrases(lists: Mapping[str, Iterable[str]]) -> list[tuple[str, tuple[str, ...], float, str]]:
    """(label, stems, weight, phrase), each phrase of a label once."""
    found: dict[tuple[str, tuple[str, ...]], tuple[float, str]] = {}
    for label, phrases in lists.items():
        for written in phrases:
            phrase = written.lstrip("*~").strip()
            before, dots, behind = phrase.partition(" .. ")
            parts = [*tokens(before), *([".."] if dots else []), *tokens(behind)]
            stems = tuple(stem(part) if part != ".." else part for part in parts)
            if stems:
                weight = WEIGHTS.get(written[0], 1.0)
                found.setdefault((label, stems), (weight, phrase))
    return [(label, stems, weight, phrase) for (label, stems), (weight, phrase) in found.items()]


def _shorter(word: str) -> list[str]:
    return [word[:n] + word[n + 1 :] for n in range(1, len(word))]


def _near(words: Iterable[str]) -> dict[str, str]:
    """Each word and each word less one letter (never the first), to the word; what could be two is left out."""
    near: dict[str, str] = {}
    unsure: set[str] = set()
    listed = sorted(set(words))
    for word in listed:
        for variant in set(_shorter(word)):
            if near.setdefault(variant, word) != word:
                unsure.add(variant)
    for variant in unsure:
        del near[variant]
    return {**near, **{word: word for word in listed}}

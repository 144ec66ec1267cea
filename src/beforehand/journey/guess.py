"""What a name nobody has catalogued probably means, from its words and from what stands next to it in journeys.

Two kinds of evidence, both said in the reason that is shown with the guess:

- words: `lexicon.json` gives each word one or more senses (stage, kind, weight);
- position: which stages the touchpoints just before and just after it belong to, over all journeys. It settles which
  sense of a word is meant ("review" beside products is reading, at the end it is feedback), and decides alone only when
  at least 60 % of the neighbours agree and the stage is clearly commoner there than everywhere.

A stage is not forced: where the evidence is weak it stays empty.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

POSITION_WEIGHT = 3.0
"""A name whose neighbours all stand in one stage counts as much as a strong word."""
ENOUGH_WORDS = 2.0
ENOUGH_NEIGHBOURS = 20
AGREEING = 0.6
CLEARLY_COMMONER = 0.1
ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ed", ""),
    ("d", ""),
    ("ing", ""),
    ("ing", "e"),
    ("led", ""),
)


class Sense(NamedTuple):
    stage: str | None
    kind: str
    weight: float


class Guess(NamedTuple):
    stage: str | None
    kind: str
    reason: str


class Flow(NamedTuple):
    """How often `name` came directly after `previous`, over all journeys."""

    previous: str
    name: str
    times: int


@cache
def lexicon() -> dict[str, list[Sense]]:
    text = (Path(__file__).parent / "lexicon.json").read_text(encoding="utf-8")
    return {word: [Sense(*sense) for sense in senses] for word, senses in json.loads(text).items()}


def words(name: str) -> list[str]:
    """The words of a name, however it is written: `PaymentError`, `payment_error`, `Payment error`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", spaced.lower())


def readable(name: str) -> str:
    """A label to begin with: `shipping_details` becomes "Shipping details"; what is written for people stays."""
    if " " in name.strip() or not name:
        return name
    text = " ".join(words(name))
    return text[:1].upper() + text[1:]


def _senses(word: str) -> list[Sense]:
    """The senses of a word in its own form or, cut back crudely, in the form that the lexicon has."""
    known = lexicon()
    if word in known:
        return known[word]
    for ending, instead in ENDINGS:
        stem = word.removesuffix(ending) + instead
        if word.endswith(ending) and len(stem) > 2 and stem in known:
            return known[stem]
    return []


def guess_all(names: Iterable[str], known: Mapping[str, str | None], flows: Iterable[Flow]) -> dict[str, Guess]:
    """Stage, kind and reason for every one of `names`. `known` gives the stage of names a person has catalogued."""
    names = list(names)
    flows = list(flows)
    stages: dict[str, str | None] = dict(known)
    for name in names:
        stages[name] = _from_words(name, {}).stage
    neighbours = _Neighbours(flows)
    guesses: dict[str, Guess] = {}
    for _pass in range(2):
        guesses = {name: _guess(name, stages, neighbours) for name in names}
        stages.update({name: guess.stage for name, guess in guesses.items()})
    if len({stage for stage in stages.values() if stage}) < 2:
        # A stage tells the parts of a journey apart. Where all would land in one, it tells nothing.
        guesses = {name: guess._replace(stage=None) for name, guess in guesses.items()}
    return guesses


def _guess(name: str, stages: Mapping[str, str | None], neighbours: "_Neighbours") -> Guess:
    around = neighbours.stages_around(name, stages)
    spoken = _from_words(name, around)
    if spoken.stage or not around:
        return spoken
    stage, share = max(around.items(), key=lambda item: item[1])
    if share < AGREEING or share - neighbours.share_of(stage, stages) < CLEARLY_COMMONER:
        return spoken
    reason = neighbours.reason(name, stage, stages)
    return Guess(stage, spoken.kind, f"{spoken.reason}; {reason}" if spoken.reason else reason)


def _from_words(name: str, around: Mapping[str, float]) -> Guess:
    """The best reading of a name's words, where `around` (share of each stage among the neighbours) picks the sense."""
    stages: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    spoken: list[tuple[float, str]] = []
    for word in words(name):
        senses = _senses(word)
        if senses:
            sense = max(senses, key=lambda sense: sense.weight + POSITION_WEIGHT * around.get(sense.stage or "", 0.0))
            kinds[sense.kind] += sense.weight  # type: ignore[assignment]
            if sense.stage:
                stages[sense.stage] += sense.weight + POSITION_WEIGHT * around.get(sense.stage, 0.0)  # type: ignore[assignment]
            spoken.append((sense.weight, word))
    stage, weight = stages.most_common(1)[0] if stages else (None, 0.0)
    kind = kinds.most_common(1)[0][0] if kinds else "value"
    said = sorted(spoken, key=lambda item: -item[0])[:2]
    quoted = _(" and ").join(f"“{word}”" for _weight, word in said)
    reason = "" if not said else (_("the word %s") if len(said) == 1 else _("the words %s")) % quoted
    return Guess(stage if weight >= ENOUGH_WORDS else None, kind, reason)


class _Neighbours:
    """What comes directly before and after each name."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self.before: dict[str, Counter[str]] = {}
        self.after: dict[str, Counter[str]] = {}
        self.seen: Counter[str] = Counter()
        for previous, name, count in flows:
            if previous != name:
                self.before.setdefault(name, Counter())[previous] += count
                self.after.setdefault(previous, Counter())[name] += count
            self.seen[name] += count

    def stages_around(self, name: str, stages: Mapping[str, str | None]) -> dict[str, float]:
        """Share of each stage among the neighbours. Empty when too few of them have one."""
        around = self.before.get(name, Counter()) + self.after.get(name, Counter())
        found: Counter[str] = Counter()
        for neighbour, count in around.items():
            stage = stages.get(neighbour)
            if stage:
                found[stage] += count
        total = found.total()
        if total < ENOUGH_NEIGHBOURS or total * 2 < around.total():
            return {}
        return {stage: count / total for stage, count in found.items()}

    def share_of(self, stage: str, stages: Mapping[str, str | None]) -> float:
        """Share of a stage among all touchpoints that have one."""
        total = sum(count for name, count in self.seen.items() if stages.get(name))
        own = sum(count for name, count in self.seen.items() if stages.get(name) == stage)
        return own / total if total else 0.0

    def reason(self, name: str, stage: str, stages: Mapping[str, str | None]) -> str:
        """In words: the commonest neighbour of that stage, and on which side it stands."""

        def top(counts: Counter[str]) -> tuple[str, int]:
            own = [(other, count) for other, count in counts.most_common() if stages.get(other) == stage]
            return own[0] if own else ("", 0)

        before, after = top(self.before.get(name, Counter())), top(self.after.get(name, Counter()))
        if before[1] >= after[1]:
            return _("comes mostly after “%s”") % before[0]
        return _("comes mostly before “%s”") % after[0]

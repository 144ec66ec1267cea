"""The log that is being written: touchpoints in chunks, each a name for many customers at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.draws import Dice
from beforehand.demo.company.table import Table

USER, DEVICE, OTHER = 0, 1, 2
"""As whom a customer is seen: logged in, by the device before that, or by a device that is never joined."""
WORDS = {"name": np.int16, "channel": np.int8, "place": np.int16, "actor": np.int8}
MISSING = {"i": -1, "f": np.nan, "b": False}


class Words:
    """Texts as numbers, in the order in which they were first used."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        if text not in self.numbers:
            self.numbers[text] = len(self.texts)
            self.texts.append(text)
        return self.numbers[text]


class Log:
    """Touchpoints of a company between 0 and `end` seconds. What would come later is left out."""

    def __init__(self, dice: Dice, end: float) -> None:
        self.dice = dice
        self.end = end
        self.words = {name: Words() for name in WORDS}
        self.chunks: list[tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]] = []

    def add(
        self,
        name: str,
        of: Table,
        time: NDArray[np.float64],
        *,
        channel: str | NDArray[Any] = "web",
        place: str | NDArray[Any] = "",
        actor: str = "customer",
        seen: NDArray[Any] | int = USER,
        which: str = "",
        **properties: Any,
    ) -> NDArray[np.uint64]:
        """One touchpoint for each row of `of` (columns key, customer), and their keys.

        `channel` and `place` may be arrays of numbers from `code`. `which` tells apart two touchpoints of one name
        that belong to the same row. Properties are arrays, or one value for all.
        """
        keys = self.dice.keys(f"touchpoint {name} {which}", of.key)
        inside = (time >= 0) & (time < self.end)
        kept = np.flatnonzero(inside)
        columns: dict[str, NDArray[Any]] = {"key": keys[kept], "customer": of.customer[kept], "time": time[kept]}
        for word, value in (("name", name), ("channel", channel), ("place", place), ("actor", actor)):
            columns[word] = self._coded(word, value, kept)
        columns["seen"] = np.broadcast_to(np.asarray(seen, dtype=np.int8), len(keys))[kept]
        self.chunks.append((columns, {key: np.broadcast_to(v, len(keys))[kept] for key, v in properties.items()}))
        return keys

    def code(self, word: str, texts: list[str], numbers: NDArray[Any]) -> NDArray[Any]:
        """Numbers into `texts` as numbers of this log's words."""
        return np.array([self.words[word].number(text) for text in texts], dtype=WORDS[word])[numbers]

    def _coded(self, word: str, value: str | NDArray[Any], kept: NDArray[np.intp]) -> NDArray[Any]:
        if isinstance(value, str):
            return np.full(len(kept), self.words[word].number(value), dtype=WORDS[word])
        return value[kept].astype(WORDS[word])

    def finish(self) -> Table:
        """All touchpoints by time. A property that a touchpoint does not have is -1, or not a number."""
        columns = {name: np.concatenate([chunk[name] for chunk, _ in self.chunks]) for name in self.chunks[0][0]}
        for name in dict.fromkeys(name for _, properties in self.chunks for name in properties):
            parts = [(properties.get(name), len(chunk["key"])) for chunk, properties in self.chunks]
            kind = next(part.dtype for part, _ in parts if part is not None)
            columns[name] = np.concatenate(
                [np.full(size, MISSING[kind.kind], dtype=kind) if part is None else part for part, size in parts]
            )
        order = np.lexsort((columns["key"], columns["time"]))
        return Table(**{name: column[order] for name, column in columns.items()})

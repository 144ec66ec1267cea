"""By what customers can be told apart: the channel, the place and the properties that have few values.

A segment is one value of one dimension, written `platform:mobile` in addresses and on the command line; or one that a
member has saved, written `@12`: then it is customers, with all that they did (`saved.py`).
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from beforehand.insight import saved
from beforehand.insight.saved import BadSegment
from beforehand.journey.channels import channel_word

__all__ = ["BadSegment", "Dimension", "Segment", "dimensions", "parse", "where"]

SAVED = "@"
SAMPLE = 50_000
FEWEST, MOST = 2, 20
COVERED = 0.2
FRESH_SECONDS = 600
COLUMNS = {"channel": _("channel"), "place": _("place")}
EVERY = {
    "touchpoints": "every_touchpoint",
    "needs": "every_need",
    "need_steps": "every_need_step",
    "contacts": "every_contact",
}
"""What a segment narrows, and its name as a whole."""
ADDED: set[str] = set()
"""Tables of rooms above: a segment narrows them to its customers, or to a channel by their column `channel`."""
PLAIN = {table: table for table in EVERY}


def add_table(name: str) -> None:
    """Let a segment narrow a table of a room above, which has the columns `customer` and `channel`."""
    ADDED.add(name)
    EVERY[name] = f"every_{name}"


@dataclass(frozen=True)
class Segment:
    """The touchpoints whose dimension `key` has this value; with the key `@` the saved segment of that number."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"@{self.value}" if self.saved else f"{self.key}:{self.value}"

    @property
    def saved(self) -> bool:
        return self.key == SAVED

    @property
    def label(self) -> str:
        """“platform: mobile”, or the name under which it was saved."""
        return saved.find(self.value).name if self.saved else f"{name_of(self.key)}: {self.word}"

    @property
    def word(self) -> str:
        """The value alone."""
        return channel_word(self.value) if self.key == "channel" else self.value

    @property
    def meaning(self) -> str:
        """What a kept answer for this segment depends on."""
        return saved.meaning(self.value) if self.saved else str(self)


@dataclass(frozen=True)
class Dimension:
    """Something customers differ by; its values, the commonest first."""

    key: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        return name_of(self.key)

    @property
    def segments(self) -> list[Segment]:
        return [Segment(self.key, value) for value in self.values]


def name_of(key: str) -> str:
    """A dimension inside a sentence: ours in the reader's language, a property by its own name."""
    return str(COLUMNS.get(key, key.replace("_", " ")))


def parse(text: str) -> Segment | None:
    """`platform:mobile` or `@12` as a segment; nothing for an empty text."""
    if not text:
        return None
    if text.startswith(SAVED):
        return Segment(SAVED, str(saved.find(text[1:]).pk))
    key, colon, value = text.partition(":")
    if not colon or not key or not value or len(text) > 300 or '"' in key:
        raise BadSegment(f"“{text[:60]}” is no segment. Write one like platform:mobile.")
    return Segment(key, value)


def column(key: str) -> str:
    """SQL for the value of a dimension in a row of touchpoints."""
    if key in COLUMNS:
        return key
    path = '$."' + key.replace("'", "''").replace('"', "") + '"'
    return f"json_extract_string(properties, '{path}')"


def where(segment: Segment) -> tuple[str, list[Any]]:
    """A condition on the rows of touchpoints, with its parameters."""
    if segment.saved:
        return f"customer in ({saved.customers(segment.value, PLAIN, saved.now())})", []
    return f"{column(segment.key)} = ?", [segment.value]


def among(reader: Any, segment: Segment, customers: Iterable[int]) -> set[int]:
    """Those of these customers who are of a segment: they are in it, or did something of it."""
    listed = sorted(set(customers))
    condition, values = where(segment)
    if not segment.saved:
        condition = f"customer in (select customer from touchpoints where {condition})"
    sql = f"select customer from (select unnest(?) as customer) asked where {condition}"
    return {customer for (customer,) in reader.db.execute(sql, [listed, *values]).fetchall()}


def of_needs(segment: Segment) -> tuple[str, dict[str, Any]]:
    """A condition on the rows of needs, with the parameters that it takes by name."""
    if segment.saved:
        return where(segment)[0], {}
    return f"opened_by in (select id from touchpoints where {column(segment.key)} = $segment)", {
        "segment": segment.value
    }


def of_contacts(segment: Segment) -> tuple[str, dict[str, Any]]:
    """The same on the rows of contacts, which are called `c`."""
    inside, values = of_needs(segment)
    if segment.saved:
        return f"c.{inside}", {}
    if segment.key == "channel":
        return "c.channel = $segment", values
    return f"c.need in (select need from needs where {inside})", values


def narrowed(segment: Segment, table: str) -> str:
    """SQL for the rows of a table that are of a segment; it takes `$segment`. Needs come after the touchpoints that it
    reads, steps and contacts after the needs. A saved segment takes `$as_of`."""
    if segment.saved:
        return f"select * from {EVERY[table]} where customer in ({saved.customers(segment.value, EVERY, '$as_of')})"
    mine = f"{column(segment.key)} = $segment"
    if table == "touchpoints":
        return f"select * from every_touchpoint where {mine}"
    if table == "needs":
        return f"select * from every_need where opened_by in (select id from every_touchpoint where {mine})"
    if table == "contacts" and segment.key == "channel":
        return "select * from every_contact where channel = $segment"
    if table in ADDED:
        within = (
            "channel = $segment"
            if segment.key == "channel"
            else f"customer in (select customer from every_touchpoint where {mine})"
        )
        return f"select * from {EVERY[table]} where {within}"
    return f"select * from {EVERY[table]} where need in (select need from needs)"


_known: dict[tuple[str, int], tuple[float, list[Dimension]]] = {}


def dimensions(reader: Any) -> list[Dimension]:
    """The dimensions of the data: channel and place, then properties, the best covered first.

    A property counts when at least 20 % of touchpoints carry it as text or yes/no, with 2 to 20 values. Found from a
    sample and kept for this version of the lake, or for ten minutes: which dimensions there are changes slowly.
    """
    place = str(settings.LAKE)
    for (folder, version), (found_at, found) in _known.items():
        if folder == place and (version == reader.version or time.monotonic() - found_at < FRESH_SECONDS):
            return found
    found = find(reader.db)
    if found:
        _known.clear()
        _known[place, reader.version] = (time.monotonic(), found)
    return found


def find(db: Any) -> list[Dimension]:
    """The dimensions of the table `touchpoints` of a DuckDB connection."""
    rows = db.execute("select count(*) from touchpoints").fetchone()[0]
    sample = f"using sample {100 * SAMPLE / rows:.4f}% (system, 7)" if rows > 20 * SAMPLE else ""
    counts: dict[str, Counter[str]] = {}
    for name in COLUMNS:
        values = db.execute(f"select {name}, count(*) from touchpoints where {name} <> '' group by 1").fetchmany(1000)
        counts[name] = Counter(dict(values))
    taken = 0
    texts = db.execute(f"select properties from (select properties from touchpoints {sample}) limit {4 * SAMPLE}")
    for (text,) in texts.fetchall():
        taken += 1
        for key, value in _scalars(text):
            if key not in COLUMNS:
                counts.setdefault(key, Counter())[value] += 1
    return _worth(counts, rows, taken)


def _scalars(text: str | None) -> list[tuple[str, str]]:
    try:
        properties = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return []
    if not isinstance(properties, dict):
        return []
    pairs = []
    for key, value in properties.items():
        if '"' in key or not key:
            continue
        if isinstance(value, bool):
            pairs.append((key, "true" if value else "false"))
        elif isinstance(value, str) and 0 < len(value) <= 80:
            pairs.append((key, value))
    return pairs


def _worth(counts: dict[str, Counter[str]], rows: int, taken: int) -> list[Dimension]:
    found = []
    for key, values in counts.items():
        covered = values.total() / max(rows if key in COLUMNS else taken, 1)
        if FEWEST <= len(values) <= MOST and covered >= COVERED:
            ordered = tuple(value for value, _count in sorted(values.items(), key=lambda item: (-item[1], item[0])))
            found.append((key not in COLUMNS, -covered, key, ordered))
    return [Dimension(key, values) for _own, _covered, key, values in sorted(found)]

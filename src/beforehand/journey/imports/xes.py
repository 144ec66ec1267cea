"""XES, the exchange format of process mining. A trace is a customer; nothing needs to be mapped.

The log is read event by event and written as JSON lines, which then go the way of any others.
"""

import json
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from beforehand.journey.imports import json_lines
from beforehand.journey.imports.table import ImportFailed
from beforehand.journey.imports.text import blocks

ENDINGS = (".xes",)
MAPPING = {"customer": "case:concept:name", "name": "concept:name", "time": "time:timestamp"}
NUMBERS: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "boolean": lambda text: text == "true"}
VALUES = {"string", "date", "id", *NUMBERS}


class Reader:
    """Callbacks for expat: one line of JSON for every event, with the attributes of its trace as `case:…`."""

    def __init__(self, target: IO[str]) -> None:
        self.target = target
        self.lines = array("Q")
        self.trace: dict[str, Any] = {}
        self.event: dict[str, Any] | None = None
        self.inside: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.EntityDeclHandler = self.refuse

    def refuse(self, *_: Any) -> None:
        raise ImportFailed("The file declares XML entities, which XES does not need and which could be a trap.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "trace":
            self.trace = {}
        elif tag == "event":
            self.event = {}
            self.lines.append(self.parser.CurrentLineNumber)
        elif tag in VALUES and self.inside and "key" in attributes:
            self.keep(tag, attributes["key"], attributes.get("value", ""))
        self.inside.append(tag)

    def keep(self, tag: str, key: str, value: str) -> None:
        """An attribute of the trace or of the event itself; those inside other attributes say more about these."""
        parent = self.inside[-1]
        if parent == "event" and self.event is not None:
            self.event[key] = _typed(tag, value)
        elif parent == "trace":
            self.trace[f"case:{key}"] = _typed(tag, value)

    def end(self, tag: str) -> None:
        self.inside.pop()
        if tag.rpartition(":")[2] == "event" and self.event is not None:
            self.target.write(json.dumps(self.trace | self.event, ensure_ascii=False) + "\n")
            self.event = None


def opened(path: Path, folder: Path, encoding: str | None, delimiter: str | None) -> json_lines.JSONLines:
    copy = folder / "events.jsonl"
    with copy.open("w", encoding="utf-8", errors="replace") as target:
        reader = Reader(target)
        try:
            for block in blocks(path):
                reader.parser.Parse(block, False)
            reader.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise ImportFailed(f"{path.name} is not well-formed XML: {error}.") from None
    if not reader.lines:
        raise ImportFailed(f"{path.name} holds no event.")
    table = json_lines.from_xml(copy, reader.lines)
    table.format, table.suggested = "XES", MAPPING
    return table


def _typed(tag: str, value: str) -> Any:
    try:
        return NUMBERS[tag](value) if tag in NUMBERS else value
    except ValueError:
        return value

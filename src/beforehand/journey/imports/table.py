"""What a file looks like to the import, whatever its format."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from duckdb import DuckDBPyConnection


class ImportFailed(Exception):
    """The file cannot be imported; the message says why, and what to do next."""


class Reject(NamedTuple):
    """A row that was left out: its line in the file, why, and the row itself."""

    line: int
    reason: str
    row: str


def quoted(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def without_nul(expression: str) -> str:
    return f"replace({expression}, chr(0), chr(65533))"


class Table(ABC):
    """A file as a relation: SQL fragments that read it in file order.

    `scan` is the relation; its row numbers (from 0) are the `ordinal` by which a row is known later.
    """

    format: str
    columns: Sequence[str]
    scan: str
    suggested: dict[str, str] = {}
    about: str = ""

    @abstractmethod
    def text(self, column: str) -> str:
        """SQL for a column's value as text, or NULL."""

    @abstractmethod
    def json(self, column: str) -> str:
        """SQL for a column's value as JSON text, or NULL where it is empty."""

    @abstractmethod
    def whole_row(self) -> str:
        """SQL for a text that two rows share only when they are the same."""

    @abstractmethod
    def rejects(self, db: DuckDBPyConnection) -> Iterator[Reject]:
        """What the reader itself could not read while staging, and the rows of table `bad(ordinal, reason)`."""

    def unreadable(self) -> str:
        """SQL for why a row cannot be read at all, or NULL."""
        return "NULL::VARCHAR"

    def properties(self, columns: Sequence[str] | None, mapped: Sequence[str]) -> str:
        """SQL for the JSON text of these columns (None: of all that are not mapped), without those that are empty."""
        wanted = [column for column in self.columns if column not in mapped] if columns is None else columns
        if not wanted:
            return "'{}'"
        pairs = ", ".join(f"{quoted(_key(column))} || {self.json(column)}" for column in wanted)
        return f"'{{' || concat_ws(',', {pairs}) || '}}'"

    def knows(self, column: str) -> bool:
        return column in self.columns

    def sample(self, db: DuckDBPyConnection, told: Sequence[str] = (), rows: int = 2000) -> dict[str, list[str]]:
        """The first values, where not empty, of every column and of those told that are no column but known."""
        columns = list(dict.fromkeys([*self.columns, *filter(self.knows, told)]))
        texts = ", ".join(self.text(column) for column in columns)
        found = db.execute(f"SELECT {texts} FROM {self.scan} LIMIT {rows}").fetchall()
        return {
            column: [value.strip() for row in found if (value := row[place]) and value.strip()]
            for place, column in enumerate(columns)
        }


def _key(column: str) -> str:
    return json.dumps(column, ensure_ascii=False) + ":"

"""CSV and TSV, and what else separates its columns by one character."""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from beforehand.journey.imports.table import ImportFailed, Reject, Table, quoted
from beforehand.journey.imports.text import Plain, plain

ENDINGS = (".csv", ".tsv", ".tab", ".txt")
DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
LONGEST_LINE = 16 << 20
SAMPLE = 256 << 10
REASONS = {
    "MISSING COLUMNS": "too few columns: {}",
    "TOO MANY COLUMNS": "too many columns: {}",
    "INVALID ENCODING": "not valid UTF-8",
    "UNQUOTED VALUE": "a quotation mark is not closed",
    "LINE SIZE OVER MAXIMUM": "longer than 16 MiB",
}
COUNTS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


class Delimited(Table):
    format = "CSV"

    def __init__(self, file: Plain, delimiter: str | None) -> None:
        self.path = file.path
        start = _start(file.path)
        self.delimiter = delimiter or guess_delimiter(start)
        self.columns = _header(start, self.delimiter)
        self.fields = {column: f"c{place}" for place, column in enumerate(self.columns)}
        self.scan = self._scan("store_rejects=true")
        guessed = " (guessed)" if delimiter is None else ""
        encoding = f"{file.encoding} (guessed)" if file.guessed and file.encoding != "utf-8" else file.encoding
        self.about = f"columns separated by {DELIMITERS.get(self.delimiter, self.delimiter)}{guessed}, {encoding}"

    def _scan(self, option: str) -> str:
        columns = ", ".join(f"'{field}': 'VARCHAR'" for field in self.fields.values())
        return (
            f"read_csv({quoted(str(self.path))}, delim={quoted(self.delimiter)}, quote='\"', escape='\"', header=true,"
            f" auto_detect=false, max_line_size={LONGEST_LINE}, {option}, columns={{{columns}}})"
        )

    def text(self, column: str) -> str:
        return self.fields[column]

    def json(self, column: str) -> str:
        return f"to_json(nullif({self.fields[column]}, ''))"

    def whole_row(self) -> str:
        return f"concat({', chr(31), '.join(self.fields.values())})"

    def rejects(self, db: DuckDBPyConnection) -> Iterator[Reject]:
        yield from self._not_read(db)
        yield from self._not_understood(db)

    def _not_read(self, db: DuckDBPyConnection) -> Iterator[Reject]:
        """What DuckDB left out. It knows the place in bytes; people want the line."""
        found = db.execute(
            "SELECT DISTINCT ON (line_byte_position) line_byte_position, error_type::VARCHAR, error_message, csv_line"
            " FROM reject_errors ORDER BY line_byte_position"
        ).fetchall()
        lines = _lines_at(self.path, [position - 1 for position, *_ in found])
        for line, (_, kind, message, row) in zip(lines, found, strict=True):
            counts = COUNTS.search(message)
            detail = f"{counts[2]} where the header has {counts[1]}" if counts else ""
            yield Reject(line, REASONS.get(kind, kind.lower()).format(detail), row)

    def _not_understood(self, db: DuckDBPyConnection) -> Iterator[Reject]:
        """Rows of `bad`. They are found again in the file by their cells: rows with the same cells share their fate."""
        cells = ", ".join(f"coalesce({field}, '')" for field in self.fields.values())
        bad = db.execute(
            f"SELECT cells, reason FROM (SELECT row_number() OVER () - 1 AS ordinal, [{cells}] AS cells"
            f" FROM {self._scan('ignore_errors=true')}) JOIN bad USING (ordinal) ORDER BY ordinal"
        )
        records = _records(self.path, self.delimiter)
        while found := bad.fetchmany(1000):
            for wanted, reason in found:
                line, row = next(((line, row) for line, row, cells in records if cells == wanted), (0, ""))
                yield Reject(line, reason, row or self.delimiter.join(wanted))


def opened(path: Path, folder: Path, encoding: str | None, delimiter: str | None) -> Delimited:
    if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")):
        delimiter = delimiter or "\t"
    return Delimited(plain(path, folder, encoding), delimiter)


def guess_delimiter(start: str) -> str:
    """The character that cuts the first lines into the same number of columns, and into many."""

    def weight(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in _cut(start, delimiter)[:200] if row)
        width, rows = widths.most_common(1)[0] if widths else (1, 0)
        return (rows / widths.total() if width > 1 else 0.0, width)

    return max(DELIMITERS, key=weight)


def _cut(start: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(sys.maxsize)
    rows = list(csv.reader(start.splitlines(keepends=True), delimiter=delimiter))
    return rows[:-1] if len(rows) > 2 else rows


def _start(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(SAMPLE).decode("utf-8-sig", "replace")


def _header(start: str, delimiter: str) -> Sequence[str]:
    """The names in the first line. A name that stands there twice gets a number, an empty one its place."""
    csv.field_size_limit(sys.maxsize)
    first = next((row for row in csv.reader(start.splitlines(keepends=True), delimiter=delimiter) if row), [])
    names: list[str] = []
    for place, name in enumerate((name.strip() for name in first), start=1):
        name = name or f"column {place}"
        names.append(name if name not in names else f"{name} {place}")
    if len(names) < 3:
        raise ImportFailed(
            f"Cut at {DELIMITERS.get(delimiter, delimiter)}, the first line has {len(names)} column(s): {start[:80]!r}."
            " A touchpoint needs at least a customer, a name and a time. Give the right one with --delimiter."
        )
    return names


def _lines_at(path: Path, positions: Sequence[int]) -> Iterator[int]:
    """Line numbers, from 1, of ascending byte positions."""
    with path.open("rb") as file:
        line, at = 1, 0
        for position in positions:
            while at < position and (block := file.read(min(1 << 20, position - at))):
                line += block.count(b"\n") or block.count(b"\r")
                at += len(block)
            yield line


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, str, list[str]]]:
    """Every record with the line on which it begins, its text and its cells."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            for line in file:
                taken.append(line)
                yield line

    csv.field_size_limit(sys.maxsize)
    number = 1
    for cells in csv.reader(lines(), delimiter=delimiter):
        yield number, "".join(taken).rstrip("\r\n"), cells
        number += len(taken)
        taken.clear()

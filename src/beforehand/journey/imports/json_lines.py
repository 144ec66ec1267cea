"""JSON lines: one object a line."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from duckdb import DuckDBPyConnection

from beforehand.journey.imports.table import ImportFailed, Reject, Table, quoted, without_nul
from beforehand.journey.imports.text import Plain, plain

ENDINGS = (".jsonl", ".ndjson", ".json")
LONGEST_LINE = 16 << 20
SAMPLED = 2000


class JSONLines(Table):
    format = "JSON lines"

    def __init__(self, file: Plain, lines: Sequence[int] | None = None) -> None:
        self.path = file.path
        self.lines = lines
        self.columns = _keys(file.path)
        self.scan = self._scan("store_rejects=true")
        self.about = file.encoding

    def _scan(self, option: str) -> str:
        """Whole lines: a file of one column whose delimiter is a character that JSON cannot hold; `item` if JSON."""
        return (
            "(SELECT line, CASE WHEN json_valid(line) THEN line END AS item FROM"
            f" read_csv({quoted(str(self.path))}, delim=chr(1), quote='', escape='', header=false, auto_detect=false,"
            f" strict_mode=false, max_line_size={LONGEST_LINE}, {option}, columns={{'line': 'VARCHAR'}}))"
        )

    def knows(self, column: str) -> bool:
        return column in self.columns or column.split(".")[0] in self.columns

    def text(self, column: str) -> str:
        return without_nul(f"json_extract_string(item, {quoted(self._place(column))})")

    def json(self, column: str) -> str:
        value = f"json_extract(item, {quoted(self._place(column))})::VARCHAR"
        return f"nullif(nullif({value}, 'null'), '\"\"')"

    def whole_row(self) -> str:
        return "line"

    def unreadable(self) -> str:
        return (
            "CASE WHEN trim(coalesce(line, '')) = '' THEN 'an empty line'"
            " WHEN item IS NULL THEN 'not valid JSON'"
            " WHEN json_type(item) <> 'OBJECT' THEN 'not an object' END"
        )

    def properties(self, columns: Sequence[str] | None, mapped: Sequence[str]) -> str:
        if columns is not None:
            return super().properties(columns, mapped)
        # Keys differ from line to line, so the mapped ones are taken out instead of the others being picked.
        without = json.dumps(dict.fromkeys(column for column in mapped if column in self.columns), ensure_ascii=False)
        rest = f"json_merge_patch(item, {quoted(without)}::JSON)::VARCHAR" if mapped else "item"
        # A NUL that is escaped, and not a backslash that is followed by u0000.
        escaped = f"replace(replace({rest}, '\\\\', chr(1)), '\\u0000', '\\ufffd')"
        return f"CASE WHEN contains(line, '\\u0000') THEN replace({escaped}, chr(1), '\\\\') ELSE {rest} END"

    def _place(self, column: str) -> str:
        """The JSON path of a key, or of a key inside others: `context.page.url`."""
        parts = [column] if column in self.columns else column.split(".")
        return "$" + "".join("." + json.dumps(part, ensure_ascii=False) for part in parts)

    def rejects(self, db: DuckDBPyConnection) -> Iterator[Reject]:
        found = db.execute(
            "SELECT DISTINCT ON (line) line, error_type::VARCHAR, csv_line FROM reject_errors ORDER BY line"
        ).fetchall()
        for line, kind, row in found:
            yield Reject(self._line(line), "not valid UTF-8" if "ENCODING" in kind else kind.lower(), row)
        skipped = [line for line, *_ in found]
        bad = db.execute(
            f"SELECT ordinal, reason, line FROM (SELECT row_number() OVER () - 1 AS ordinal, line"
            f" FROM {self._scan('ignore_errors=true')}) JOIN bad USING (ordinal) ORDER BY ordinal"
        )
        while rows := bad.fetchmany(1000):
            for ordinal, reason, row in rows:
                yield Reject(self._line(_counted(ordinal + 1, skipped)), reason, row or "")

    def _line(self, number: int) -> int:
        """The line in the file that was given, where this one was made out of it."""
        return self.lines[number - 1] if self.lines is not None else number


def opened(path: Path, folder: Path, encoding: str | None, delimiter: str | None) -> JSONLines:
    return JSONLines(plain(path, folder, encoding, legacy=False))


def from_xml(path: Path, lines: Sequence[int]) -> JSONLines:
    return JSONLines(Plain(path, "utf-8", False), lines)


def _keys(path: Path) -> list[str]:
    """The keys of the first objects, in the order in which they appear."""
    keys: dict[str, None] = {}
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline(SAMPLED).lstrip()
        if first.startswith("["):
            raise ImportFailed("This is one JSON array. Write one object a line instead: jq -c '.[]' FILE > FILE.jsonl")
        file.seek(0)
        for line in islice(file, SAMPLED):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                keys.update(dict.fromkeys(value))
    if not keys:
        raise ImportFailed("None of the first lines holds a JSON object. One object a line is what is needed.")
    return list(keys)


def _counted(number: int, skipped: Sequence[int]) -> int:
    """The line of the n-th row that was read, when these lines were not."""
    for line in skipped:
        if line <= number:
            number += 1
    return number

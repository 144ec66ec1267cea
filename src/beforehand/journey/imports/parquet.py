"""Parquet: columns with types, so nothing has to be guessed but their meaning."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from beforehand.journey.imports.table import ImportFailed, Reject, Table, quoted, without_nul

ENDINGS = (".parquet", ".pq")


class Parquet(Table):
    format = "Parquet"

    def __init__(self, path: Path) -> None:
        self.scan = f"read_parquet({quoted(str(path))})"
        try:
            self.columns = [
                name for name, *_ in duckdb.cursor().execute(f"DESCRIBE SELECT * FROM {self.scan}").fetchall()
            ]
        except duckdb.Error as error:
            raise ImportFailed(f"{path.name} cannot be read as Parquet: {str(error).splitlines()[0]}") from None

    def text(self, column: str) -> str:
        return without_nul(f"{_name(column)}::VARCHAR")

    def json(self, column: str) -> str:
        return f"replace(nullif(to_json({_name(column)})::VARCHAR, '\"\"'), '\\u0000', '\\ufffd')"

    def whole_row(self) -> str:
        return f"to_json(struct_pack({', '.join(f'{_name(c)} := {_name(c)}' for c in self.columns)}))::VARCHAR"

    def rejects(self, db: DuckDBPyConnection) -> Iterator[Reject]:
        bad = db.execute(
            f"SELECT ordinal, reason, row FROM (SELECT row_number() OVER () - 1 AS ordinal, {self.whole_row()} AS row"
            f" FROM {self.scan}) JOIN bad USING (ordinal) ORDER BY ordinal"
        )
        while rows := bad.fetchmany(1000):
            for ordinal, reason, row in rows:
                yield Reject(ordinal + 1, reason, row)


def opened(path: Path, folder: Path, encoding: str | None, delimiter: str | None) -> Parquet:
    return Parquet(path)


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'

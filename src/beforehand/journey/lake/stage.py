"""Fresh touchpoints on their way into files: a few stay in memory, many are laid out by month in a scratch folder."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from beforehand.journey.lake.engine import parquet, quoted
from beforehand.journey.lake.layout import FRESH, Span

CHUNK_BYTES = 96 << 20
OLDEST, NEWEST = 2000 * 12, 2060 * 12  # months that have a place of their own; all before and after share one
Progress = Callable[[str, int, int | None], None]  # what is being done, how far, of how many if known
SLOT = f"greatest({OLDEST}, least({NEWEST}, year(day) * 12 + month(day)))"


def day_in(zone: str) -> str:
    """SQL for the day of `time` in a zone."""
    if zone == "UTC":
        return "CAST(time AS DATE)"
    return f"CAST(timezone({quoted(zone)}, timezone('UTC', time)) AS DATE)"


class Stage:
    """Collects rows with their day, and says how many each day has."""

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path, zone: str) -> None:
        self.db = db
        self.folder = folder / "stage"
        self.fresh = f"(SELECT *, {day_in(zone)} AS day FROM chunk)"
        self.days: Counter[date] = Counter()
        self.rows = 0
        self.in_memory = True

    def fill(
        self, batches: Iterable[pa.RecordBatch], progress: Progress | None = None, total: int | None = None
    ) -> "Stage":
        """Take everything in. Laying out one chunk goes on while the next one is read."""
        chunk: list[pa.RecordBatch] = []
        size = 0
        laying: Future[None] | None = None
        with ThreadPoolExecutor(1) as aside:
            for batch in batches:
                chunk.append(batch)
                size += batch.nbytes
                self.rows += batch.num_rows
                if progress:
                    progress("reading", self.rows, total)
                if size >= CHUNK_BYTES:
                    if laying:
                        laying.result()
                    laying = aside.submit(self._lay_out, pa.Table.from_batches(chunk, FRESH))
                    chunk, size, self.in_memory = [], 0, False
            if laying:
                laying.result()
        rest = pa.Table.from_batches(chunk, FRESH)
        if self.in_memory:
            self._keep(rest)
        else:
            self._lay_out(rest)
        return self

    @property
    def everything(self) -> str:
        """The SQL table of all rows."""
        return "staged" if self.in_memory else parquet(sorted(self.folder.glob("*/*.parquet")))

    def within(self, span: Span) -> str:
        """The SQL table of the rows of these days."""
        return f"(SELECT * FROM {self._source(span)} WHERE day BETWEEN '{span.first}' AND '{span.last}')"

    def _source(self, span: Span) -> str:
        if self.in_memory:
            return self.everything
        wanted = range(_slot(span.first), _slot(span.last) + 1)
        files = [file for slot in wanted for file in sorted((self.folder / f"slot={slot}").glob("*.parquet"))]
        return parquet(files)

    def _keep(self, table: pa.Table) -> None:
        self.db.register("chunk", table)
        self.db.execute(f"CREATE TABLE staged AS SELECT * FROM {self.fresh}")
        self._count("staged")

    def _lay_out(self, table: pa.Table) -> None:
        db = self.db.cursor()
        db.register("chunk", table)
        db.execute(
            f"COPY (SELECT *, {SLOT} AS slot FROM {self.fresh}) TO {quoted(self.folder)}"
            " (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (slot), APPEND, FILENAME_PATTERN 'part_{uuid}')"
        )
        self._count(self.fresh, db)

    def _count(self, table: str, db: duckdb.DuckDBPyConnection | None = None) -> None:
        self.days.update(dict((db or self.db).execute(f"SELECT day, count(*) FROM {table} GROUP BY day").fetchall()))


def _slot(day: date) -> int:
    return max(OLDEST, min(NEWEST, day.year * 12 + day.month))

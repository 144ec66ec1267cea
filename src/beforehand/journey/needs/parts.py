"""A part of all customers, traced away from the record: what a rebuild's processes do."""

import pickle
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from beforehand.journey.lake.engine import parquet, workshop
from beforehand.journey.lake.fact_files import Written, write_facts
from beforehand.journey.needs.book import Book
from beforehand.journey.needs.moments import NOTHING, properties_in
from beforehand.journey.needs.rows import Rows, add_rows, facts_of
from beforehand.journey.needs.shapes import Moment, StepTrace
from beforehand.journey.needs.trace import traced
from beforehand.lib.acyclic import acyclic

ORDERED = "SELECT customer, id, time, name, channel, actor, properties FROM {files} ORDER BY customer, time, id"
ROWS_AT_ONCE = 100_000
_book: Book | None = None


class Part(NamedTuple):
    """Customers from one number to before another (None: to the end), and the files that hold their touchpoints."""

    first: int
    end: int | None
    files: list[str]
    rows: int


class Done(NamedTuple):
    """The rows of a part, pickled, and the fact files that were written of them."""

    rows: bytes
    written: list[Written]


def know(book: Book) -> None:
    """The book that `trace_part` uses in this process."""
    global _book
    _book = book


@acyclic()
def trace_part(part: Part) -> Done:
    """Trace the customers of a part and write their fact files."""
    assert _book is not None
    rows, steps = Rows([], []), list[list[StepTrace]]()
    if part.files:
        with workshop() as (db, _folder):
            for customer, moments in _customers(db, part.files, _book):
                found = traced(moments, _book)
                add_rows(rows, customer, found, _book)
                steps += [need.steps for need in found.needs]
    return Done(pickle.dumps(tuple(rows), 5), write_facts(facts_of(rows, steps)))


def rows_in(done: Done) -> Rows:
    """The rows again. They come from a process of our own."""
    return Rows(*pickle.loads(done.rows))  # noqa: S301


def _customers(db: duckdb.DuckDBPyConnection, files: list[str], book: Book) -> Iterator[tuple[int, list[Moment]]]:
    """Each customer with their moments in order. Whole columns at a time: a tenth of the cost of fetching rows."""
    current = -1
    moments: list[Moment] = []
    for batch in db.execute(ORDERED.format(files=parquet(map(Path, files)))).to_arrow_reader(ROWS_AT_ONCE):
        customers = batch.column(0).to_numpy()
        found = _moments(batch, book)
        edges = [0, *(np.flatnonzero(np.diff(customers)) + 1).tolist(), len(found)]
        for start, end in pairwise(edges):
            customer = int(customers[start])
            if customer != current and moments:
                yield current, moments
                moments = []
            current = customer
            moments += found[start:end]
    if moments:
        yield current, moments


def _moments(batch: pa.RecordBatch, book: Book) -> list[Moment]:
    make = partial(tuple.__new__, Moment)
    id, time = (batch.column(place).to_numpy().tolist() for place in (1, 2))
    named, which = _coded(batch.column(3))
    kinds = [book.kinds.get(name, "value") for name in named]
    channel, actor = (map(known.__getitem__, codes) for known, codes in map(_coded, batch.columns[4:6]))
    said = [properties_in(one) if one is not None else NOTHING for one in batch.column(6).to_pylist()]
    name, kind = (map(known.__getitem__, which) for known in (named, kinds))
    return list(map(make, zip(id, time, name, channel, actor, said, kind, strict=True)))


def _coded(column: pa.Array) -> tuple[list[str], list[int]]:
    """The different values of a column without gaps, and which of them each row has."""
    coded = column.dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy().tolist()

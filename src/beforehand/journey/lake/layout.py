"""What a file of the lake looks like, and which days go together into one."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pyarrow as pa
from django.conf import settings

FULL = 1_000_000  # rows at which a file is full
MONTH = 50_000  # rows from which a file may end with its month
ROW_GROUP = 122_880
RECENT = timedelta(days=31)

MOMENT = pa.timestamp("us")
FRESH = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.int64()),
        ("time", MOMENT),
        ("name", pa.string()),
        ("channel", pa.string()),
        ("place", pa.string()),
        ("actor", pa.string()),
        ("source", pa.int32()),
        ("properties", pa.string()),
    ]
)
COLUMNS = "id, customer, time, day, name, channel, place, actor, source, properties, previous, gap"
SEALED = pa.schema(
    [*list(FRESH)[:3], ("day", pa.date32()), *list(FRESH)[3:], ("previous", pa.string()), ("gap", pa.float64())]
)


class Span(NamedTuple):
    """A run of days that share a file, both ends included."""

    first: date
    last: date


def spans(rows_by_day: Mapping[date, int], today: date) -> Iterator[Span]:
    """Divide days into files: a file ends when it is full, or with its month when it is worth a file.

    So a year of a busy company is a few dozen files, and an import of scattered dates is a few. A file never reaches
    over the edge of what is recent: one old straggler must not make today's file one that every query has to open.
    """
    edges = (today - RECENT, today + timedelta(days=2))
    first, rows = None, 0
    days = sorted(rows_by_day)
    for day, following in zip_longest(days, days[1:]):
        first = first or day
        rows += rows_by_day[day]
        if (
            following is None
            or rows >= FULL
            or (rows >= MONTH and following.replace(day=1) > day)
            or any(day < edge <= following for edge in edges)
        ):
            yield Span(first, day)
            first, rows = None, 0


def folder() -> Path:
    return Path(settings.LAKE)


def scratch() -> Path:
    """Where unfinished work lies. Nothing in it is ever read by anybody else."""
    return folder() / "scratch"


def file_at(path: str) -> Path:
    """Where the file of this manifest path lies."""
    return folder() / path


def new_path(span: Span, table: str = "touchpoints") -> str:
    """A name that was never used before: a file is never edited, only replaced."""
    return f"{table}/{span.first.isoformat()}-{uuid4().hex}.parquet"

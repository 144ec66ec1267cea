"""The fact tables `needs`, `need_steps` and `contacts`: their columns, and rows of the record as such tables."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

MOMENT = pa.timestamp("us")
NEEDS = pa.schema(
    [
        ("need", pa.int64()),
        ("customer", pa.int64()),
        ("kind", pa.string()),
        ("version", pa.int32()),
        ("key", pa.string()),
        ("opened", MOMENT),
        ("opened_by", pa.int64()),
        ("step", pa.string()),
        ("step_since", MOMENT),
        ("stuck_at", MOMENT),
        ("met", MOMENT),
        ("met_by", pa.int64()),
        ("how", pa.string()),
        ("abandoned", MOMENT),
        ("first_trouble", MOMENT),
        ("contacts", pa.int32()),
        ("first_contact", MOMENT),
        ("noticed_by", pa.string()),
        ("lead", pa.float64()),
        ("excluded", pa.string()),
    ]
)
STEPS = pa.schema(
    [
        ("need", pa.int64()),
        ("customer", pa.int64()),
        ("kind", pa.string()),
        ("step", pa.string()),
        ("position", pa.int32()),
        ("entered", MOMENT),
        ("left_at", MOMENT),
        ("left_by", pa.int64()),
        ("outcome", pa.string()),
        ("loops", pa.int32()),
        ("stuck_at", MOMENT),
        ("version", pa.int32()),
    ]
)
CONTACTS = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.int64()),
        ("time", MOMENT),
        ("name", pa.string()),
        ("channel", pa.string()),
        ("need", pa.int64()),
        ("linked_by", pa.string()),
        ("cause", pa.string()),
        ("probability", pa.float64()),
        ("origin", pa.int64()),
        ("origin_name", pa.string()),
        ("origin_step", pa.string()),
        ("repeat_of", pa.int64()),
        ("owner", pa.string()),
        ("overruled_by", pa.int64()),
    ]
)
OF_NEED = ("need", "customer", "kind", "version")
OF_STAY = ("step", "entered", "left_at", "left_by", "outcome", "loops", "stuck_at")
SCHEMAS = {"needs": NEEDS, "need_steps": STEPS, "contacts": CONTACTS}
Row = Sequence[Any]


class Facts(NamedTuple):
    """Rows of needs and of contacts, and for each need the stays in its steps, with the values of `OF_STAY`."""

    needs: list[Any]
    stays: list[Any]
    contacts: list[Any]


def tables_of(facts: Facts) -> dict[str, pa.Table]:
    """The three tables."""
    needs = table_of(NEEDS, facts.needs)
    return {
        "needs": needs,
        "need_steps": _steps(needs, facts.stays),
        "contacts": table_of(CONTACTS, facts.contacts),
    }


def table_of(schema: pa.Schema, rows: Sequence[Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table([_array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def _array(values: Sequence[Any], of: pa.DataType) -> pa.Array:
    """Moments come as the numbers that they are stored as."""
    return pa.array(values, pa.int64()).view(of) if of == MOMENT else pa.array(values, of)


def _steps(needs: pa.Table, stays: Sequence[Sequence[Row]]) -> pa.Table:
    """Each stay beside what is said of its need."""
    counts = np.fromiter(map(len, stays), np.int64, len(stays))
    need = np.repeat(np.arange(len(stays)), counts)
    position = np.arange(len(need)) - np.repeat(np.cumsum(counts) - counts, counts)
    own = table_of(pa.schema([STEPS.field(name) for name in OF_STAY]), list(chain.from_iterable(stays)))
    columns = {name: needs.column(name).take(pa.array(need)) for name in OF_NEED}
    columns |= {name: own.column(name) for name in OF_STAY} | {"position": pa.array(position.astype(np.int32))}
    return pa.table([columns[name] for name in STEPS.names], schema=STEPS)

"""A company as the tables that measures read, in a DuckDB connection of its own: no record, no lake, no waiting."""

from typing import Any

import numpy as np
import pyarrow as pa

from beforehand.demo.company import files
from beforehand.demo.company.life import Company
from beforehand.demo.company.log import OTHER
from beforehand.demo.company.meanings import MEANINGS
from beforehand.demo.company.properties import NAMES

ROLES = ("customer", "name", "time", "channel", "place", "actor")


def register(company: Company, db: Any) -> None:
    """Make the tables `touchpoints`, `catalogue` and `stages` of the lake's reader, with the columns that it has.

    Customers are numbered as if every device but the ones that are never joined were known to be theirs: a customer is
    `number + 1`, a device that is never joined `number + 1 + the number of customers`. Ids go by time. Days are UTC.
    """
    log = company.touchpoints.take(~company.touchpoints.lost)
    customer = log.customer.astype(np.int64) + 1 + np.where(log.seen == OTHER, len(company.people), 0)
    made = files.touchpoints(company).append_column("number", pa.array(customer))
    properties = [name for name in NAMES if name in made.column_names]
    db.register("made", made)
    db.execute(
        f"""create or replace table touchpoints as
            with numbered as (
              select row_number() over (order by time) as id, number as customer, time::timestamp as time,
                time::timestamp::date as day, name::varchar as name, channel::varchar as channel,
                place::varchar as place, actor::varchar as actor, 1::bigint as source, {_json(properties)} as properties
              from made)
            select *, lag(name) over own as previous, epoch(time - lag(time) over own)::double as gap
            from numbered window own as (partition by customer order by time, id)"""
    )
    db.unregister("made")
    names = [(name, *meaning) for name, meaning in MEANINGS.items()]
    columns = dict(zip(("name", "label", "stage", "kind"), map(list, zip(*names, strict=True)), strict=True))
    stages = list(dict.fromkeys(columns["stage"]))
    db.register("meanings", pa.table(columns))
    db.register("places", pa.table({"stage": stages, "label": stages, "position": list(range(1, len(stages) + 1))}))
    db.execute("create or replace table stages as select * from places")
    db.execute(
        """create or replace table catalogue as
           select m.name, m.label, m.stage, p.position, m.kind, false as guessed
           from meanings m join places p using (stage)"""
    )
    db.unregister("meanings")
    db.unregister("places")


def _json(names: list[str]) -> str:
    """Properties as JSON text, without those that are not there."""
    parts = ", ".join(f"""'"{name}": ' || to_json("{name}")::varchar""" for name in names)
    return f"'{{' || concat_ws(', ', {parts}) || '}}'"

"""What a measure's SQL sees: the touchpoints of the segment, the fact tables that it reads, the period."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakSet

import pyarrow.compute as pc
from django.conf import settings

from beforehand.insight import segments
from beforehand.insight.facts import FACTS, Fact
from beforehand.insight.measure import Measure, Steps
from beforehand.insight.query import BadQuery, Query

NAMED = ("stage", "kind")

Given = Callable[[Fact], str | None]


@dataclass(frozen=True)
class Scope:
    """Named relations, each of which may read those before it, and the parameters that they take."""

    relations: Mapping[str, str]
    params: Mapping[str, Any]

    def plus(self, relations: Mapping[str, str]) -> "Scope":
        return Scope({**self.relations, **relations}, self.params)

    def sql(self, last: str) -> str:
        """A statement that ends in `last`, which may read all relations."""
        if not self.relations:
            return last
        listed = ",\n".join(f"{name} as (\n{sql.strip()}\n)" for name, sql in self.relations.items())
        return f"with {listed}\n{last}"

    def fetch(self, db: Any, last: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run it: the columns' names and the rows."""
        statement = self.sql(last)
        used = {name: value for name, value in self.params.items() if re.search(rf"\${name}\b", statement)}
        found = db.execute(statement, used) if used else db.execute(statement)
        return [column[0] for column in found.description], found.fetchall()


_prepared: WeakSet[Any] = WeakSet()


def prepare(db: Any) -> None:
    """Call once for a connection, before anything is asked of it."""
    if settings.ENGINE != "duckdb":
        raise BadQuery(
            f"BEFOREHAND_ENGINE is “{settings.ENGINE}”, which is not supported yet. Set it to duckdb or leave it out;"
            " `beforehand measures SLUG --sql --spark` shows a measure in Spark's SQL."
        )
    if db not in _prepared:
        for table, every in segments.EVERY.items():
            db.execute(f"create or replace temp view {every} as select * from {table}")
        _prepared.add(db)


def of_query(query: Query, measure: Measure, steps: Steps, as_of: datetime, given: Given = lambda fact: None) -> Scope:
    """Everything up to `rows`. `given` may offer other SQL for a fact, such as rows that were kept."""
    rows = measure.rows_sql(steps)
    facts = {fact.name: (None if query.segment else given(fact)) or fact.sql for fact in needed(rows)}
    relations = {**(narrowed(query.segment, rows, *facts.values()) if query.segment else {}), **facts}
    relations["rows"] = with_period(with_named(rows, query.by), query.trend)
    return Scope(relations, params(query, as_of))


def narrowed(segment: segments.Segment, *queries: str) -> dict[str, str]:
    """The tables that these queries read, of a segment only. A need is of the segment of the touchpoint that opened it,
    a contact of its need's, or of its own where the segment is a channel."""
    read = {table for table in segments.EVERY if any(re.search(rf"\b(from|join)\s+{table}\b", sql) for sql in queries)}
    if "contacts" in read or "need_steps" in read:
        read.add("needs")
    return {table: segments.narrowed(segment, table) for table in segments.EVERY if table in read}


def params(query: Query, as_of: datetime) -> dict[str, Any]:
    """The moment is given without its zone, as the lake's times are."""
    values = {"start": query.start, "end": query.end, "as_of": as_of.astimezone(UTC).replace(tzinfo=None)}
    return values | ({"segment": query.segment.value} if query.segment and not query.segment.saved else {})


PERIODS = {"day": "day", "week": "cast(date_trunc('week', day) as date)"}


def with_period(rows: str, trend: str | None) -> str:
    """Rows with the first day of the period that a trend puts them in."""
    return f"select *, {PERIODS[trend]} as period\nfrom (\n{rows}\n) dated" if trend else rows


def with_named(rows: str, by: str | None) -> str:
    """Rows with the stage or kind that the catalogue gives their name, where they are split by it."""
    if by not in NAMED:
        return rows
    return f"select r.*, coalesce(c.{by}, '') as {by}\nfrom (\n{rows}\n) r left join catalogue c on c.name = r.name"


def needed(sql: str) -> list[Fact]:
    """The facts that a query reads, directly or through another fact, each after those that it reads. A
    relation of the query's own goes before a fact of the same name."""
    found: dict[str, Fact] = {}
    for name, fact in FACTS.items():
        if re.search(rf"\b(from|join)\s+{name}\b", sql) and not re.search(rf"\b{name}\s+as\s+\(", sql):
            found |= {other.name: other for other in needed(fact.sql)}
            found[name] = fact
    return list(found.values())


def looking_back_from(reader: Any) -> datetime:
    """The end of the last day of the data, or now when that lies in the future."""
    now = datetime.now(UTC)
    newest = pc.max(reader.hot["day"]).as_py()
    days = [file.last_day for file in reader.files] + ([newest] if newest else [])
    if not days:
        return now
    return min(now, datetime.combine(max(days), datetime.min.time(), UTC) + timedelta(days=1))

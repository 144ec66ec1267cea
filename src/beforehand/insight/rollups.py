"""Sums that are kept beside the lake, so that a board need not read touchpoints.

A file of the lake never changes, so what a measure adds up over it never does either: a small Parquet file with the
measure's sums by day, keys and group of customers. A roll-up is a cache. It is named after the lake's file and after
all that it depends on, is made when somebody asks or when the scheduler comes by, and goes when its file goes.

sum        counts and totals
quantile   the same of waits, and a histogram, from which the quantiles follow within 2.5 %
distinct   for each day, how many touchpoints found their customer's previous one on which day: the customers of any
           window are the touchpoints in it whose previous one lies before it. So distinct counts add up too, exactly.
cohort     not here: see `stored.py`
"""

import hashlib
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from beforehand.insight import aggregation, scope
from beforehand.insight.aggregation import BUCKET, listed
from beforehand.insight.estimators import ESTIMATORS
from beforehand.insight.facts import FACTS, Fact
from beforehand.insight.measure import Measure
from beforehand.insight.scope import Given
from beforehand.journey.lake import layout
from beforehand.journey.lake.engine import parquet, quoted
from beforehand.journey.lake.manifest import company_zone
from beforehand.journey.models import LakeState
from beforehand.lib.statistics.histogram import bin_sql

SHAPE = 1
"""Rises when the files' columns change."""
KINDS = ("sum", "quantile", "distinct")
LARGE = 200_000
"""Sealed rows from which roll-ups are worth it: below, reading the rows is as quick, and quantiles are exact."""
SOON = 600_000
"""Rows whose roll-ups are made while somebody waits; more are left to the scheduler, and the rows are read."""
FOR_EVER = {"$start": "date '0001-01-01'", "$end": "date '9999-12-31'"}
log = logging.getLogger(__name__)


def folder() -> Path:
    return Path(settings.LAKE).with_name("rollups")


def measures_rolled() -> list[Measure]:
    from beforehand.insight.measures import all as all_measures

    return [measure for measure in all_measures().values() if measure.kind in KINDS]


@dataclass(frozen=True)
class Rollup:
    """One measure's roll-ups, with the reader's connection to make and read them."""

    db: Any
    measure: Measure

    @property
    def dims(self) -> tuple[str, ...]:
        """The columns that are kept: what a query may group by without touching rows."""
        split = self.measure.splits if self.measure.kind == "sum" else ()
        return () if self.measure.kind == "distinct" else (*self.measure.keys, *split)

    @property
    def waits(self) -> bool:
        return "waits" in ESTIMATORS[self.measure.estimator].needs

    @cached_property
    def place(self) -> Path:
        """The folder of these roll-ups: another definition, zone or catalogue means another folder."""
        about = [
            SHAPE,
            self.measure.rows_sql(),
            self.measure.version,
            self.dims,
            company_zone(),
            BUCKET,
            *self._names(),
        ]
        digest = hashlib.sha256(repr(about).encode()).hexdigest()[:12]
        return folder() / f"{self.measure.slug}-{digest}"

    def _names(self) -> list[Any]:
        """The catalogue's names that the rows depend on."""
        if not self.measure.depends:
            return []
        found = self.db.execute(f"select name from catalogue where {self.measure.depends} order by name")
        return list(found.fetchall())

    def files(self, files: Iterable[Path], suffix: str = "") -> list[Path]:
        """The roll-up of each of the lake's files, made where it is missing."""
        wanted = [(file, self.place / f"{file.stem}{suffix}.parquet") for file in files]
        for file, kept in wanted:
            if not kept.exists():
                self._make(file)
        return [kept for _, kept in wanted]

    def missing(self, files: Iterable[Any]) -> int:
        """How many rows the files have whose roll-ups are not made yet."""
        made = {kept.name for kept in self.place.glob("*.parquet")}
        return sum(file.rows for file in files if f"{file.path.stem}.parquet" not in made)

    def _make(self, file: Path) -> None:
        source = parquet([file])
        write(self.db, self.sums(source), self.place / f"{file.stem}.parquet")
        if self.waits:
            write(self.db, self.bins(source), self.place / f"{file.stem}.bins.parquet")

    def rows(self, source: str) -> str:
        """The measure's rows of these touchpoints, of all days."""
        sql = re.sub(r"\$(?:start|end)\b", lambda found: FOR_EVER[found.group()], self.measure.rows_sql())
        return over(source, sql)

    def sums(self, source: str) -> str:
        """By kept columns, day and group of customers; distinct measures also by the day of the touchpoint before."""
        dims = [*self.dims, "day"]
        added, rows = aggregation.added(self.waits), self.rows(source)
        if self.measure.kind == "distinct":
            dims.append("prior")
            added |= {"customers": "count(*) filter (prior is null or prior < day)"}
            rows = f"(select *, {_day_before()} as prior from {rows})"
        else:
            added |= {"customers": "0"}
        return f"select {listed(*dims, f'{BUCKET} as bucket')}, {aggregation.select(added)} from {rows} group by all"

    def bins(self, source: str) -> str:
        dims = listed(*self.dims, "day", f"{bin_sql('value')} as bin", "cast(count(*) as double) as n")
        return f"select {dims} from {self.rows(source)} group by all"


def over(source: str, sql: str) -> str:
    """A query as a relation, its touchpoints being those of `source`."""
    return f"(with touchpoints as (select {layout.COLUMNS} from {source}) select * from ({sql}) rows_of)"


def write(db: Any, sql: str, target: Path) -> None:
    """Two may make the same file at once: each writes its own, and the last to finish gives it its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{uuid4().hex}.tmp")
    try:
        db.execute(f"copy ({sql} order by day) to {quoted(unfinished)} (format parquet, compression zstd)")
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _day_before() -> str:
    """The day, in the company's zone, of the customer's previous touchpoint."""
    moment = "time - to_microseconds(cast(round(gap * 1000000) as bigint))"
    return f"case when gap is not null then {_in_zone(moment)} end"


def _in_zone(moment: str) -> str:
    zone = company_zone()
    if zone == "UTC":
        return f"cast({moment} as date)"
    return f"cast(timezone({quoted(zone)}, timezone('UTC', {moment})) as date)"


@dataclass(frozen=True)
class KeptFact:
    """The rows of a fact that has few, of each of the lake's files. They name customers; they go with their file."""

    db: Any
    fact: Fact

    @property
    def place(self) -> Path:
        about = [SHAPE, self.fact.sql, self.fact.version, company_zone()]
        return folder() / f"fact-{self.fact.name}-{hashlib.sha256(repr(about).encode()).hexdigest()[:12]}"

    def files(self, files: Iterable[Path]) -> list[Path]:
        wanted = [(file, self.place / file.name) for file in files]
        for file, kept in wanted:
            if not kept.exists():
                write(self.db, self.rows(parquet([file])), kept)
        return [kept for _, kept in wanted]

    def rows(self, source: str) -> str:
        return f"select * from {over(source, self.fact.sql)}"

    def sql(self, reader: Any) -> str:
        """What the fact is now: of the files, without the customers who changed since, and of the rows of no file."""
        kept = parquet(self.files(file.path for file in reader.files))
        clean = " where customer not in (select customer from dirty)" if reader.dirty else ""
        return f"select * from {kept}{clean} union all {self.rows('hot')}"


def given(reader: Any) -> Given:
    """For a scope: the SQL of facts that are kept, where the lake is large enough."""
    if not large(reader):
        return lambda fact: None
    return lambda fact: KeptFact(reader.db, fact).sql(reader) if fact.kept else None


def large(reader: Any) -> bool:
    """Whether the lake is large, and the days in its files are the company's."""
    return sum(file.rows for file in reader.files) >= LARGE and LakeState.own().zone == company_zone()


def applies(query: Any, measure: Measure, reader: Any) -> bool:
    """Whether roll-ups can answer, and sooner: of a large lake, for everybody, by columns that are kept, where the
    files' days are the company's and few of their roll-ups still have to be made."""
    if query.segment or measure.kind not in KINDS or measure.headline:
        return False
    if not large(reader):
        return False
    rollup = Rollup(reader.db, measure)
    if rollup.missing(reader.files) > SOON:
        return False
    kept = rollup.dims
    return query.by is None or query.by in kept or (query.by in scope.NAMED and "name" in kept)


def keep_up() -> None:
    """Make what is missing and remove what is of no use any more, so that nobody who looks has to wait for it."""
    from beforehand.insight import stored
    from beforehand.journey import lake

    with lake.reader() as reader:
        if large(reader):
            files = [file.path for file in reader.files]
            places = set()
            for fact in FACTS.values():
                if fact.kept:
                    KeptFact(reader.db, fact).files(files)
                    places.add(KeptFact(reader.db, fact).place)
            for measure in measures_rolled():
                rollup = Rollup(reader.db, measure)
                rollup.files(files)
                places.add(rollup.place)
            sweep(places)
        stored.refresh(reader)


def sweep(places: set[Path] | None = None) -> int:
    """Remove roll-ups of files that are gone from the lake, and, when `places` are given, all that are not in them."""
    removed = 0
    for kept in list(folder().glob("*/*")):
        stem = kept.name.split(".", 1)[0]
        if (places is not None and kept.parent not in places) or not layout.file_at(
            f"touchpoints/{stem}.parquet"
        ).exists():
            kept.unlink(missing_ok=True)
            removed += 1
    for place in list(folder().glob("*")):
        if not any(place.iterdir()):
            place.rmdir()
    return removed


def forget(measure: Measure) -> None:
    """Remove a measure's roll-ups: one could not be read. They are made again."""
    for kept in list(folder().glob(f"{measure.slug}-*/*")):
        kept.unlink(missing_ok=True)

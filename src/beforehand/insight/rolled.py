"""Sums from roll-ups: those of the files, without the customers who changed since, and with the rows of no file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beforehand.insight import aggregation
from beforehand.insight.aggregation import ADDED, Statement, grouped, listed
from beforehand.insight.measure import Measure
from beforehand.insight.query import Query
from beforehand.insight.rollups import Rollup
from beforehand.insight.scope import NAMED, PERIODS, Scope
from beforehand.journey.lake.engine import parquet

SUMS = (*ADDED, "customers")


@dataclass(frozen=True)
class Rolled:
    """A source of sums for `answer`, as `run.Raw` is."""

    reader: Any
    query: Query
    measure: Measure
    params: dict[str, Any]

    @property
    def approximate(self) -> bool:
        return True

    @property
    def rollup(self) -> Rollup:
        return Rollup(self.reader.db, self.measure)

    def fetch(self, dims: Sequence[str], which: str, tail: str = "") -> list[tuple[Any, ...]]:
        if which == "quantiles":
            return []
        relations, last = self._sums(dims) if which == "sums" else self._bins(dims)
        return Scope(relations, self.params).fetch(self.reader.db, last + tail)[1]

    def _sums(self, dims: Sequence[str]) -> Statement:
        parts = self._parts("sums", self._kept_dims(), SUMS)
        window = "greatest(period, $start)" if "period" in dims else "$start"
        columns = {name: f"sum({name})" for name in SUMS}
        if self.measure.kind == "distinct":
            columns["customers"] = f"sum(case when prior is null or prior < {window} then customers else 0 end)"
        listing = listed(*dims, "bucket", *(f"{sql} as {name}" for name, sql in columns.items()))
        by_bucket = f"select {listing}\nfrom parts{grouped([*dims, 'bucket'])}\nhaving sum(n) > 0.5"
        return {"parts": self._dated(parts, dims), "by_bucket": by_bucket}, aggregation.products(dims)

    def _bins(self, dims: Sequence[str]) -> Statement:
        parts = self._dated(self._parts("bins", (*self.rollup.dims, "day", "bin"), ("n",)), dims)
        found = (
            f"select {listed(*dims, 'bin', 'sum(n) as n')}\nfrom parts{grouped([*dims, 'bin'])}\nhaving sum(n) > 0.5"
        )
        return {"parts": parts}, aggregation.listed_bins(dims, found)

    def _kept_dims(self) -> tuple[str, ...]:
        prior = ("prior",) if self.measure.kind == "distinct" else ()
        return (*self.rollup.dims, "day", *prior, "bucket")

    def _parts(self, which: str, dims: Sequence[str], sums: Sequence[str]) -> str:
        """What the files' roll-ups hold, what they hold of customers who changed (taken away), and the hot rows."""
        files = [file.path for file in self.reader.files if self._concerns(file)]
        make = self.rollup.sums if which == "sums" else self.rollup.bins
        parts = [f"select {listed(*dims, *sums)} from ({make('hot')})"]
        if files:
            kept = self.rollup.files(files, "" if which == "sums" else ".bins")
            parts.append(f"select {listed(*dims, *sums)} from {parquet(kept)}")
        if files and self.reader.dirty:
            gone = make(f"(select * from {parquet(files)} where customer in (select customer from dirty))")
            parts.append(f"select {listed(*dims, *(f'-{name} as {name}' for name in sums))} from ({gone})")
        return "\nunion all\n".join(f"{part} where day between $start and $end" for part in parts)

    def _concerns(self, file: Any) -> bool:
        return bool(file.first_day <= self.query.end and file.last_day >= self.query.start)

    def _dated(self, parts: str, dims: Sequence[str]) -> str:
        """The parts with the period of a trend, and with what the catalogue says of their names."""
        more = [f"{PERIODS[self.query.trend]} as period"] if "period" in dims and self.query.trend else []
        more += [f"coalesce(c.{dim}, '') as {dim}" for dim in dims if dim in NAMED]
        if not more:
            return parts
        join = " left join catalogue c on c.name = p.name" if any(dim in NAMED for dim in dims) else ""
        return f"select {listed('p.*', *more)} from (\n{parts}\n) p{join}"

"""The touchpoints of a log as arrays, sorted by customer and time: what everything else here computes with."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from beforehand.insight.segments import Dimension, column

MOST_ROWS = 300_000
MOST_NAMES = 80
STRAY = 0.0002
"""Touchpoints dated far away from all others (1970, 2099) are left out at both ends, at most this share."""


@dataclass(frozen=True)
class Log:
    """One row a touchpoint. `name` and the segment codes are indexes into `names` and `dimensions`, -1 for others."""

    customer: np.ndarray
    time: np.ndarray
    day: np.ndarray
    name: np.ndarray
    codes: np.ndarray
    names: list[str]
    dimensions: list[Dimension]
    first_day: date
    days: int
    share: float
    kinds: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def new_customer(self) -> np.ndarray:
        """True where a row is the first of its customer."""
        return np.r_[True, self.customer[1:] != self.customer[:-1]] if len(self) else np.zeros(0, bool)


def load(reader: Any, dimensions: list[Dimension], most_rows: int = MOST_ROWS) -> Log:
    """Read the log, or a random share of its customers when it has more than `most_rows` touchpoints."""
    db = reader.db
    rows = db.execute("select count(*) from touchpoints").fetchone()[0]
    share = min(1.0, most_rows / rows) if rows else 1.0
    first, days = _period(db)
    names = [name for name, _n in db.execute(
        "select name, count(*) from touchpoints group by name order by 2 desc, 1 limit ?", [MOST_NAMES]
    ).fetchall()]  # fmt: skip
    dimensions = [dimension for dimension in dimensions if len(dimension.values) >= 2]
    fetched = _rows(db, names, dimensions, first, days, share) if rows else None
    codes = np.zeros((0, 0), np.int16)
    if fetched is not None:
        codes = np.zeros((len(dimensions), len(fetched["customer"])), np.int16)
        for at in range(len(dimensions)):
            codes[at] = _filled(fetched[f"d{at}"], -1)
    take = (lambda key, kind: np.asarray(fetched[key]).astype(kind)) if fetched is not None else (
        lambda key, kind: np.zeros(0, kind)
    )  # fmt: skip
    return Log(
        customer=take("customer", np.int64),
        time=take("time", np.float64),
        day=take("day", np.int32),
        name=_filled(fetched["name"], -1).astype(np.int32) if fetched is not None else np.zeros(0, np.int32),
        codes=codes,
        names=names,
        dimensions=dimensions,
        first_day=first,
        days=days,
        share=share,
        kinds=_of_catalogue(db, "kind"),
        labels=_of_catalogue(db, "label"),
    )


def _filled(values: Any, missing: int) -> np.ndarray:
    return np.ma.filled(values, missing) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)


def _period(db: Any) -> tuple[date, int]:
    """The first day and the number of days, without strays."""
    days = db.execute("select day, count(*) from touchpoints group by day order by day").fetchall()
    total = sum(count for _day, count in days)
    if not total:
        return date(1970, 1, 1), 0
    first, last = 0, len(days) - 1
    dropped = 0
    while first < last and dropped + days[first][1] <= STRAY * total and _lonely(days[first][0], days[first + 1][0]):
        dropped += days[first][1]
        first += 1
    dropped = 0
    while last > first and dropped + days[last][1] <= STRAY * total and _lonely(days[last - 1][0], days[last][0]):
        dropped += days[last][1]
        last -= 1
    return days[first][0], (days[last][0] - days[first][0]).days + 1


def _lonely(earlier: date, later: date) -> bool:
    return later - earlier > timedelta(days=60)


def _rows(db: Any, names: list[str], dimensions: list[Dimension], first: date, days: int, share: float) -> Any:
    codes = ", ".join(
        f"list_position(?, {column(dimension.key)}) - 1 as d{at}" for at, dimension in enumerate(dimensions)
    )
    sample = "" if share >= 1 else f"and hash(customer, 5) % 1000000 < {int(share * 1_000_000)}"
    return db.execute(
        f"""select customer, epoch(time) as time, date_diff('day', ?::date, day) as day,
                   list_position(?, name) - 1 as name{", " + codes if codes else ""}
            from touchpoints where day between ?::date and ?::date {sample}
            order by customer, touchpoints.time, id""",
        [first, names, *[list(dimension.values) for dimension in dimensions], first, first + timedelta(days=days - 1)],
    ).fetchnumpy()


def _of_catalogue(db: Any, column: str) -> dict[str, str]:
    views = "select table_name from duckdb_tables() union all select view_name from duckdb_views()"
    if ("catalogue",) not in db.execute(views).fetchall():
        return {}
    return dict(db.execute(f"select name, {column} from catalogue").fetchall())

"""How many needs there are of each kind, how many are open, stuck and met."""

from typing import NamedTuple

from beforehand.journey import lake
from beforehand.journey.needs.keeping import in_force

COUNTED = """
    SELECT kind, count(*) AS needs, count(met) AS met,
        count(*) FILTER (met IS NULL AND abandoned IS NULL) AS open,
        count(*) FILTER (met IS NULL AND abandoned IS NULL AND stuck_at <= moment) AS stuck,
        avg(CAST(beforehand AS INT)) FILTER (excluded = '') AS beforehand
    FROM needs, known_until GROUP BY kind"""


class Count(NamedTuple):
    """A kind and its needs. `beforehand` is the share met beforehand of those of which it is known, None without."""

    kind: str
    title: str
    version: int
    off: bool
    needs: int = 0
    met: int = 0
    open: int = 0
    stuck: int = 0
    beforehand: float | None = None


def kinds() -> list[Count]:
    """Every kind that is kept, by title."""
    with lake.reader() as reader:
        counted = {kind: counts for kind, *counts in reader.db.execute(COUNTED).fetchall()}
    return [Count(one.slug, one.title, one.version, one.off, *counted.get(one.slug, [])) for one in in_force()]

"""What has just come: one watcher a process, any number of browsers that listen.

SQLite is asked for its `data_version`, which costs nothing while nobody writes; then, and always on PostgreSQL, the
highest number of the record is read.
"""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from beforehand.journey.models import Touchpoint
from beforehand.lib import live

MOST_NAMED = 500


class News(NamedTuple):
    """The record now goes through this number; whose touchpoints are new, None when they are too many to name."""

    through: int
    customers: list[int] | None


class Look:
    """Looks whether there is something new since the last look."""

    def __init__(self) -> None:
        self.stillness = live.Stillness()
        self.through = last_number()

    def news(self) -> News | None:
        if self.stillness.holds():
            return None
        through = last_number()
        if through <= self.through:
            return None
        before, self.through = self.through, through
        return News(through, customers_between(before, through))


def last_number() -> int:
    return Touchpoint.objects.order_by("-id").values_list("id", flat=True).first() or 0


def customers_between(after: int, through: int) -> list[int] | None:
    if through - after > 20 * MOST_NAMED:
        return None
    new = Touchpoint.objects.filter(id__gt=after, id__lte=through).order_by()
    found = list(new.values_list("identifier__customer", flat=True).distinct()[: MOST_NAMED + 1])
    return found if len(found) <= MOST_NAMED else None


Ear = asyncio.Queue[News | None]


class Watcher(live.Watcher[Ear, News]):
    """Everybody who listens hears of every number, through a queue; None says that it is over."""

    def share(self, news: News, ears: list[Ear]) -> Iterable[tuple[Ear, News]]:
        return [(ear, news) for ear in ears]

    def hand(self, ear: Ear, told: News | None) -> None:
        if ear.full():  # a browser that sleeps: it will ask for everything when it wakes
            ear.get_nowait()
            told = told._replace(customers=None) if told else None
        ear.put_nowait(told)

    def dismiss(self, ear: Ear) -> None:
        self.hand(ear, None)


def queue() -> Ear:
    return asyncio.Queue(maxsize=100)


watcher = Watcher("live", Look)

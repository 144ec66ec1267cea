"""The list of live files and the customers whose files no longer hold, in SQL beside the record."""

import fcntl
import functools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

from beforehand.journey.lake import layout
from beforehand.journey.models import DirtyCustomer, LakeFile, LakeState
from beforehand.team.models import Workspace

AT_ONCE = 500
TRIES = 4
P = ParamSpec("P")
R = TypeVar("R")


class Outrun(Exception):
    """The list of files changed while somebody made new ones from it; theirs are of no use and are thrown away."""


class Busy(Exception):
    """Another process is writing files of the lake."""


def persistent(verb: Callable[P, R]) -> Callable[P, R]:
    """Do it again when it was outrun; an erasure is all that can do that on one machine."""

    @functools.wraps(verb)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES):
            with suppress(Outrun):
                return verb(*args, **kwargs)
        return verb(*args, **kwargs)

    return again


@contextmanager
def writing(wait: bool = True) -> Iterator[None]:
    """One writer of files at a time on this machine, so that no work is done twice; `Busy` for one who won't wait.

    That nothing goes wrong does not hang on it: `switch` refuses whoever was outrun.
    """
    layout.folder().mkdir(parents=True, exist_ok=True)
    with open(layout.folder() / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Busy from None
        yield


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read inside is of one moment, and no writer has to wait for it.

    Inside a transaction there is nothing to begin: there it is the caller's moment.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def live_files() -> list[LakeFile]:
    """The files of touchpoints; those of needs are listed in `fact_files`."""
    return list(LakeFile.objects.filter(replaced=None, table="touchpoints").order_by("first_day", "id"))


def company_zone() -> str:
    """The company's zone, without making its row: a reader writes nothing."""
    return Workspace.objects.filter(pk=1).values_list("zone", flat=True).first() or "UTC"


def now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def mark_dirty(customers: Collection[int], reason: str) -> None:
    """What the files say of these customers no longer holds: readers take them from the record until compaction."""
    if not customers:
        return
    with transaction.atomic():
        state = LakeState.locked()
        state.version += 1
        state.save(update_fields=["version"])
        moment = now()
        DirtyCustomer.objects.bulk_create(
            [DirtyCustomer(customer=one, mark=state.version, since=moment, reason=reason) for one in sorted(customers)],
            batch_size=AT_ONCE,
            update_conflicts=True,
            unique_fields=["customer"],
            update_fields=["mark", "reason"],
        )


def dirty_marks() -> dict[int, int]:
    """The dirty customers, each with the mark of the last change."""
    return dict(DirtyCustomer.objects.values_list("customer", "mark"))


def mark_clean(marks: Mapping[int, int]) -> None:
    """Take customers off the dirty list, save those to whom something happened after the marks were read."""
    customers = sorted(marks)
    newest = max(marks.values(), default=0)
    for start in range(0, len(customers), AT_ONCE):
        part = customers[start : start + AT_ONCE]
        DirtyCustomer.objects.filter(customer__in=part, mark__lte=newest).delete()


def switch(
    before: LakeState, add: Iterable[LakeFile] = (), replace: Sequence[LakeFile] = (), at_once: bool = False
) -> LakeState:
    """Change the list of files in the caller's transaction; `Outrun` when it is not what it was `before`.

    Replaced files stay on the disk for the grace time unless they are to go `at_once`. Gives the state, locked, for
    the caller to change and save.
    """
    state = LakeState.locked()
    if state.switches != before.switches:
        raise Outrun
    state.switches += 1
    LakeFile.objects.bulk_create(add)
    LakeFile.objects.filter(pk__in=[file.pk for file in replace]).update(replaced=0 if at_once else now())
    return state

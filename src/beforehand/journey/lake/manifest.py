"""The list of live files and the customers whose files no longer hold, in SQL beside the record."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from beforehand.journey.models import DirtyCustomer, LakeFile, LakeState
from beforehand.team.models import Workspace

MARKED_AT_ONCE = 1000


class Outrun(Exception):
    """The list of files changed while somebody was making new ones from it; theirs are of no use."""


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
    return list(LakeFile.objects.filter(replaced=None).order_by("first_day", "id"))


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
            (
                DirtyCustomer(customer=customer, mark=state.version, since=moment, reason=reason)
                for customer in customers
            ),
            batch_size=MARKED_AT_ONCE,
            update_conflicts=True,
            unique_fields=["customer"],
            update_fields=["mark", "reason"],
        )


def switch(
    before: LakeState, add: Iterable[LakeFile] = (), replace: Sequence[LakeFile] = (), replaced: int | None = None
) -> LakeState:
    """Change the list of files in the caller's transaction; `Outrun` when it is not what it was `before`.

    Gives the state, locked, for the caller to change and save.
    """
    state = LakeState.locked()
    if state.switches != before.switches:
        raise Outrun
    state.switches += 1
    LakeFile.objects.bulk_create(add)
    LakeFile.objects.filter(pk__in=[file.pk for file in replace]).update(
        replaced=now() if replaced is None else replaced
    )
    return state

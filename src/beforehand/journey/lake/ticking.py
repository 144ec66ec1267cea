"""What the scheduler does for the lake, every few seconds."""

from datetime import datetime, timedelta

from django.utils import timezone

from beforehand.journey.lake import manifest
from beforehand.journey.lake.compaction import compact
from beforehand.journey.lake.folding import fold
from beforehand.journey.lake.sealing import last_sequence, rebuild, seal
from beforehand.journey.lake.tidy import tidy
from beforehand.journey.models import DirtyCustomer, LakeState, Touchpoint

MANY_ROWS = 20_000
LONG_ENOUGH = timedelta(minutes=1)
MANY_DIRTY = 2_000
TOO_LONG_DIRTY = timedelta(hours=6)


def tick() -> None:
    """Seal, compact and fold what is worth it, and remove what nobody reads any more. Never waits for another writer.

    Sealing waits a minute or for many rows: what arrives a little out of order then is not late.
    """
    try:
        with manifest.writing(wait=False):
            pass
    except manifest.Busy:
        return
    state = LakeState.own()
    if state.zone and state.zone != manifest.company_zone():
        rebuild()
    elif _worth_sealing(state):
        seal()
    if _worth_compacting():
        compact()
    fold()
    tidy()


def _worth_sealing(state: LakeState) -> bool:
    waiting = last_sequence() - state.sealed_through
    if waiting <= 0 or waiting >= MANY_ROWS:
        return waiting > 0
    oldest = Touchpoint.objects.filter(pk__gt=state.sealed_through).order_by("pk")[:1]
    return any(_past(touchpoint.received, LONG_ENOUGH) for touchpoint in oldest)


def _worth_compacting() -> bool:
    if DirtyCustomer.objects.count() >= MANY_DIRTY:
        return True
    return any(_past(oldest.since, TOO_LONG_DIRTY) for oldest in DirtyCustomer.objects.order_by("since")[:1])


def _past(moment: datetime, wait: timedelta) -> bool:
    """Whether so much time has gone by. A moment ahead of the clock counts: the clock was set back."""
    return not timedelta(0) <= timezone.now() - moment <= wait

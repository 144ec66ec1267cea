"""The desk's projections made again: the ledger out of the record, clocks and rows out of the ledger."""

from collections.abc import Callable, Iterator

from django.db import transaction

from beforehand.journey.models import Source, Touchpoint
from beforehand.journey.noting import ROOM
from beforehand.service import vocabulary
from beforehand.service.clocks import cases
from beforehand.service.models import ClockRow, Conversation, LedgerEntry

AT_ONCE = 2000
COLUMNS = frozenset({"kind", "channel", "message"})


def rebuild(progress: Callable[[int], None] | None = None) -> int:
    """Forget ledger and clocks, and read them out of the touchpoints again; how many conversations there are."""
    with transaction.atomic():
        ClockRow.objects.all().delete()
        LedgerEntry.objects.all().delete()
        there = set(Conversation.objects.values_list("pk", flat=True))
        for touchpoints in _touchpoints():
            found = [entry for one in touchpoints if (entry := _entry(one)).conversation_id in there]
            LedgerEntry.objects.bulk_create(found)
        done = 0
        for conversation in Conversation.objects.filter(head=None).select_related("team").iterator(AT_ONCE):
            settle(conversation)
            done += 1
            if progress is not None and done % AT_ONCE == 0:
                progress(done)
    return done


def settle(head: Conversation) -> None:
    """Row and clocks of one case out of its ledger."""
    cases.settle(head, cases.past(head))
    head.save(update_fields=["waiting_since", "due", "due_clock"])


def _touchpoints() -> Iterator[list[Touchpoint]]:
    source, last = Source.objects.filter(name=ROOM).first(), 0
    ours = Touchpoint.objects.filter(source=source, name__in=vocabulary.ALL).order_by("id")
    while part := list(ours.filter(id__gt=last)[:AT_ONCE]):
        last = part[-1].pk
        yield [one for one in part if "desk" in one.properties]


def _entry(touchpoint: Touchpoint) -> LedgerEntry:
    said = touchpoint.properties["desk"]
    return LedgerEntry(
        id=touchpoint.pk,
        conversation_id=touchpoint.properties["conversation"],
        time=touchpoint.time,
        kind=said["kind"],
        channel=said.get("channel", ""),
        message=said.get("message"),
        data={key: value for key, value in said.items() if key not in COLUMNS},
    )

"""The drain: turns raw requests into touchpoints, in order, each once.

A group of requests is decoded first; then, in one transaction, people are looked up, touchpoints recorded, failures
set aside and the cursor moved. A process that dies in between has done nothing, and the next one does it again.
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from beforehand.journey import journeys
from beforehand.journey.booking import Booking, Understood
from beforehand.journey.cursor import drained_through
from beforehand.journey.intake import Intake, Stored
from beforehand.journey.models import DrainCursor, FailedMessage
from beforehand.journey.wire import Failure, decode, decode_one
from beforehand.journey.wire.decode import from_stored
from beforehand.lib.fields import to_micros

MESSAGES = 2000
MESSAGES_BEHIND = 8000  # larger groups cost less each, but hold the record's lock for longer
REQUESTS = 2000
log = logging.getLogger(__name__)


class Drained(NamedTuple):
    """What the drain did: requests read, messages in them, touchpoints added, messages that failed."""

    requests: int = 0
    messages: int = 0
    added: int = 0
    failed: int = 0


class Drain:
    """Keeps an intake open and remembers people between steps."""

    def __init__(self) -> None:
        self.intake = Intake(settings.INTAKE)
        self.booking = Booking()

    def close(self) -> None:
        self.intake.close()

    def step(self, limit: int = MESSAGES) -> Drained:
        """Drain about so many messages; nothing when nothing waits, or when another drain was quicker."""
        position = drained_through()
        requests, understood = self._read(position, limit)
        if not requests:
            return Drained()
        last = requests[-1].id
        try:
            added, failed = self._settle(position, last, lambda: self.booking.book(understood))
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("A group could not be drained at once; its messages are taken one by one.")
            added, failed = self._settle(position, last, lambda: self.booking.book_singly(understood))
        journeys.follow()
        return Drained(len(requests), len(understood), added, failed)

    def _read(self, position: int, limit: int) -> tuple[list[Stored], list[Understood]]:
        requests: list[Stored] = []
        understood: list[Understood] = []
        for request in self.intake.read(position, REQUESTS):
            requests.append(request)
            outcomes = decode(request, settings.MAX_BODY_BYTES, settings.MAX_MESSAGE_BYTES)
            understood.extend(Understood(request, outcome) for outcome in outcomes)
            if len(understood) >= limit:
                break
        return requests, understood

    def _settle(self, position: int, last: int, book: Callable[[], tuple[int, int]]) -> tuple[int, int]:
        """Book and move the cursor in one transaction, unless somebody else has moved it."""
        try:
            with transaction.atomic():
                cursor, _made = DrainCursor.objects.select_for_update().get_or_create(pk=1)
                if cursor.position != position:
                    return 0, 0
                done = book()
                cursor.position = last
                cursor.save()
        except BaseException:
            self.booking.forget()
            raise
        return done


def drain(limit: int = MESSAGES) -> Drained:
    """Drain everything that waits, in steps of about `limit` messages."""
    running, total = Drain(), Drained()
    try:
        while (done := running.step(limit)).requests:
            total = Drained(*(a + b for a, b in zip(total, done, strict=True)))
    finally:
        running.close()
    return total


def process_again(failed: FailedMessage, by: Any = None) -> bool:
    """Book a message of the failed lane under the number that it had; whether it went through.

    A member looked at it, so it may be as large as a whole body.
    """
    request = Stored(
        failed.request, to_micros(failed.received), failed.source_id, 0, failed.path, "", failed.body.encode()
    )
    around = from_stored(failed.around)
    outcome = decode_one(request.body, around, failed.position, request, settings.MAX_BODY_BYTES)
    if isinstance(outcome, Failure):
        failed.reason, failed.detail = outcome.reason, outcome.detail
        failed.save()
        return False
    with transaction.atomic():
        _added, refused = Booking().book([Understood(request, outcome)])
        if refused:
            failed.reason, failed.detail = "names_nobody", str(failed.detail)
            failed.save()
        else:
            failed.settle(FailedMessage.State.REPLAYED, by)
    journeys.follow()
    return not refused

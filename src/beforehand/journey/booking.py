"""Writes messages into the record: people first, then their touchpoints; what cannot be booked goes aside."""

import logging
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from beforehand.journey.intake import Stored
from beforehand.journey.models import FailedMessage, Source
from beforehand.journey.people import People
from beforehand.journey.record import LIMITS, Row, insert, message_key
from beforehand.journey.ties import ties_of
from beforehand.journey.wire import Failure, Message
from beforehand.journey.wire.decode import failure, piece

log = logging.getLogger(__name__)


class Understood(NamedTuple):
    """What became of one message of a request."""

    request: Stored
    outcome: Message | Failure


class Booking:
    """Books messages in the caller's transaction. Call `forget` when that transaction was undone."""

    def __init__(self) -> None:
        self.people = People()
        self.verified: dict[int, bool] = {}

    def forget(self) -> None:
        self.people.forget()

    def book(self, understood: list[Understood]) -> tuple[int, int]:
        """How many touchpoints were new, and how many messages failed."""
        failures = [(u.request, u.outcome) for u in understood if isinstance(u.outcome, Failure)]
        messages = [(u.request, u.outcome) for u in understood if isinstance(u.outcome, Message)]
        self._know_sources(request.source for request, _ in messages)
        ties = [ties_of(message, self.verified[request.source]) for request, message in messages]
        found = self.people.find(claim for tie in ties for claim in tie.claims)
        rows: list[Row] = []
        for (request, message), tie in zip(messages, ties, strict=True):
            hang = next((found[claim] for claim in tie.hangs if claim in found), None)
            if hang is None:
                failures.append((request, _nobody(request, message)))
            else:
                rows.append(_row(request.source, hang, message))
                self.people.hear(message, hang, tie, self.verified[request.source])
        # Told first: an identifier that is new has no touchpoint yet, and takes none along when it changes hands.
        self.people.tell()
        return insert(rows), set_aside(failures)

    def book_singly(self, understood: list[Understood]) -> tuple[int, int]:
        """The same, message by message: one that the database refuses goes aside and the others go on."""
        added = failed = 0
        for one in understood:
            try:
                with transaction.atomic():
                    new, gone = self.book([one])
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                log.exception("A message of request %s could not be recorded.", one.request.id)
                self.forget()
                detail = f"{type(error).__name__}: {error}"
                new, gone = 0, set_aside([(one.request, _failed(one.request, one.outcome, "unexpected", detail))])
            added, failed = added + new, failed + gone
        return added, failed

    def _know_sources(self, wanted: Iterable[int]) -> None:
        missing = set(wanted) - self.verified.keys()
        if missing:
            self.verified |= {source.pk: source.verified for source in Source.objects.filter(pk__in=missing)}


def set_aside(failures: list[tuple[Stored, Failure]]) -> int:
    """Put messages into the failed lane; one that is there already stays as it is."""
    FailedMessage.objects.bulk_create(
        [
            FailedMessage(
                source_id=request.source,
                request=request.id,
                position=failed.position,
                received=request.received,
                reason=failed.reason,
                detail=failed.detail,
                path=request.path,
                around=failed.around,
                body=failed.body,
            )
            for request, failed in failures
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return len(failures)


def _row(source: int, identifier: int, message: Message) -> Row:
    """As the record can hold it: the wire has mended the texts, so only their length is left to see to."""
    return Row(
        source,
        message_key(message.message_id),
        identifier,
        message.name[: LIMITS["name"]],
        message.time,
        message.received,
        message.channel[: LIMITS["channel"]],
        message.place[: LIMITS["place"]],
        "customer",
        message.properties,
        message.sent_as,
    )


def _nobody(request: Stored, message: Message) -> Failure:
    return _failed(request, message, "names_nobody", "Its ids are words like “null” or “guest”, which name nobody.")


def _failed(request: Stored, outcome: Message | Failure, reason: str, detail: str) -> Failure:
    if isinstance(outcome, Failure):
        return outcome._replace(reason=reason, detail=detail[:500])
    raw, around = piece(request, outcome.position, settings.MAX_BODY_BYTES)
    return failure(raw, around, outcome.position, reason, detail)

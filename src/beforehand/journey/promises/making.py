"""Making, keeping, changing and taking back a promise: each is a touchpoint; its row comes in the same transaction."""

import time as clock
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from beforehand.journey.models import Promise
from beforehand.journey.noting import note
from beforehand.journey.promises.projection import refresh
from beforehand.journey.promises.tracing import MADE, RENEGOTIATED, SAID_KEPT, WITHDRAWN, evidence_in
from beforehand.lib.fields import to_micros
from beforehand.team.models import Member


class NotPossible(ValidationError):
    """A promise that cannot be made or changed so; the message says why."""


def make(
    customer: int,
    what: str,
    due: datetime,
    kept_by: Sequence[str | dict[str, Any]],
    by: Member | None = None,
    key: tuple[str, str] | None = None,
    need: tuple[str, int] | None = None,
    channel: str = "",
) -> Promise:
    """Promise something to a customer. `kept_by`: names or {name, where}; `key`: (property, value) it must carry too.

    `need`: (kind, the touchpoint that opened it). Raises `NotPossible`.
    """
    if not what.strip():
        raise NotPossible(_("Say what is promised."))
    if not list(evidence_in(list(kept_by))):
        raise NotPossible(_("Say by which touchpoint it will be known that the promise is kept."))
    _check_due(due)
    properties: dict[str, Any] = {"what": what.strip(), "due": due.isoformat(), "kept_by": list(kept_by)}
    if key is not None:
        properties |= {"key": key[0], key[0]: key[1]}
    if need is not None:
        properties["need"] = {"kind": need[0], "opened_by": need[1]}
    return _note(customer, MADE, properties, by, channel)


def renegotiate(promise: Promise, due: datetime, by: Member | None = None, why: str = "") -> Promise:
    """Agree on another time: the promise ends, and another stands in its place, which is returned."""
    _check_due(due)
    with transaction.atomic():
        _standing(promise)
        properties = {"promise": promise.pk, "due": due.isoformat(), "why": why, "what": promise.what}
        return _note(promise.customer_id, RENEGOTIATED, properties, by)


def keep(promise: Promise, by: Member | None = None, why: str = "") -> Promise:
    """Say that it was kept, where no touchpoint shows it: in time if it is not due yet, else late."""
    return _end(promise, SAID_KEPT, by, why)


def withdraw(promise: Promise, by: Member | None = None, why: str = "") -> Promise:
    """Take a promise back. One that was due already stays broken."""
    return _end(promise, WITHDRAWN, by, why)


def _end(promise: Promise, name: str, by: Member | None, why: str) -> Promise:
    with transaction.atomic():
        _standing(promise)
        properties = {"promise": promise.pk, "why": why, "what": promise.what}
        return _note(promise.customer_id, name, properties, by, made=False)


def _note(
    customer: int,
    name: str,
    properties: dict[str, Any],
    by: Member | None,
    channel: str = "",
    made: bool = True,
) -> Promise:
    who = {"by": str(by)} if by is not None else {}
    with transaction.atomic():
        touchpoint = note(
            customer, name, {key: value for key, value in properties.items() if value != ""} | who, channel
        )
        refresh({customer})
        return Promise.objects.get(pk=touchpoint if made else properties["promise"])


def _standing(promise: Promise) -> None:
    now = Promise.objects.select_for_update().filter(pk=promise.pk).first()
    if now is None or now.settled is not None or now.ended is not None:
        raise NotPossible(_("This promise was settled or ended meanwhile."))


def _check_due(due: datetime) -> None:
    if due.tzinfo is None:
        raise NotPossible(_("Say in which time zone the promise is due."))
    if to_micros(due) <= clock.time_ns() // 1000:
        raise NotPossible(_("A promise is due in the future."))

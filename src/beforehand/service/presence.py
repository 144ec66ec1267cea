"""Who is here: who looks at a conversation, who types in it. Rows that live for some seconds.

Signs come often, so they are collected and written together, a few times a second, by a thread that ends when nothing
comes any more.
"""

import logging
import threading
import time
from typing import NamedTuple

from django.db import connection, transaction

from beforehand.service.models import Conversation, Presence

EVERY = 0.15
TYPING_MICROS = 6_000_000
LOOKING_MICROS = 45_000_000
LONGEST_NAME = 120
log = logging.getLogger(__name__)


class Sign(NamedTuple):
    """`until` 0: gone."""

    name: str
    typing: bool
    until: int


def note(conversation: int, who: str, name: str, typing: bool = False, gone: bool = False) -> None:
    """Somebody is there: `m:<member>` or `v:<visitor>`. It is seen by others within a fraction of a second."""
    now = time.time_ns() // 1000
    until = 0 if gone else now + (TYPING_MICROS if typing else LOOKING_MICROS)
    sign = Sign(name[:LONGEST_NAME], typing, until)
    transaction.on_commit(lambda: batch.add(conversation, who, sign))


def write(signs: dict[tuple[int, str], Sign]) -> None:
    """Put down many at once, and forget those whose time is over."""
    now = time.time_ns() // 1000
    with transaction.atomic():
        there = set(Conversation.objects.filter(pk__in={one for one, _who in signs}).values_list("pk", flat=True))
        rows = [
            Presence(conversation_id=one, who=who, name=sign.name, typing=sign.typing, until=sign.until)
            for (one, who), sign in signs.items()
            if one in there
        ]
        Presence.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["conversation", "who"],
            update_fields=["name", "typing", "until"],
        )
        Presence.objects.filter(until__lt=now - LOOKING_MICROS).delete()


class Batch:
    """Signs that wait to be written; the last one of each counts."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.signs: dict[tuple[int, str], Sign] = {}
        self.thread: threading.Thread | None = None

    def add(self, conversation: int, who: str, sign: Sign) -> None:
        with self.lock:
            self.signs[(conversation, who)] = sign
            if self.thread is None:
                self.thread = threading.Thread(target=self._write, name="presence", daemon=True)
                self.thread.start()

    def _write(self) -> None:
        try:
            while True:
                time.sleep(EVERY)
                with self.lock:
                    signs, self.signs = self.signs, {}
                    if not signs:
                        self.thread = None
                        return
                try:
                    write(signs)
                except Exception:
                    log.exception("Who is here could not be written; the next sign says it again.")
        finally:
            connection.close()


batch = Batch()

"""The part of a running server that fetches, reads and sends: a thread for each mailbox, one to read, one to send."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread

from django.db import close_old_connections, connections
from django.utils import timezone

from beforehand.channels import arriving, outbox, scanning
from beforehand.channels.email import fetching
from beforehand.channels.email.apart import Apart
from beforehand.channels.models import Mailbox
from beforehand.channels.sending import NotNow
from beforehand.lib.trouble import Trouble

IDLE_SECONDS = 0.5
LOOK_SECONDS = 3.0
PATIENCE = 8.0
LONGEST_WAIT = 600.0
SETTLED = 60.0
ACCESS = ("imap_host", "imap_port", "imap_security", "user", "folder", "proof", "secret", "way")
log = logging.getLogger(__name__)


@dataclass
class Watch:
    """A mailbox that a thread fetches from, and the access that it was begun with."""

    mailbox: int
    access: tuple[str, ...]
    ending: Event = field(default_factory=Event)
    thread: Thread | None = None

    def start(self) -> None:
        self.thread = Thread(target=self.run, name=f"mailbox {self.mailbox}", daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Fetch until told to end; after trouble again, each time a little later."""
        try:
            self._fetch()
        finally:
            connections.close_all()

    def _fetch(self) -> None:
        wait = 5.0
        while not self.ending.is_set():
            began = timezone.now()
            try:
                fetching.attend(Mailbox.objects.get(pk=self.mailbox), self.ending)
                wait = 0.0
            except Mailbox.DoesNotExist:
                return
            except Exception as error:
                if not isinstance(error, NotNow | Trouble):
                    log.exception("Mailbox %s could not be fetched.", self.mailbox)
                self._say(str(error) or type(error).__name__)
                held = (timezone.now() - began).total_seconds() > SETTLED
                wait = 5.0 if held else min(max(wait, 5.0) * 2, LONGEST_WAIT)
            self.ending.wait(wait)

    def _say(self, trouble: str) -> None:
        close_old_connections()
        Mailbox.objects.filter(pk=self.mailbox).update(trouble=trouble[:500])


class Post:
    """All of it. `look` follows what was changed in the settings."""

    def __init__(self) -> None:
        self.ending = Event()
        self.watches: dict[int, Watch] = {}
        self.parser = Apart()
        self.loops = [
            Thread(target=self._loop, args=(verb, pause), daemon=True)
            for verb, pause in (
                (self._read, IDLE_SECONDS),
                (outbox.step, IDLE_SECONDS),
                (scanning.look_at_new, 10.0),
            )
        ]

    def run(self, ending: Event) -> None:
        for thread in self.loops:
            thread.start()
        while not ending.is_set():
            close_old_connections()
            try:
                self.look()
            except Exception:
                log.exception("The mailboxes could not be looked through.")
            ending.wait(LOOK_SECONDS)
        self.end()
        connections.close_all()

    def look(self) -> None:
        """Watch what is to be watched, and no more what is not."""
        wanted = {mailbox.pk: access_of(mailbox) for mailbox in Mailbox.objects.all() if is_fetched(mailbox)}
        for pk, watch in list(self.watches.items()):
            gone = watch.thread is not None and not watch.thread.is_alive()
            if gone or wanted.get(pk) != watch.access:
                watch.ending.set()
                del self.watches[pk]
        for pk, access in wanted.items():
            if pk not in self.watches:
                self.watches[pk] = Watch(pk, access)
                self.watches[pk].start()

    def end(self) -> None:
        """A message that is being handed over is waited for: whether it was taken should be known."""
        self.ending.set()
        for watch in self.watches.values():
            watch.ending.set()
        for thread in self.loops:
            thread.join(PATIENCE)
        self.parser.close()

    def _read(self) -> int:
        return arriving.read_due(parser=self.parser)

    def _loop(self, verb: Callable[[], int], pause: float) -> None:
        while not self.ending.is_set():
            close_old_connections()
            try:
                done = verb()
            except Exception:
                log.exception("%s failed.", verb.__name__)
                done = 0
            if not done:
                self.ending.wait(pause)
        connections.close_all()


def is_fetched(mailbox: Mailbox) -> bool:
    return mailbox.state != Mailbox.State.OFF and mailbox.way == Mailbox.Way.SMTP and bool(mailbox.imap_host)


def access_of(mailbox: Mailbox) -> tuple[str, ...]:
    """What a connection depends on. Tokens that were only renewed end none."""
    try:
        secret = mailbox.opened()
    except Trouble as trouble:
        secret = {"password": str(trouble)}
    lasting = {name: secret.get(name) for name in ("password", "client_id", "client_secret", "token_url")}
    return (*(str(getattr(mailbox, name)) for name in ACCESS if name != "secret"), str(lasting))

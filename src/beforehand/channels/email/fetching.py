"""Fetching mail by IMAP: everything new in a folder, onto our disk before our cursor moves.

Only UIDs are trusted (RFC 3501): they grow, and mean something only together with the folder's UIDVALIDITY. When that
changes, the folder is read anew, and what came before is known by its bytes.
"""

import contextlib
import imaplib
import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from threading import Event

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox
from imap_tools.utils import encode_folder

from beforehand.channels.arriving import Came, arrive_all
from beforehand.channels.email import connecting
from beforehand.channels.models import Mailbox
from beforehand.channels.sending import NotNow

SECONDS = 30
FIRST_LOOK = 50
MOST_AT_ONCE = 50
MOST_BYTES_AT_ONCE = 8 << 20
MOST_BYTES = 100 << 20
CUT_AT = 48 << 20
IDLE_SECONDS = 300
POLL_SECONDS = 60
TICK = 2.0
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


@contextlib.contextmanager
def session(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    """Logged in, with the folder chosen; one that only watches changes no flag. Raises NotNow in plain words."""
    box: BaseMailBox | None = None
    try:
        box = _connect(mailbox)
        _log_in(mailbox, box)
        _choose(mailbox, box)
        yield box
    except connecting.NoEntry as error:
        raise NotNow(str(error)) from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise NotNow(connecting.in_words(error, mailbox.imap_host, mailbox.imap_port)) from error
    finally:
        if box is not None:
            with contextlib.suppress(Exception):
                box.client.shutdown()


def _connect(mailbox: Mailbox) -> BaseMailBox:
    connecting.refuse_open(mailbox.imap_security, mailbox.imap_host)
    host, port = mailbox.imap_host, mailbox.imap_port
    if mailbox.imap_security == Mailbox.Security.TLS:
        return MailBox(host, port, timeout=SECONDS, ssl_context=connecting.context(mailbox))
    if mailbox.imap_security == Mailbox.Security.STARTTLS:
        return MailBoxStartTls(host, port, timeout=SECONDS, ssl_context=connecting.context(mailbox))
    return MailBoxUnencrypted(host, port, timeout=SECONDS)


def _log_in(mailbox: Mailbox, box: BaseMailBox) -> None:
    if mailbox.proof == Mailbox.Proof.OAUTH:
        box.xoauth2(mailbox.user, connecting.access_token(mailbox), initial_folder=None)
    elif (password := str(mailbox.opened().get("password", ""))).isascii():
        box.login(mailbox.user, password, initial_folder=None)
    else:
        box.login_utf8(mailbox.user, password, initial_folder=None)


def _choose(mailbox: Mailbox, box: BaseMailBox) -> None:
    """Open the folder, and begin anew where its numbers have."""
    folder = encode_folder(mailbox.folder).decode("ascii")
    said, _words = box.client.select(folder, readonly=mailbox.state != Mailbox.State.LIVE)
    if said != "OK":
        raise connecting.NoEntry(_("The folder “%s” cannot be opened.") % mailbox.folder)
    validity = _number(box, "UIDVALIDITY")
    if validity == mailbox.uid_validity:
        return
    first = mailbox.uid_validity == 0
    mailbox.uid_validity, mailbox.uid_through = validity, 0
    if first:
        uids = _search(box, 0)
        mailbox.uid_through = uids[-FIRST_LOOK - 1] if len(uids) > FIRST_LOOK else 0
    fields = {"uid_validity": validity, "uid_through": mailbox.uid_through}
    Mailbox.objects.filter(pk=mailbox.pk).update(**fields)


def _number(box: BaseMailBox, name: str) -> int:
    _name, values = box.client.response(name)
    return int(values[0]) if values and values[0] else 1


def _search(box: BaseMailBox, through: int) -> list[int]:
    """UIDs above `through`, in order. “n:*” always names the last mail too, even one below n."""
    said, answer = box.client.uid("SEARCH", f"UID {through + 1}:*")
    if said != "OK":
        raise connecting.NoEntry(_("The mail server does not search: %s") % connecting.said(answer))
    found = {int(uid) for part in answer if part for uid in part.split()}
    return sorted(uid for uid in found if uid > through)


def take_new(mailbox: Mailbox, box: BaseMailBox) -> int:
    """Keep everything new in the folder; how many mails that were."""
    count = 0
    for batch in _batches(box, _search(box, mailbox.uid_through)):
        came = [_came(mailbox, uid, *given) for uid, given in _fetch(box, batch).items()]
        with transaction.atomic():
            arrive_all("email", came, mailbox)
            Mailbox.objects.filter(pk=mailbox.pk, uid_validity=mailbox.uid_validity).update(uid_through=max(batch))
        mailbox.uid_through = max(batch)
        if mailbox.state == Mailbox.State.LIVE:
            box.client.uid("STORE", _set(batch), "+FLAGS.SILENT", r"(\Seen)")
        count += len(batch)
    return count


def _came(mailbox: Mailbox, uid: int, raw: bytes, received: datetime | None) -> Came:
    return Came(f"{mailbox.folder}/{mailbox.uid_validity}/{uid}", raw, received)


def _batches(box: BaseMailBox, uids: Sequence[int]) -> Iterator[list[int]]:
    """As many as fit into memory at once; a very large one alone."""
    for start in range(0, len(uids), MOST_AT_ONCE):
        part = uids[start : start + MOST_AT_ONCE]
        sizes = _sizes(box, part)
        batch: list[int] = []
        total = 0
        for uid in part:
            if batch and total + sizes.get(uid, 0) > MOST_BYTES_AT_ONCE:
                yield batch
                batch, total = [], 0
            batch.append(uid)
            total += sizes.get(uid, 0)
        yield batch


def _sizes(box: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    _said, lines = box.client.uid("FETCH", _set(uids), "(UID RFC822.SIZE)")
    found = [(_UID.search(line), _SIZE.search(line)) for line in lines if isinstance(line, bytes)]
    return {int(uid[1]): int(size[1]) for uid, size in found if uid and size}


Given = tuple[bytes, datetime | None]


def _fetch(box: BaseMailBox, uids: Sequence[int]) -> dict[int, Given]:
    """Each of these mails, in order. One that the server names and will not give stands as a mail that says so."""
    given = _ask(box, uids)
    for uid in uids:
        if uid not in given:
            given |= _ask(box, [uid])
    listed = _search(box, min(uids) - 1) if len(given) < len(uids) else []
    for uid in uids:
        if uid not in given and uid in listed:
            given[uid] = (f"X-Not-Given: The server names mail {uid} and does not give it.\r\n\r\n".encode(), None)
    return {uid: given[uid] for uid in uids if uid in given}


def _ask(box: BaseMailBox, uids: Sequence[int]) -> dict[int, Given]:
    large = len(uids) == 1 and _sizes(box, uids).get(uids[0], 0) > MOST_BYTES
    what = f"BODY.PEEK[]<0.{CUT_AT}>" if large else "BODY.PEEK[]"
    said, parts = box.client.uid("FETCH", _set(uids), f"(UID INTERNALDATE {what})")
    found: dict[int, Given] = {}
    for place, part in enumerate(parts) if said == "OK" else ():
        if not isinstance(part, tuple):
            continue
        after = parts[place + 1] if place + 1 < len(parts) and isinstance(parts[place + 1], bytes) else b""
        uid = _UID.search(part[0]) or _UID.search(after)
        if uid and int(uid[1]) in uids:
            found.setdefault(int(uid[1]), (part[1], _received(part[0]) or _received(after)))
    return found


def _received(line: bytes) -> datetime | None:
    when = imaplib.Internaldate2tuple(line)
    return datetime.fromtimestamp(time.mktime(when), UTC) if when else None


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def wait(mailbox: Mailbox, box: BaseMailBox, ending: Event) -> None:
    """Until the server says that something came, or it is time to look again anyway."""
    if "IDLE" not in box.client.capabilities:
        ending.wait(float(mailbox.settings.get("poll_seconds") or POLL_SECONDS))
        box.client.noop()
        return
    until = time.monotonic() + IDLE_SECONDS
    box.idle.start()
    while time.monotonic() < until and not ending.is_set():
        before = time.monotonic()
        heard = box.idle.poll(TICK)
        if any(b"EXISTS" in line or b"BYE" in line for line in heard):
            break
        if not heard and time.monotonic() - before < TICK / 2:
            break  # Readable and silent: the server hung up, which the next word to it will say.
    box.idle.stop()


def attend(mailbox: Mailbox, ending: Event) -> None:
    """Fetch what is new as it comes, until told to end or the mailbox was changed. Raises NotNow."""
    with session(mailbox) as box:
        state = mailbox.state
        while not ending.is_set():
            take_new(mailbox, box)
            Mailbox.objects.filter(pk=mailbox.pk).update(checked=timezone.now(), trouble="")
            wait(mailbox, box, ending)
            mailbox.refresh_from_db()
            if mailbox.state != state:
                return


def try_out(mailbox: Mailbox) -> int:
    """Log in and count what lies in the folder; nothing is fetched. Raises NotNow with what is wrong."""
    with session(mailbox) as box:
        return len(_search(box, 0))

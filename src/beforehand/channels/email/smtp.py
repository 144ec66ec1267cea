"""Handing a message to an SMTP server. Which of its answers mean what is RFC 5321's; the rest is care about silence."""

import contextlib
import re
import smtplib
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from beforehand.channels.email import connecting
from beforehand.channels.models import Delivery, Mailbox
from beforehand.channels.sending import NotNow, Result

SECONDS = 60
SECONDS_FOR_DATA = 300
_DOT = re.compile(rb"^\.", re.MULTILINE)
State = Delivery.State


def transmit(
    mailbox: Mailbox, raw: bytes, recipients: Mapping[str, str], leaving: Callable[[Sequence[str]], None]
) -> list[Result]:
    """One mail transaction. `recipients`: key of the address to the address. Raises NotNow before anything was said."""
    with _session(mailbox) as server:
        most = server.esmtp_features.get("size", "")
        if most.isdigit() and 0 < int(most) < len(raw):
            return [
                Result(key, State.FAILED, "552", _("The message is too large for the server.")) for key in recipients
            ]
        code, words = server.mail(mailbox.address, [f"size={len(raw)}"] if most else [])
        if code != 250:
            return [_refused(key, code, words) for key in recipients]
        results = {key: _recipient(server, key, address) for key, address in recipients.items()}
        taken = [key for key, result in results.items() if result is None]
        refused = [result for result in results.values() if result is not None]
        if not taken:
            return refused
        code, words = server.docmd("data")
        if code != 354:
            return refused + [_refused(key, code, words) for key in taken]
        leaving(taken)
        code, words = _content(server, raw)
        if code == 250:
            return refused + [Result(key, State.SENT, str(code), _text(words)) for key in taken]
        return refused + [_refused(key, code, words) for key in taken]


def try_out(mailbox: Mailbox) -> None:
    """Log in and leave. Raises NotNow with what is wrong."""
    with _session(mailbox):
        pass


@contextlib.contextmanager
def _session(mailbox: Mailbox) -> Iterator[smtplib.SMTP]:
    try:
        server = _connect(mailbox)
    except connecting.NoEntry as error:
        raise NotNow(str(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotNow(connecting.in_words(error, mailbox.smtp_host, mailbox.smtp_port)) from error
    try:
        yield server
    except smtplib.SMTPServerDisconnected as error:
        raise NotNow(_("The mail server hung up.")) from error
    except TimeoutError as error:
        raise NotNow(_("The mail server did not answer in time.")) from error
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _connect(mailbox: Mailbox) -> smtplib.SMTP:
    connecting.refuse_open(mailbox.smtp_security, mailbox.smtp_host)
    context = connecting.context(mailbox)
    host, port = mailbox.smtp_host, mailbox.smtp_port
    name = mailbox.domain if "." in mailbox.domain else socket.gethostname()
    if mailbox.smtp_security == Mailbox.Security.TLS:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, local_hostname=name, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, local_hostname=name, timeout=SECONDS)
    try:
        if mailbox.smtp_security == Mailbox.Security.STARTTLS:
            server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
        if mailbox.user and mailbox.secret:
            _log_in(server, mailbox)
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, mailbox: Mailbox) -> None:
    if mailbox.proof == Mailbox.Proof.PASSWORD:
        server.login(mailbox.user, mailbox.opened().get("password", ""))
        return
    answer = connecting.xoauth2(mailbox)
    server.auth("XOAUTH2", lambda challenge=None: answer if challenge is None else "")


def _recipient(server: smtplib.SMTP, key: str, address: str) -> Result | None:
    """None when the server takes this recipient."""
    local, _at, domain = address.rpartition("@")
    code, words = server.rcpt(address if domain.isascii() else f"{local}@{key.rpartition('@')[2]}")
    return None if code in {250, 251} else _refused(key, code, words)


def _content(server: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
    """The message itself, after which the server has the longest time that RFC 5321 gives it."""
    if server.sock is not None:
        server.sock.settimeout(SECONDS_FOR_DATA)
    lines = _DOT.sub(b"..", raw)
    server.send(lines + (b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n"))
    return server.getreply()


def _refused(key: str, code: int, words: bytes) -> Result:
    """4xx may work later, 5xx never."""
    return Result(key, State.FAILED if 500 <= code < 600 else State.QUEUED, str(code), _text(words))


def _text(words: bytes) -> str:
    return " ".join(words.decode("utf-8", "replace").split())[:400]

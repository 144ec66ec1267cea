"""What IMAP and SMTP share: how we prove who we are, what must be encrypted, and troubles in plain words."""

import imaplib
import smtplib
import socket
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from django.utils.translation import gettext as _
from imap_tools.errors import UnexpectedCommandStatusError

from beforehand.channels.models import Mailbox
from beforehand.lib.hosts import is_loopback

SECONDS = 30
EARLY = 120


class NoEntry(Exception):
    """The server does not let us in, or we do not go in; its text is for a person."""


def refuse_open(security: str, host: str) -> None:
    """A password in the clear goes to this very machine at most."""
    if security == Mailbox.Security.NONE and not is_loopback(host):
        raise NoEntry(_("Without encryption only a server on this machine is spoken to. Choose TLS or STARTTLS."))


def context(mailbox: Mailbox) -> ssl.SSLContext:
    """Certificates are always checked; `ca` of the mailbox's settings names a company's own authority."""
    return ssl.create_default_context(cafile=mailbox.settings.get("ca") or None)


def xoauth2(mailbox: Mailbox) -> str:
    return f"user={mailbox.user}\x01auth=Bearer {access_token(mailbox)}\x01\x01"


def access_token(mailbox: Mailbox) -> str:
    """The token in force; a new one for the refresh token when it ends soon. What the server gives anew is kept."""
    secret = mailbox.opened()
    if secret.get("access_token") and float(secret.get("expires", 0)) > time.time() + EARLY:
        return str(secret["access_token"])
    answer = _refresh(secret)
    secret["access_token"] = answer["access_token"]
    secret["refresh_token"] = answer.get("refresh_token") or secret.get("refresh_token", "")
    secret["expires"] = time.time() + float(answer.get("expires_in") or 3600)
    mailbox.keep_secret(secret)
    return str(secret["access_token"])


def _refresh(secret: dict[str, Any]) -> dict[str, Any]:
    try:
        url = urlsplit(str(secret.get("token_url", "")))
    except ValueError as problem:
        raise NoEntry(_("The address for tokens is no address.")) from problem
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
        raise NoEntry(_("The address for tokens has to begin with https://."))
    form = {name: secret.get(name, "") for name in ("client_id", "client_secret", "refresh_token", "scope")}
    form = {name: value for name, value in form.items() if value} | {"grant_type": "refresh_token"}
    try:
        response = requests.post(url.geturl(), data=form, timeout=SECONDS, allow_redirects=False)
        answer = response.json()
    except (requests.RequestException, ValueError) as error:
        raise NoEntry(_("The server that gives tokens does not answer: %s") % type(error).__name__) from error
    if not isinstance(answer, dict) or "access_token" not in answer:
        said = str(answer.get("error_description") or answer.get("error")) if isinstance(answer, dict) else ""
        raise NoEntry(
            _("No token was given (%s). Allow the access again and enter the new refresh token.") % said[:200]
        )
    return answer


def in_words(error: Exception, host: str, port: int) -> str:
    """What a person can do about an error of a connection."""
    place = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The certificate of %(place)s does not hold: %(why)s.") % {"place": place, "why": error.verify_message}
    if isinstance(error, ssl.SSLError):
        return _("%s does not speak TLS here. Check port and encryption.") % place
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _("The mail server does not accept user and password: %s") % said(error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _("%s does not offer this. Check encryption and log-in.") % place
    if isinstance(error, smtplib.SMTPResponseException):
        return _("The mail server says: %s") % f"{error.smtp_code} {said(error.smtp_error)}"
    if isinstance(error, socket.gaierror):
        return _("There is no server with the name %s.") % host
    if isinstance(error, TimeoutError):
        return _("%s does not answer.") % place
    if isinstance(error, ConnectionRefusedError):
        return _("Nothing listens at %s. Check name and port.") % place
    if isinstance(error, UnexpectedCommandStatusError):
        told = error.command_result[1]
        return _("The mail server says: %s") % said(told if isinstance(told, str) else next(iter(told or ()), b""))
    if isinstance(error, imaplib.IMAP4.error):
        return _("The mail server says: %s") % said(error.args[0] if error.args else "")
    return _("The connection to %(place)s broke: %(why)s") % {"place": place, "why": error or type(error).__name__}


def said(words: Any) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.split())[:200]

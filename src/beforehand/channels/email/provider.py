"""Sending through the interface of a mail provider instead of a server, by django-anymail."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import requests
from anymail.exceptions import AnymailError, AnymailRequestsAPIError
from anymail.message import AnymailMessage
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from beforehand.channels.email.addresses import key_of
from beforehand.channels.email.composing import Draft, other_headers
from beforehand.channels.models import Delivery, Mailbox
from beforehand.channels.sending import NotNow, Result

SECONDS = 30
State = Delivery.State


class Provider(NamedTuple):
    """`hooks`: the class names of its webhooks begin so; `keys` and `facts`: what its account needs."""

    title: str
    hooks: str
    keys: tuple[str, ...]
    facts: tuple[str, ...] = ()
    signing: tuple[str, ...] = ()


PROVIDERS = {
    "brevo": Provider("Brevo", "Brevo", ("api_key",)),
    "mailersend": Provider("MailerSend", "MailerSend", ("api_token",), (), ("signing_secret", "inbound_secret")),
    "mailgun": Provider("Mailgun", "Mailgun", ("api_key",), ("sender_domain",), ("webhook_signing_key",)),
    "mailjet": Provider("Mailjet", "Mailjet", ("api_key", "secret_key")),
    "postmark": Provider("Postmark", "Postmark", ("server_token",)),
    "resend": Provider("Resend", "Resend", ("api_key",), (), ("signing_secret", "inbound_secret")),
    "sendgrid": Provider("SendGrid", "SendGrid", ("api_key",), (), ("tracking_webhook_verification_key",)),
    "sparkpost": Provider("SparkPost", "SparkPost", ("api_key",)),
}
SENT = {"sent", "queued"}


def transmit(
    mailbox: Mailbox, draft: Draft, recipients: Mapping[str, str], leaving: Callable[[Sequence[str]], None]
) -> list[Result]:
    """One call of the provider's interface for these recipients."""
    message = _message(draft, recipients)
    connection = _backend(mailbox)
    leaving(list(recipients))
    try:
        connection.send_messages([message])
    except AnymailRequestsAPIError as error:
        return _refused(error, recipients)
    except AnymailError as error:
        # Found by the library itself, before anything was sent.
        return [Result(key, State.FAILED, "", str(error)[:400]) for key in recipients]
    given = {key_of(address): status for address, status in message.anymail_status.recipients.items()}
    return [_result(key, given.get(key)) for key in recipients]


def _backend(mailbox: Mailbox) -> Any:
    if mailbox.provider not in PROVIDERS:
        raise NotNow(_("There is no provider “%s”.") % mailbox.provider)
    provider, secret = PROVIDERS[mailbox.provider], mailbox.opened()
    account = {name: secret.get(name, "") for name in provider.keys}
    account |= {name: mailbox.settings[name] for name in (*provider.facts, "api_url") if mailbox.settings.get(name)}
    backend = import_string(f"anymail.backends.{mailbox.provider}.EmailBackend")
    return backend(ignore_recipient_status=True, timeout=SECONDS, **account)


def _message(draft: Draft, recipients: Mapping[str, str]) -> AnymailMessage:
    """The draft as the library's message, to these recipients alone, each in the line where they stood."""
    lines = draft.recipients
    chosen = {
        name: [str_of(party.name, party.address) for party in line if key_of(party.address) in recipients]
        for name, line in (("to", lines.to), ("cc", lines.cc), ("bcc", lines.bcc))
    }
    message = AnymailMessage(
        subject=" ".join(draft.subject.split()),
        body=draft.text,
        from_email=str_of(draft.sender.name, draft.sender.address),
        reply_to=[draft.reply_to] if draft.reply_to else None,
        headers=other_headers(draft),
        **chosen,
    )
    if draft.html:
        message.attach_alternative(draft.html, "text/html")
    for file in draft.files:
        message.attach(file.name, file.content, file.type or "application/octet-stream")
    return message


def str_of(name: str, address: str) -> str:
    plain = " ".join(name.split()).replace("\\", "").replace('"', "'")
    return f'"{plain}" <{address}>' if plain else address


def _refused(error: AnymailRequestsAPIError, recipients: Mapping[str, str]) -> list[Result]:
    """Its answers that say for certain that nothing was taken; any other is raised and leaves it in doubt."""
    status = getattr(error, "status_code", None)
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return [Result(key, State.QUEUED, "", _("The provider does not answer.")) for key in recipients]
    if status in {401, 403, 408, 429, 503}:
        return [Result(key, State.QUEUED, str(status), _words(error)) for key in recipients]
    if status is not None and 400 <= status < 500:
        return [Result(key, State.FAILED, str(status), _words(error)) for key in recipients]
    raise error


def _never_connected(error: Exception) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ in {"NewConnectionError", "NameResolutionError"}:
            return True
        reason = getattr(cause.args[0], "reason", None) if cause.args else None
        cause = reason if isinstance(reason, BaseException) else cause.__cause__
    return False


def _words(error: AnymailRequestsAPIError) -> str:
    return " ".join(error.response.text.split())[:300] if error.response is not None else ""


def _result(key: str, status: Any) -> Result:
    if status is None or status.status not in SENT:
        return Result(
            key, State.FAILED, "", _("The provider refuses this address (%s).") % getattr(status, "status", "")
        )
    return Result(key, State.SENT, "", "", str(status.message_id or ""))

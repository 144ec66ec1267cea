"""E-mail as a way out: what a row of the outbox says, as a message, and by which server it goes."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import files, leaving
from beforehand.channels.email import drop, provider, smtp, tokens
from beforehand.channels.email.addresses import key_of
from beforehand.channels.email.composing import Draft, File, Recipients, Unsendable, as_html, compose
from beforehand.channels.email.parsed import Mailbox as Party
from beforehand.channels.models import Delivery, Mailbox, Outgoing, StoredFile
from beforehand.channels.sending import Result
from beforehand.lib.signing import own_keys
from beforehand.lib.trouble import Trouble
from beforehand.team.models import Workspace

MOST_RECIPIENTS = 100


class Mail:
    """`content`: subject, text, html, to, cc, bcc (each a list of [name, address]), in_reply_to, references, files
    (of {file, name, type, cid}), conversation, member (a colleague who may answer by mail), note (their answer is one),
    machine, reply_token, own_page (its address, where the customer is told of it, and the words for it).
    """

    def prepare(self, outgoing: Outgoing) -> list[str]:
        outgoing.mailbox = outgoing.mailbox or _some_mailbox()
        if not outgoing.message_id:
            outgoing.message_id = _message_id(outgoing.mailbox, outgoing.content)
        try:
            draft = draft_of(outgoing, with_files=False)
            compose(draft)
        except Unsendable as error:
            raise Trouble(str(error)) from None
        addresses = list(envelope(draft.recipients))
        if len(addresses) > MOST_RECIPIENTS:
            raise Trouble(_("A message goes to at most %d people.") % MOST_RECIPIENTS)
        return addresses

    def transmit(
        self, outgoing: Outgoing, deliveries: Sequence[Delivery], leaving: Callable[[Sequence[str]], None]
    ) -> list[Result]:
        assert outgoing.mailbox is not None
        draft = draft_of(outgoing)
        written = envelope(draft.recipients)
        chosen = {delivery.address: written[delivery.address] for delivery in deliveries}
        if outgoing.mailbox.way == Mailbox.Way.PROVIDER:
            return provider.transmit(outgoing.mailbox, draft, chosen, leaving)
        if outgoing.mailbox.way == Mailbox.Way.FOLDER:
            return drop.transmit(outgoing.message_id, compose(draft), chosen, leaving)
        return smtp.transmit(outgoing.mailbox, compose(draft), chosen, leaving)


def draft_of(outgoing: Outgoing, with_files: bool = True) -> Draft:
    content, mailbox = outgoing.content, outgoing.mailbox
    assert mailbox is not None
    under = "\n\n".join(filter(None, (_signature(outgoing, mailbox), _own_page(content))))
    text, rich = str(content.get("text", "")), str(content.get("html", ""))
    return Draft(
        sender=Party(mailbox.name or Workspace.own().name, mailbox.address, mailbox.address),
        recipients=_recipients(content),
        subject=str(content.get("subject", "")),
        text=f"{text}\n\n-- \n{under}\n" if under else text,
        html=rich + as_html(under) if rich and under else rich,
        message_id=outgoing.message_id,
        date=timezone.now(),
        reply_to=_reply_to(mailbox, content),
        in_reply_to=str(content.get("in_reply_to", "")),
        references=tuple(content.get("references", ())),
        files=_files(content) if with_files else (),
        machine=str(content.get("machine", "")) or ("auto-generated" if outgoing.automatic else ""),
        unsubscribe=leaving.link(outgoing),
        list_id=f"{outgoing.purpose}.{mailbox.domain}",
    )


def envelope(recipients: Recipients) -> dict[str, str]:
    """Every recipient once, whatever the line: the key of the address, and the address as it was written."""
    found: dict[str, str] = {}
    for party in (*recipients.to, *recipients.cc, *recipients.bcc):
        found.setdefault(key_of(party.address), party.address)
    return found


def _recipients(content: dict[str, Any]) -> Recipients:
    to, cc, bcc = (_parties(content.get(line, ())) for line in ("to", "cc", "bcc"))
    return Recipients(to, cc, bcc)


def _parties(pairs: Sequence[Any]) -> tuple[Party, ...]:
    return tuple(Party(str(name), str(address), key_of(str(address))) for name, address in pairs)


def _some_mailbox() -> Mailbox:
    found = Mailbox.objects.filter(state=Mailbox.State.LIVE).order_by("id").first()
    if found is None:
        raise Trouble(_("No mailbox is live, so nothing can be sent. Set one up under Settings, Mailboxes."))
    return found


def _token(content: dict[str, Any]) -> tokens.Token | None:
    if not content.get("conversation"):
        return None
    return tokens.Token(int(content["conversation"]), int(content.get("member", 0)), bool(content.get("note")))


def _message_id(mailbox: Mailbox, content: dict[str, Any]) -> str:
    token = _token(content) or tokens.Token(0)
    return tokens.message_id(mailbox.domain, token, own_keys())


def _reply_to(mailbox: Mailbox, content: dict[str, Any]) -> str:
    token = _token(content)
    if token is None or not content.get("reply_token", True) or mailbox.settings.get("plus") is False:
        return ""
    return tokens.address(mailbox.address, token, own_keys())


def _signature(outgoing: Outgoing, mailbox: Mailbox) -> str:
    """The mailbox's, under what a person wrote."""
    if outgoing.purpose != Outgoing.Purpose.REPLY or outgoing.automatic:
        return ""
    return signed(str(outgoing.content.get("signature", mailbox.signature)), str(outgoing.by or mailbox.name))


def _own_page(content: dict[str, Any]) -> str:
    """Where the customer reads everything again, where the room above wants them to be told."""
    words, address = content.get("own_page") or ("", "")
    return f"{words} {address}" if address else ""


def signed(signature: str, name: str) -> str:
    """A signature as it leaves: `{member}` in it is who wrote."""
    return signature.strip().replace("{member}", name)


def _files(content: dict[str, Any]) -> tuple[File, ...]:
    wanted = content.get("files", ())
    rows = StoredFile.objects.in_bulk([one["file"] for one in wanted])
    return tuple(
        File(str(one.get("name", "file")), str(one.get("type", "")), files.read(rows[one["file"]]), one.get("cid", ""))
        for one in wanted
    )

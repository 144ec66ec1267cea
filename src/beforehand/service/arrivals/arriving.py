"""Mail becomes messages: each is put where it belongs, in the transaction in which it was understood."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import files
from beforehand.channels.email import placing
from beforehand.channels.email.authenticating import Authentication
from beforehand.channels.email.classifying import Kind, Verdict
from beforehand.channels.email.parsed import Addresses, Parsed
from beforehand.channels.email.parsed import Mailbox as Sender
from beforehand.channels.models import Arrival
from beforehand.channels.reading import Outcome
from beforehand.customers.identity import Claim, describe, identify, who
from beforehand.customers.models import Identifier
from beforehand.lib.fields import to_micros
from beforehand.lib.signing import own_keys
from beforehand.lib.trouble import Trouble
from beforehand.service.acts import acting, answering
from beforehand.service.acts.recipients import own_addresses
from beforehand.service.arrivals import receiving
from beforehand.service.arrivals.known import Desk
from beforehand.service.models import Conversation, Message, Participant
from beforehand.team.models import Member

REOPEN_DAYS = 14
MOST_PARTICIPANTS = 40
State, Origin = Arrival.State, Arrival.Origin


def place(arrival: Arrival, mail: Parsed, verdict: Verdict, proof: Authentication) -> Outcome:
    """Where a mail goes, and why. `evidence` names the conversation, whether it is new, and the sender's identifier."""
    days = float("inf") if arrival.origin == Origin.ARCHIVE else REOPEN_DAYS
    desk = Desk(mail)
    decision = placing.decide(mail, verdict, proof, desk, own_keys(), days)
    evidence: dict[str, Any] = dict(decision.evidence)
    if decision.suggested:
        evidence["suggested"] = list(decision.suggested)
    if decision.place == "quarantine":
        return Outcome(State.QUARANTINE, decision.reason, evidence)
    if decision.place == "repeat":
        return Outcome(State.REPEAT, decision.reason, evidence | _also(arrival, decision.message))
    if decision.member is not None and decision.conversation is not None:
        talk, by = Conversation.objects.get(pk=decision.conversation), Member.objects.get(pk=decision.member)
        return _by_colleague(arrival, mail, talk, by, decision, evidence)
    conversation = decision.conversation if decision.place == "thread" else None
    if conversation is None and arrival.origin == Origin.ARCHIVE:
        conversation = _answered_by_us(mail, desk)
    into = desk.row(conversation) if conversation else None
    taken = _take(arrival, mail, verdict, proof, into, decision.follows, decision.stranger)
    return Outcome(State.PLACED, decision.reason, evidence | taken)


def place_by_hand(
    arrival: Arrival, mail: Parsed, verdict: Verdict, proof: Authentication, conversation: int | None, by: Member
) -> Outcome:
    """Where a member says. Raises Trouble where they may not put it there."""
    into = None
    if conversation is not None:
        into = Conversation.objects.reachable_by(by).filter(pk=conversation).first()
        if into is None:
            raise Trouble(_("There is no conversation #%(number)d that you reach.") % {"number": conversation})
    taken = _take(arrival, mail, verdict, proof, into, None, stranger=True)
    return Outcome(State.PLACED, "by_hand", taken | {"by": str(by)})


def _take(
    arrival: Arrival,
    mail: Parsed,
    verdict: Verdict,
    proof: Authentication,
    into: Conversation | None,
    follows: int | None,
    stranger: bool,
) -> dict[str, Any]:
    archived, time = arrival.origin == Origin.ARCHIVE, _time(arrival, mail)
    ours = own_addresses()
    by_us = archived and bool(mail.senders.keys) and set(mail.senders.keys) <= ours
    writer = _customer_of(mail, ours) if by_us else mail.senders.mailboxes[0] if mail.senders.mailboxes else None
    identifier = identifier_of(writer, proof.verdict != "fail", to_micros(time))
    beginning = receiving.beginning(
        identifier,
        "email",
        placing._PREFIXES.sub("", mail.subject) or mail.subject,
        mailbox=arrival.mailbox,
        kept=Conversation.Kept.ARCHIVE if archived else Conversation.Kept.DESK,
        time=time,
        follows_id=follows,
        language=_language(identifier),
        whole=True,
    )
    with beginning if into is None else acting.act(into, whole=True) as doing:
        conversation = doing.conversation
        if not by_us and not doing.is_new:
            role = Participant.Role.THIRD if conversation.about_id and not stranger else Participant.Role.CC
            receiving.join(conversation, identifier, role, writer.key if writer else "")
        _join_others(conversation, mail, ours)
        message = receiving.take(
            doing,
            mail.body.text or mail.body.reply,
            identifier=identifier,
            time=time,
            html=mail.body.html,
            reply_ends=_reply_ends(mail),
            machine="" if verdict.kind is Kind.HUMAN else verdict.kind.value,
            headers=headers_of(mail, proof) | ({"stranger": True} if stranger else {}),
            arrival=arrival,
            files=[(files.keep(one.content), one.name, one.type, one.cid) for one in mail.attachments],
            mail_ids=[mail.message_id],
            fingerprint=mail.fingerprint,
            subject=mail.subject,
            channel="email",
            archived=archived,
            by_us=by_us,
        )
    return {"conversation": conversation.pk, "new": doing.is_new, "identifier": identifier.pk, "message": message.pk}


def _by_colleague(
    arrival: Arrival, mail: Parsed, into: Conversation, by: Member, decision: placing.Decision, evidence: dict[str, Any]
) -> Outcome:
    """A member answered from their own mail program, by an address that we signed for them. What they only quote is no
    word of theirs."""
    kept = [(files.keep(one.content), one.name, one.type, one.cid) for one in mail.attachments if not one.inline]
    try:
        if decision.note:
            message = answering.note_back(into, mail.body.reply, by, kept)
        else:
            message = answering.answer(into, mail.body.reply, by, files=kept, key=f"mail-{arrival.pk}")
    except Trouble as trouble:
        return Outcome(State.QUARANTINE, "colleague_cannot_answer", evidence | {"why": str(trouble)})
    Message.objects.filter(pk=message.pk).update(arrival=arrival)
    evidence |= {"conversation": into.pk, "member": by.pk, "message": message.pk}
    return Outcome(State.PLACED, decision.reason, evidence)


def _answered_by_us(mail: Parsed, desk: Desk) -> int | None:
    """The conversation that an old mail of ours belongs to: its ids are known there, and whom it went to takes part."""
    if not mail.senders.keys or not set(mail.senders.keys) <= own_addresses():
        return None
    known = desk.by_ids([*mail.in_reply_to, *reversed(mail.references)])
    whom = {*mail.to.keys, *mail.cc.keys}
    return next((place.head for place in known.values() if whom & place.participants), None)


def _also(arrival: Arrival, number: int | None) -> dict[str, Any]:
    """The same mail came to another of our addresses: it stays one message, which says so."""
    message = Message.objects.filter(pk=number).first() if number else None
    if message is None:
        return {}
    also = message.headers.setdefault("also_to", [])
    if arrival.mailbox is not None and arrival.mailbox.address not in also:
        also.append(arrival.mailbox.address)
        message.save(update_fields=["headers"])
    return {"conversation": message.conversation_id, "message": message.pk}


def identifier_of(writer: Sender | None, proved: bool, time: int) -> Identifier:
    """Who writes from an address. What fails the check of our own server is another identifier than the proven one,
    so that nothing of a customer's journey stands beside a forged mail."""
    address = writer.address.lower() if writer else "nobody"
    identifier = who(Claim("email", address, proved)) or who(Claim("external", f"mail {address}"[:200], False))
    assert identifier is not None
    if writer and writer.name and "@" not in writer.name and proved and "name" not in identifier.traits:
        describe([(identifier.pk, time, {"name": writer.name})])
    return identifier


def _customer_of(mail: Parsed, ours: frozenset[str]) -> Sender | None:
    """To whom a mail of our own went."""
    return next((one for one in (*mail.to.mailboxes, *mail.cc.mailboxes) if one.key not in ours), None)


def _join_others(conversation: Conversation, mail: Parsed, ours: frozenset[str]) -> None:
    """Whoever else the mail went to takes part: their answers belong here."""
    for role, line in ((Participant.Role.TO, mail.to), (Participant.Role.CC, mail.cc)):
        for one in line.mailboxes[:MOST_PARTICIPANTS]:
            if one.key in ours or conversation.participants.filter(address=one.key).exists():
                continue
            claim = Claim("email", one.address.lower(), False)
            known = Identifier.objects.filter(kind="email", value=one.address.lower(), proved=True).first()
            number = known.pk if known else identify([claim]).get(claim)
            if number is not None:
                receiving.join(conversation, Identifier.objects.get(pk=number), role, one.key)


def _time(arrival: Arrival, mail: Parsed) -> datetime:
    """When it came in; for an archive, when it was written."""
    if arrival.origin == Origin.ARCHIVE and mail.sent is not None:
        return min(mail.sent, timezone.now())
    return arrival.received


def _reply_ends(mail: Parsed) -> int | None:
    """How much of the text is new; None where all of it is."""
    body = mail.body
    if not body.reply or not body.text.startswith(body.reply) or len(body.reply) >= len(body.text.rstrip()):
        return None
    return len(body.reply)


def headers_of(mail: Parsed, proof: Authentication) -> dict[str, Any]:
    """What the thread shows of where a mail came from and went to."""
    found: dict[str, Any] = {
        "from": _pairs(mail.senders),
        "to": _pairs(mail.to),
        "cc": _pairs(mail.cc),
        "reply_to": _pairs(mail.reply_to),
        "troubles": [trouble.code for trouble in mail.troubles[:20]],
        "defects": list(mail.senders.defects[:10]),
        "protection": list(mail.protection),
        "events": [one.method for one in mail.events[:5]],
    }
    proven = {"proof": {"verdict": proof.verdict, "reason": proof.reason}}
    return {name: value for name, value in found.items() if value} | proven


def _pairs(line: Addresses) -> list[Sequence[str]]:
    return [[one.name, one.address] for one in line.mailboxes[:MOST_PARTICIPANTS]]


def _language(identifier: Identifier) -> str:
    said = identifier.traits.get("language") or identifier.traits.get("locale") or ""
    return str(said)[:10].replace("_", "-") if isinstance(said, str) else ""

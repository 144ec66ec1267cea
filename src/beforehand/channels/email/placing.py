"""Where a mail belongs: a conversation that is there, a new one, or quarantine. A pure function with its reasons.

Ids alone never join people: everybody who answers one newsletter has the same In-Reply-To. A mail goes into a
conversation by a token that we signed, or by an id that is known there together with somebody who takes part in it.
A number in a subject is only ever a suggestion.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from beforehand.channels.email import tokens
from beforehand.channels.email.authenticating import Authentication
from beforehand.channels.email.classifying import Kind, Verdict
from beforehand.channels.email.parsed import Parsed

_NUMBER = re.compile(r"\[?#(\d{1,12})\]?")
_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|doorst|vs|vb|i)\s*:", re.IGNORECASE)
_PREFIXES = re.compile(r"^(?:\s*(?:re|aw|sv|antw|fwd?|wg|tr|rv|vs|odp)(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)


class Place(NamedTuple):
    """A conversation as it concerns a mail. `head`: the conversation that it was merged into, or itself.

    `participants`: keys of addresses; `closed_days`: days since it was done, None while it is not.
    """

    conversation: int
    head: int
    participants: frozenset[str] = frozenset()
    subject: str = ""
    closed_days: float | None = None


class Lookup(Protocol):
    """What the desk knows. Every answer may be empty."""

    def by_ids(self, ids: Sequence[str]) -> Mapping[str, Place]: ...
    def conversation(self, number: int) -> Place | None: ...
    def stored(self, message_id: str) -> Sequence[tuple[int, str]]:
        """(message, fingerprint) of the mails already stored with this id."""
        ...

    def member_address(self, member: int) -> str: ...
    def is_blocked(self, address: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """`place`: thread, new, repeat (another copy of message `message`) or quarantine. `reason` is a code.

    `stranger`: the writer took no part so far; `member`: the colleague who answers by mail, with `note` to the team
    alone; `follows`: the done conversation that a new one goes on from; `suggested`: those that a person may choose.
    """

    place: str
    reason: str
    conversation: int | None = None
    message: int | None = None
    member: int | None = None
    note: bool = False
    stranger: bool = False
    follows: int | None = None
    suggested: tuple[int, ...] = ()
    evidence: tuple[tuple[str, str], ...] = field(default=())


def decide(
    mail: Parsed,
    verdict: Verdict,
    proof: Authentication,
    lookup: Lookup,
    keys: Sequence[bytes],
    reopen_days: float = 14,
) -> Decision:
    """Where a mail belongs. `reopen_days`: how long after it was done a conversation is taken up again."""
    decision = _decide(mail, verdict, proof, lookup, keys, reopen_days)
    forged = [("forged_token", text) for text in _token(mail, keys).forged]
    return replace(decision, evidence=(*decision.evidence, *forged))


def _decide(
    mail: Parsed, verdict: Verdict, proof: Authentication, lookup: Lookup, keys: Sequence[bytes], reopen_days: float
) -> Decision:
    for message, fingerprint in lookup.stored(mail.message_id) if mail.message_id else ():
        if fingerprint == mail.fingerprint:
            return Decision("repeat", "same_mail", message=message)
    if "not_understood" in mail.codes:
        return Decision("quarantine", "not_understood")
    if verdict.kind is Kind.OWN:
        return Decision("quarantine", "own_mail_came_back")
    if any(lookup.is_blocked(key) for key in mail.senders.keys):
        return Decision("quarantine", "blocked")
    if verdict.kind in {Kind.BOUNCE, Kind.RECEIPT}:
        return _report(mail, verdict, lookup, keys)
    if not mail.senders.mailboxes:
        return Decision("quarantine", "no_sender")
    if (token := _token(mail, keys).token) and (place := lookup.conversation(token.conversation)):
        if token.member and verdict.kind is not Kind.HUMAN:
            return Decision("quarantine", "machine_of_a_colleague", suggested=(place.head,))
        return _by_token(mail, proof, place, token, lookup, reopen_days)
    return _by_ids(mail, verdict, lookup, reopen_days)


def _token(mail: Parsed, keys: Sequence[bytes]) -> tokens.Found:
    addressed = [m.address for line in (mail.to, mail.cc, mail.delivered_to) for m in line.mailboxes]
    return tokens.find(addressed, (*mail.in_reply_to, *reversed(mail.references)), keys)


def _report(mail: Parsed, verdict: Verdict, lookup: Lookup, keys: Sequence[bytes]) -> Decision:
    about = [mail.report.about, *mail.report.references] if mail.report else []
    ids = [*filter(None, about), *mail.in_reply_to, *mail.references]
    addressed = [m.address for line in (mail.to, mail.delivered_to) for m in line.mailboxes]
    token = tokens.find(addressed, ids, keys).token
    place = lookup.conversation(token.conversation) if token else next(iter(lookup.by_ids(ids).values()), None)
    if place is None:
        return Decision("quarantine", f"{verdict.kind.value}_of_nothing_known")
    return Decision("thread", "report_about_our_mail", place.head)


def _by_token(
    mail: Parsed, proof: Authentication, place: Place, token: tokens.Token, lookup: Lookup, reopen_days: float
) -> Decision:
    if token.member:
        sender = mail.sender
        if sender is None or sender.key != lookup.member_address(token.member) or not proof.may_send_journey:
            return Decision("quarantine", "not_proven_to_be_the_colleague", suggested=(place.head,))
        reason = "note_by_mail" if token.note else "colleague_by_mail"
        return Decision("thread", reason, place.head, member=token.member, note=token.note)
    if sum(key in place.participants for key in mail.senders.keys) == 0:
        return _into(mail, "token_from_a_new_person", place, reopen_days, stranger=True)
    return _into(mail, "token", place, reopen_days)


def _by_ids(mail: Parsed, verdict: Verdict, lookup: Lookup, reopen_days: float) -> Decision:
    ids = tuple(dict.fromkeys((*reversed(mail.in_reply_to), *reversed(mail.references))))
    known = lookup.by_ids(ids) if ids else {}
    places = [known[message] for message in ids if message in known]
    suggested = tuple(dict.fromkeys([place.head for place in places] + _numbers(mail, lookup)))
    for place in places:
        if not mail.senders.defects and set(mail.senders.keys) & place.participants:
            if _FORWARD.match(mail.subject):
                return Decision("new", "forward_of_a_conversation", suggested=suggested)
            return _into(mail, "ids_and_participant", place, reopen_days)
    if verdict.kind is Kind.AUTO_REPLY:
        return Decision("quarantine", "auto_reply_to_nothing_known", suggested=suggested)
    reason = "ids_without_participant" if places else "number_only_suggests" if suggested else "nothing_known"
    return Decision("new", reason, suggested=suggested)


def _into(mail: Parsed, reason: str, place: Place, reopen_days: float, stranger: bool = False) -> Decision:
    evidence = (("subject_changed", mail.subject[:200]),) if _changed(mail.subject, place.subject) else ()
    if place.closed_days is not None and place.closed_days > reopen_days:
        return Decision("new", "done_too_long_ago", follows=place.head, stranger=stranger, evidence=evidence)
    return Decision("thread", reason, place.head, stranger=stranger, evidence=evidence)


def _numbers(mail: Parsed, lookup: Lookup) -> list[int]:
    found = [lookup.conversation(int(number)) for number in _NUMBER.findall(mail.subject)[:5]]
    return [place.head for place in found if place]


def _changed(subject: str, before: str) -> bool:
    return bool(before) and _PREFIXES.sub("", subject).strip() != _PREFIXES.sub("", before).strip()

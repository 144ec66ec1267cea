"""One arrival understood: parsed, classified, authenticated, and handed to the room that places it."""

from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from beforehand.channels import acknowledging, files, returns
from beforehand.channels.email import apart
from beforehand.channels.email.authenticating import Authentication, check
from beforehand.channels.email.classifying import Verdict, classify
from beforehand.channels.email.parsed import Parsed
from beforehand.channels.models import Arrival
from beforehand.lib import bus, rows
from beforehand.lib.kept import forget_all
from beforehand.lib.signing import own_keys
from beforehand.lib.turns import in_line
from beforehand.team.models import Member

State, Origin = Arrival.State, Arrival.Origin
NEW = frozenset({State.STORED, State.FAILED})


class Outcome(NamedTuple):
    """What the room above did with a mail: `state` (placed, repeat, quarantine), `reason` (a code) and what speaks for
    it. `evidence` of a placed one names `conversation`, and `new` where it opened one, and the sender's `identifier`.
    """

    state: str
    reason: str
    evidence: dict[str, Any]


class Understood(NamedTuple):
    mail: Parsed
    verdict: Verdict
    proof: Authentication


class _Shown(Exception):
    """Takes back what placing would have done."""


def job(arrival: Arrival) -> apart.Job:
    """What the parser needs to know of it."""
    return apart.Job(files.path(arrival.raw), arrival.received if arrival.origin != Origin.ARCHIVE else None)


def understand(arrival: Arrival, mail: Parsed | None = None) -> Understood:
    """From the raw bytes alone: the same each time, whatever happened before. `mail`: when they are parsed already."""
    mail = mail or next(apart.here([job(arrival)]))
    servers = arrival.mailbox.trusted_servers if arrival.mailbox else []
    return Understood(mail, classify(mail, own_keys()), check(mail, servers))


def lay_down(mail: Parsed) -> None:
    """Its files on disk, so that nobody waits for that while a transaction is open."""
    for attachment in mail.attachments:
        files.lay_down(attachment.content)


def read(arrival: Arrival, mail: Parsed | None = None) -> Arrival:
    """Understand it and let it be placed, in one transaction with its new state. `mail`: parsed and laid down."""
    understood = understand(arrival, mail)
    if mail is None:
        lay_down(understood.mail)
    with in_line(), transaction.atomic():
        row, came_before = _locked(arrival)
        if row.state not in NEW:
            return row
        _note(row, understood)
        if came_before:
            return _settle(row, Outcome(State.REPEAT, "same_bytes", {}))
        if row.origin == Origin.SHADOW:
            would = _what_would_be(row, understood)
            answered = acknowledging.fits(row, understood, would.evidence)
            said = {"state": would.state, "reason": would.reason, "acknowledge": answered}
            row.evidence["would"] = {**would.evidence, **said}
            return _settle(row, Outcome(State.SHOWN, would.reason, {}))
        if row.origin == Origin.LIVE:
            returns.take(understood.mail, understood.verdict)
        outcome = _placed(row, understood)
        row = _settle(row, outcome)
        if row.origin == Origin.LIVE and row.state == State.PLACED:
            acknowledging.acknowledge(row, understood, outcome.evidence)
        return row


def place_by_hand(arrival: Arrival, conversation: int | None, by: Member) -> Arrival:
    """Into this conversation, or a new one, by a member's word."""
    understood = understand(arrival)
    facts = understood._asdict() | {"conversation": conversation, "by": by}
    with transaction.atomic():
        row, _came_before = _locked(arrival)
        _note(row, understood)
        return _settle(row, _answer(bus.emit("mail.placed_by_hand", arrival=row, **facts)))


def _locked(arrival: Arrival) -> tuple[Arrival, bool]:
    """Read again and held, with its mailbox and its bytes as it was given; and whether the same bytes came before into
    the same mailbox: its server numbered anew, or repeats itself."""
    locked = " for update" if connection.features.has_select_for_update else ""
    where = f"raw_id = %s and (id = %s or mailbox_id = %s) order by id{locked}"
    same = {one.pk: one for one in rows.found(Arrival, where, arrival.raw_id, arrival.pk, arrival.mailbox_id)}
    row = same.pop(arrival.pk)
    row.mailbox, row.raw = arrival.mailbox, arrival.raw
    return row, any(one.state not in NEW for one in same.values())


def _note(row: Arrival, understood: Understood) -> None:
    mail, verdict, proof = understood
    row.message_id = mail.message_id[:998]
    row.fingerprint = mail.fingerprint
    row.sender = next((key for key in mail.senders.keys), mail.senders.raw)[:320]
    row.subject = mail.subject[:300]
    row.verdict = verdict.kind.value
    row.evidence = {
        "verdict": [list(one)[1:] for one in verdict.evidence[:20]],
        "proof": {"verdict": proof.verdict, "reason": proof.reason, "line": proof.evidence[:500]},
        "troubles": [list(trouble) for trouble in mail.troubles[:20]],
        "sender_defects": list(mail.senders.defects[:10]),
    }


def _what_would_be(row: Arrival, understood: Understood) -> Outcome:
    """Place it, look, and take all of it back: the only honest preview."""
    seen: list[Outcome] = []
    try:
        with transaction.atomic():
            seen.append(_placed(row, understood))
            raise _Shown
    except _Shown:
        forget_all()  # What was remembered meanwhile is taken back too.
        return seen[0]


def _placed(row: Arrival, understood: Understood) -> Outcome:
    return _answer(bus.emit("mail.arrived", arrival=row, **understood._asdict()))


def _answer(answers: list[Any]) -> Outcome:
    given = next((answer for answer in answers if answer is not None), None)
    return Outcome(*given) if given is not None else Outcome(State.QUARANTINE, "no_desk", {})


def _settle(row: Arrival, outcome: Outcome) -> Arrival:
    row.state, row.reason = outcome.state, outcome.reason[:80]
    row.evidence |= {"read": timezone.now().isoformat(timespec="seconds"), **outcome.evidence}
    rows.replace(row)
    return row

"""Who or what wrote a mail, with the header that says so. Stored once; every rule about machine mail reads it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from beforehand.channels.email import tokens
from beforehand.channels.email.parsed import Parsed


class Kind(StrEnum):
    HUMAN = "human"
    AUTO_REPLY = "auto_reply"
    NOTICE = "notice"
    BOUNCE = "bounce"
    OWN = "own"
    LIST = "list"
    CALENDAR = "calendar"
    RECEIPT = "receipt"


class Evidence(NamedTuple):
    """`header` and `value` as they came; a header in brackets is what the mail is made of, not a line of it."""

    kind: str
    header: str
    value: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mail is, and everything that speaks for it. Only a person's mail may make anything be sent."""

    kind: Kind
    evidence: tuple[Evidence, ...] = ()

    @property
    def may_trigger(self) -> bool:
        """Whether an acknowledgement, a rule or a survey may send because of it."""
        return self.kind is Kind.HUMAN

    @property
    def may_move_clocks(self) -> bool:
        """Whether it stops or starts a clock, or opens a done conversation again."""
        return self.kind is Kind.HUMAN

    @property
    def makes_unanswered(self) -> bool:
        """A bounce: what we wrote may not have arrived, and the customer still waits. See `Report.hard`."""
        return self.kind is Kind.BOUNCE


_AWAY = re.compile(
    r"\s*(?:(?:re|aw|sv|antw)\s*:\s*)?(?:\[?(?:automatic reply|auto[- ]?reply|auto[- ]?response|autoreply"
    r"|automatische antwort|automatisch antwoord|réponse automatique|respuesta automática|risposta automatica"
    r"|resposta automática|automatiskt svar|automatisk svar|autosvar|automaattinen vastaus|odpowiedź automatyczna"
    r"|automatická odpověď|автоответ|自动回复|自動応答)\b.*|(?:out of (?:the )?office|abwesenheit|abwesend|"
    r"absence du bureau|fuera de la oficina|fuori sede|afwezig|frånvaro|fravær)\b.{0,200})",
    re.IGNORECASE,
)
_BOUNCED = re.compile(
    r"\s*(?:undeliver(?:able|ed)\b|undelivered mail returned|delivery status notification"
    r"|mail delivery (?:failed|failure)"
    r"|returned mail|failure notice|delivery has failed|unzustellbar|nicht zustellbar|non remis|no se puede entregar)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"(?:confirm|verify) (?:that )?your (?:e-?mail|message|delivery)|challenge|tmda|spamarrest", re.I
)
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)(?:\+.*)?@", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:no-?_?\.?reply|do-?_?not-?_?reply|bounces?|notifications?|alerts?|monitoring)(?:[+._-].*)?@", re.I
)
_AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-autoreply-from",
)
_LOOPS = ("x-loop", "x-otrs-loop", "x-rt-loop-prevention", "x-zammad-send-auto-response", "x-freescout-mail-type")
_NOTICES = ("x-jira-fingerprint", "x-servicenow-generated", "x-github-reason", "x-gitlab-project", "feedback-id")


def classify(mail: Parsed, keys: Sequence[bytes] = ()) -> Verdict:
    """The kind of the strongest evidence, in the order of the rules; a mail of which nothing speaks is a person's.

    `keys`: of our reply tokens; a mail whose Message-ID we signed is our own.
    """
    evidence = tuple(found for rule in _RULES for found in rule(mail, keys))
    return Verdict(Kind(evidence[0].kind) if evidence else Kind.HUMAN, evidence)


def _own(mail: Parsed, keys: Sequence[bytes]) -> Iterator[Evidence]:
    if keys and mail.message_id and tokens.find((), [mail.message_id], keys).token:
        yield Evidence(Kind.OWN, "Message-ID", mail.message_id)


def _receipt(mail: Parsed, keys: Sequence[bytes]) -> Iterator[Evidence]:
    if mail.report and mail.report.kind in {"read", "deleted"}:
        yield Evidence(Kind.RECEIPT, "(disposition-notification)", mail.report.kind)


def _bounce(mail: Parsed, keys: Sequence[bytes]) -> Iterator[Evidence]:
    daemon = next((key for key in mail.senders.keys if _DAEMON.match(key)), "")
    if mail.report and mail.report.kind in {"failed", "delayed", "delivered"}:
        status = next((failure.status for failure in mail.report.failures), "")
        yield Evidence(Kind.BOUNCE, "(delivery-status)", f"{mail.report.kind} {status}".strip())
    if mail.all("x-failed-recipients"):
        yield Evidence(Kind.BOUNCE, "X-Failed-Recipients", mail.first("x-failed-recipients"))
    if daemon:
        yield Evidence(Kind.BOUNCE, "From", daemon)
    if _BOUNCED.match(mail.subject) and (mail.first("return-path") == "<>" or not mail.senders.mailboxes):
        yield Evidence(Kind.BOUNCE, "Subject", mail.subject)


def _auto_reply(mail: Parsed, keys: Sequence[bytes]) -> Iterator[Evidence]:
    submitted = mail.first("auto-submitted").lower()
    if submitted.startswith("auto-replied"):
        yield Evidence(Kind.AUTO_REPLY, "Auto-Submitted", submitted)
    for name in _AUTO_HEADERS:
        if value := mail.first(name):
            yield Evidence(Kind.AUTO_REPLY, name, value)
    if mail.first("precedence").lower() == "auto_reply":
        yield Evidence(Kind.AUTO_REPLY, "Precedence", "auto_reply")
    if _AWAY.match(mail.subject):
        yield Evidence(Kind.AUTO_REPLY, "Subject", mail.subject)
    if _CHALLENGE.search(mail.subject) and (mail.in_reply_to or mail.references):
        yield Evidence(Kind.AUTO_REPLY, "Subject", mail.subject)


def _calendar(mail: Parsed, keys: Sequence[bytes]) -> Iterator[Evidence]:
    for event in mail.events:
        if event.method in {"REQUEST", "REPLY", "CANCEL", "COUNTER", "REFRESH"}:
            yield Evidence(Kind.CALENDAR, "(text/calendar)", event.method)


def _list(mail: Parsed, keys: Sequence[bytes]) -> Iterator[Evidence]:
    for name in ("list-id", "list-unsubscribe", "list-post", "mailing-list"):
        if value := mail.first(name):
            yield Evidence(Kind.LIST, name, value[:200])
    if (value := mail.first("precedence").lower()) in {"bulk", "list", "junk"}:
        yield Evidence(Kind.LIST, "Precedence", value)


def _notice(mail: Parsed, keys: Sequence[bytes]) -> Iterator[Evidence]:
    submitted = mail.first("auto-submitted").lower()
    if submitted and not submitted.startswith(("no", "auto-replied")):
        yield Evidence(Kind.NOTICE, "Auto-Submitted", submitted)
    suppress = mail.first("x-auto-response-suppress").lower()
    if "all" in suppress or "autoreply" in suppress or "oof" in suppress:
        yield Evidence(Kind.NOTICE, "X-Auto-Response-Suppress", suppress)
    for name in (*_LOOPS, *_NOTICES):
        if value := mail.first(name):
            yield Evidence(Kind.NOTICE, name, value[:200])
    if mail.first("return-path") == "<>":
        yield Evidence(Kind.NOTICE, "Return-Path", "<>")
    nobody = next((key for key in mail.senders.keys if _NOBODY.match(key)), "")
    if nobody and not mail.reply_to.mailboxes:
        yield Evidence(Kind.NOTICE, "From", nobody)


Rule = Callable[[Parsed, Sequence[bytes]], Iterator[Evidence]]
_RULES: tuple[Rule, ...] = (_own, _receipt, _bounce, _auto_reply, _calendar, _list, _notice)

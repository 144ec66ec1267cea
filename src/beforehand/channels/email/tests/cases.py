"""The hard cases of mail, numbered: each with a mail of our own making and what must be true of it when it was read.

I: who it is from. H: the head. M: by machines. Bodies (B) are in cases_of_bodies.py; threads (T) need a desk and are in
the tests of service.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from beforehand.channels.email import limits, tokens
from beforehand.channels.email.parsed import Parsed
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests import mails
from beforehand.channels.email.tests.mails import bounce, mail, part, several, text

KEYS = [b"key"]
HOW_MANY = {"I": 17, "H": 15, "B": 34, "M": 21, "T": 11}


class Case(NamedTuple):
    """`made` gives the mail; `holds` says whether it was read as it must be; `kind` what wrote it."""

    number: str
    words: str
    made: Callable[[], bytes]
    holds: Callable[[Parsed], Any]
    kind: str = "human"


def by(*lines: str | None, **more: Any) -> Callable[[], bytes]:
    return lambda: mail(From=lines[0], **more) if lines else mail(**more)


def names(mail: Parsed, *keys: str, sole: bool = False) -> bool:
    """Whom it names; `sole`: there is no doubt about it, so it may have authority."""
    return mail.senders.keys == keys and (mail.sender is not None) == sole


IDENTITY = [
    Case("I1", "From is missing", by(None), lambda m: names(m)),
    Case("I2", "From is <>", by("<>"), lambda m: names(m)),
    Case(
        "I3",
        "two addresses out of a comma that is not quoted",
        by("Lovelace, Ada <ada@x.example>"),
        lambda m: names(m, "ada@x.example") and "unquoted_comma" in m.senders.defects,
    ),
    Case(
        "I4",
        "an encoded name with @",
        by("=?utf-8?q?agent=40us=2Eexample?= <e@x.example>"),
        lambda m: names(m, "e@x.example"),
    ),
    Case(
        "I5",
        "an encoded name with <",
        by("=?utf-8?q?Ada_=3Cagent=40us=2Eexample=3E?= <e@x.example>"),
        lambda m: names(m, "e@x.example"),
    ),
    Case(
        "I6",
        "a bare address before the true one",
        by("agent@us.example <evil@x.example>"),
        lambda m: names(m, "evil@x.example"),
    ),
    Case("I7", "group syntax", by("Team: ada@x.example;"), lambda m: names(m, "ada@x.example", sole=True)),
    Case(
        "I8",
        "a domain in other letters",
        by("Ada <ada@bücher.example>"),
        lambda m: names(m, "ada@xn--bcher-kva.example", sole=True),
    ),
    Case(
        "I9", "a local part in other letters", by("<用户@x.example>"), lambda m: names(m, "用户@x.example", sole=True)
    ),
    Case("I10", "a trailing dot", by("ada@x.example."), lambda m: names(m, "ada@x.example", sole=True)),
    Case("I11", "spaces in the local part", by("ada lovelace@x.example"), lambda m: names(m, "ada lovelace@x.example")),
    Case("I12", "upper case", by("ADA@X.Example"), lambda m: names(m, "ada@x.example", sole=True)),
    Case(
        "I13",
        "Reply-To is another",
        by(Reply_To="b@x.example"),
        lambda m: m.reply_to.keys == ("b@x.example",) and m.sender.key == "ada@customer.example",
    ),
    Case(
        "I14",
        "a list rewrote From",
        by("'Ada' via Team <team@us.example>", X_Original_From="Ada <ada@x.example>"),
        lambda m: m.original_from.keys == ("ada@x.example",) and names(m, "team@us.example", sole=True),
    ),
    Case(
        "I15",
        "sent on behalf of",
        by(Sender="office@x.example"),
        lambda m: m.sender_line.keys == ("office@x.example",) and m.sender,
    ),
    Case(
        "I16",
        "sent again by another",
        by(Resent_From="bob@x.example"),
        lambda m: m.resent_from.keys == ("bob@x.example",) and m.sender,
    ),
    Case("I17", "two From lines", lambda: b"From: evil@x.example\r\n" + mail(), lambda m: m.sender is None),
]
HEADERS = [
    Case("H1", "no Message-ID", by(Message_ID=None), lambda m: m.message_id == "" and m.fingerprint),
    Case(
        "H2",
        "a used Message-ID with new content",
        lambda: mail("Another text"),
        lambda m: m.message_id == "1@customer.example" and m.fingerprint != parse(mail()).fingerprint,
    ),
    Case(
        "H3",
        "a relay gave another Message-ID",
        by(Message_ID="<r@relay>", References="<1@customer.example>"),
        lambda m: m.references == ("1@customer.example",),
    ),
    Case("H4", "several In-Reply-To", by(In_Reply_To="<a@x> <b@x>"), lambda m: m.in_reply_to == ("a@x", "b@x")),
    Case(
        "H5",
        "two hundred references",
        by(References=" ".join(f"<{n}@x>" for n in range(200))),
        lambda m: len(m.references) == 200,
    ),
    Case(
        "H6",
        "a folded subject",
        by(Subject="one\r\n two\r\n\tthree"),
        lambda m: m.subject.split() == ["one", "two", "three"],
    ),
    Case("H7", "a very long subject", by(Subject="x" * 100_000), lambda m: len(m.subject) == limits.LONGEST_SUBJECT),
    Case("H8", "raw letters above 127", by(Subject="Grüße".encode("latin-1")), lambda m: m.subject == "Grüße"),
    Case("H9", "NUL in the head", by(Subject=b"a\x00b"), lambda m: m.subject == "ab" and "nul_in_headers" in m.codes),
    Case(
        "H10",
        "junk before the headers",
        lambda: b"junk\r\n\r\n" + mail(),
        lambda m: "junk_before_headers" in m.codes and m.sender,
    ),
    Case(
        "H11",
        "no empty line after the head",
        lambda: b"From: a@x.example\r\nHello there\r\n",
        lambda m: m.body.text == "Hello there",
    ),
    Case(
        "H12",
        "dated 1970",
        by(Date="Thu, 1 Jan 1970 00:00:00 +0000", Received="by x; Mon, 2 Mar 2026 10:00:00 +0100"),
        lambda m: m.sent_doubt == "behind",
    ),
    Case(
        "H13",
        "dated 2038",
        by(Date="Tue, 19 Jan 2038 03:14:07 +0000", Received="by x; Mon, 2 Mar 2026 10:00:00 +0100"),
        lambda m: m.sent_doubt == "ahead",
    ),
    Case(
        "H14",
        "a date without a zone",
        by(Date="Mon, 2 Mar 2026 09:00:00 -0000"),
        lambda m: m.sent_doubt == "no_zone" and m.sent.year == 2026,
    ),
    Case(
        "H15",
        "a date merged with Received",
        by(Date="by mx.example; Mon, 2 Mar 2026 10:00:00 +0100"),
        lambda m: m.sent.hour == 9 and not m.sent_doubt,
    ),
]


def fails(status: str, hard: bool, kind: str = "failed") -> Callable[[Parsed], Any]:
    return lambda m: m.report and (m.report.kind, m.report.hard) == (kind, hard)


HEADERS_ONLY = several(
    "report",
    text("No"),
    part("message/delivery-status", "Final-Recipient: rfc822;a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
    part("text/rfc822-headers", "Message-ID: <ours@us.example>\r\n"),
    From="MAILER-DAEMON@mx.us.example",
)
NDR = several(
    "mixed",
    text(
        "Your message did not reach some or all of the intended recipients.\r\n\r\n"
        "ada@x.example\r\n550 5.1.1 RESOLVER.ADR.RecipNotFound\r\n"
    ),
    part("message/rfc822", mail(Message_ID="<ours@us.example>", From="help@us.example")),
    From="Microsoft Outlook <postmaster@x.example>",
    Subject="Undeliverable: My order",
)
RECEIPT = several(
    "report; report-type=disposition-notification",
    text("Read"),
    part(
        "message/disposition-notification",
        "Original-Message-ID: <ours@us.example>\r\nDisposition: manual; displayed\r\n",
    ),
)
OURS = tokens.message_id("us.example", tokens.Token(7), KEYS)
MACHINES = [
    Case("M1", "no such address", lambda: bounce("5.1.1"), fails("5.1.1", True), "bounce"),
    Case("M2", "a mailbox is full", lambda: bounce("5.2.2"), fails("5.2.2", False), "bounce"),
    Case("M3", "delayed", lambda: bounce("4.4.1", "delayed"), fails("4.4.1", False, "delayed"), "bounce"),
    Case(
        "M4",
        "a report with headers only",
        lambda: HEADERS_ONLY,
        lambda m: m.report.about == "ours@us.example",
        "bounce",
    ),
    Case("M5", "a report in Exchange's words", lambda: NDR, lambda m: m.report.about == "ours@us.example", "bounce"),
    Case(
        "M6",
        "a report by X-Failed-Recipients",
        lambda: mail("550 5.1.1 No such user", X_Failed_Recipients="ada@x.example"),
        lambda m: m.report.failures[0].recipient == "ada@x.example",
        "bounce",
    ),
    Case(
        "M7", "a report from nobody", lambda: bounce(From=None), lambda m: m.report.about == "ours@us.example", "bounce"
    ),
    Case("M8", "away, says Auto-Submitted", by(Auto_Submitted="auto-replied"), lambda m: m.sender, "auto_reply"),
    Case("M9", "away, says X-Auto-Response-Suppress", by(X_Auto_Response_Suppress="All"), lambda m: m.sender, "notice"),
    Case(
        "M10", "away, says the subject alone", by(Subject="Abwesenheit: bis Montag"), lambda m: m.sender, "auto_reply"
    ),
    Case("M11", "a list", by(List_Id="<news.x.example>"), lambda m: m.sender, "list"),
    Case("M12", "our own mail", by(Message_ID=f"<{OURS}>"), lambda m: m.message_id == OURS, "own"),
    Case(
        "M13",
        "another help desk's answer",
        by("Desk <support@their.example>", X_OTRS_Loop="support@their.example", Subject="[Ticket#1] Received"),
        lambda m: m.sender,
        "notice",
    ),
    Case(
        "M14",
        "an invitation",
        lambda: mails.invitation("REQUEST"),
        lambda m: m.events[0].method == "REQUEST",
        "calendar",
    ),
    Case(
        "M15",
        "an answer to an invitation",
        lambda: mails.invitation("REPLY"),
        lambda m: m.events[0].answer == "ACCEPTED",
        "calendar",
    ),
    Case(
        "M16",
        "a meeting called off",
        lambda: mails.invitation("CANCEL"),
        lambda m: m.events[0].method == "CANCEL",
        "calendar",
    ),
    Case(
        "M17",
        "a read receipt",
        lambda: RECEIPT,
        lambda m: (m.report.kind, m.report.about) == ("read", "ours@us.example"),
        "receipt",
    ),
    Case(
        "M18",
        "a newsletter that answers",
        by(List_Unsubscribe="<https://x.example>", In_Reply_To="<a@b>"),
        lambda m: m.in_reply_to,
        "list",
    ),
    Case(
        "M19",
        "a monitor: down, and up again",
        by(Auto_Submitted="auto-generated", Subject="host1 is DOWN"),
        lambda m: m.sender,
        "notice",
    ),
    Case(
        "M20",
        "a tracker's own ids",
        by(X_JIRA_FingerPrint="abc", Subject="(SD-17) My order"),
        lambda m: m.sender,
        "notice",
    ),
    Case(
        "M21",
        "prove that you are human",
        by(Subject="Please confirm your email", In_Reply_To="<ours@us.example>"),
        lambda m: m.sender,
        "auto_reply",
    ),
]
CASES = [*IDENTITY, *HEADERS, *MACHINES]

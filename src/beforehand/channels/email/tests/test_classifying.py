"""Who or what wrote: machine mail is known by its headers, and never makes anything be sent."""

import pytest

from beforehand.channels.email import tokens
from beforehand.channels.email.classifying import Kind, classify
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests.mails import bounce, invitation, mail, part, several, text

KEYS = [b"key"]
MDN = several(
    "report; report-type=disposition-notification",
    text("Read"),
    part(
        "message/disposition-notification",
        "Original-Message-ID: <ours@us.example>\r\nDisposition: manual; displayed\r\n",
    ),
)
MACHINES = [
    (bounce(), Kind.BOUNCE, "(delivery-status)"),
    (bounce(From=None), Kind.BOUNCE, "(delivery-status)"),
    (mail("550 5.1.1 No such user", X_Failed_Recipients="ada@x.example"), Kind.BOUNCE, "(delivery-status)"),
    (
        mail("550 5.1.1 gone\r\n", From="postmaster@x.example", Subject="Undeliverable: Hi"),
        Kind.BOUNCE,
        "(delivery-status)",
    ),
    (mail(From="MAILER-DAEMON@x.example"), Kind.BOUNCE, "From"),
    (mail(Auto_Submitted="auto-replied"), Kind.AUTO_REPLY, "Auto-Submitted"),
    (mail(X_Autoreply="yes"), Kind.AUTO_REPLY, "x-autoreply"),
    (mail(Precedence="auto_reply"), Kind.AUTO_REPLY, "Precedence"),
    (mail(Subject="Abwesenheit: bis Montag"), Kind.AUTO_REPLY, "Subject"),
    (mail(Subject="Automatic reply: My order"), Kind.AUTO_REPLY, "Subject"),
    (mail(Subject="Out of office Re: My order"), Kind.AUTO_REPLY, "Subject"),
    (mail(Subject="Please confirm your email", In_Reply_To="<a@b>"), Kind.AUTO_REPLY, "Subject"),
    (mail(List_Id="<news.x.example>"), Kind.LIST, "list-id"),
    (mail(Precedence="bulk"), Kind.LIST, "Precedence"),
    (mail(List_Unsubscribe="<https://x.example>", In_Reply_To="<a@b>"), Kind.LIST, "list-unsubscribe"),
    (invitation("REQUEST"), Kind.CALENDAR, "(text/calendar)"),
    (invitation("REPLY"), Kind.CALENDAR, "(text/calendar)"),
    (invitation("CANCEL"), Kind.CALENDAR, "(text/calendar)"),
    (MDN, Kind.RECEIPT, "(disposition-notification)"),
    (mail(Auto_Submitted="auto-generated", Subject="host is DOWN"), Kind.NOTICE, "Auto-Submitted"),
    (mail(X_Auto_Response_Suppress="All"), Kind.NOTICE, "X-Auto-Response-Suppress"),
    (mail(X_JIRA_FingerPrint="abc"), Kind.NOTICE, "x-jira-fingerprint"),
    (mail(X_OTRS_Loop="help@x.example"), Kind.NOTICE, "x-otrs-loop"),
    (mail(Return_Path="<>"), Kind.NOTICE, "Return-Path"),
    (mail(From="noreply@shop.example"), Kind.NOTICE, "From"),
]


@pytest.mark.parametrize(("raw", "kind", "header"), MACHINES)
def test_machine_mail_is_known_by_its_evidence_and_triggers_nothing(raw, kind, header):
    verdict = classify(parse(raw), KEYS)
    assert (verdict.kind, verdict.evidence[0].header) == (kind, header)
    assert not verdict.may_trigger and not verdict.may_move_clocks


@pytest.mark.parametrize(
    "raw",
    [
        mail(),
        mail(Auto_Submitted="no"),
        mail(Subject="Re: out of paper"),
        mail(From="noreply@shop.example", Reply_To="a@x.example"),
    ],
)
def test_a_person_is_a_person(raw):
    verdict = classify(parse(raw), KEYS)
    assert verdict.kind is Kind.HUMAN and verdict.may_trigger and not verdict.evidence


def test_our_own_mail_is_known_by_our_signature_alone():
    ours = tokens.message_id("us.example", tokens.Token(7), KEYS)
    assert classify(parse(mail(Message_ID=f"<{ours}>")), KEYS).kind is Kind.OWN
    assert classify(parse(mail(Message_ID=f"<{ours}>")), [b"another"]).kind is Kind.HUMAN
    assert classify(parse(mail(From="help@us.example", Reply_To="ada@x.example")), KEYS).kind is Kind.HUMAN


@pytest.mark.parametrize(
    ("status", "action", "kind", "hard"),
    [
        ("5.1.1", "failed", "failed", True),
        ("5.2.2", "failed", "failed", False),
        ("4.4.1", "delayed", "delayed", False),
        ("2.0.0", "delivered", "delivered", False),
        ("5.7.1", "failed", "failed", True),
    ],
)
def test_a_bounce_says_which_mail_whose_and_whether_it_may_still_arrive(status, action, kind, hard):
    report = parse(bounce(status, action)).report
    assert (report.kind, report.hard, report.about) == (kind, hard, "ours@us.example")
    assert report.failures[0].recipient == "ada@customer.example" and report.failures[0].status == status
    assert classify(parse(bounce())).makes_unanswered


def test_a_bounce_that_gives_back_only_headers_still_names_the_mail():
    raw = several(
        "report",
        text("No"),
        part("message/delivery-status", "Final-Recipient: rfc822;a@x.example\r\nAction: failed\r\n"),
        part("text/rfc822-headers", "Message-ID: <ours@us.example>\r\nReferences: <first@x>\r\n"),
    )
    assert (parse(raw).report.about, parse(raw).report.references) == ("ours@us.example", ("first@x",))


def test_a_read_receipt_names_the_mail():
    assert (parse(MDN).report.kind, parse(MDN).report.about) == ("read", "ours@us.example")

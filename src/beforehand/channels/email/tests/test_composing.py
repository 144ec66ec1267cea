"""What we send is a correct message: threads, goes to the right people, and cannot be made to carry another header."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from beforehand.channels.email.composing import (
    Draft,
    File,
    Recipients,
    Unsendable,
    chain,
    compose,
    difference,
    forwarded,
    recipients,
    subject_of,
)
from beforehand.channels.email.parsed import Mailbox
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests.mails import PNG, mail

ADA = Mailbox("Ada Lovelace", "ada@customer.example", "ada@customer.example")
US = Mailbox("Help", "help@us.example", "help@us.example")
OURS = frozenset({"help@us.example", "sales@us.example"})
DRAFT = Draft(US, Recipients((ADA,)), "Re: My order", "Grüße", "t.1@us.example", datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


def sent(**changes):
    return message_from_bytes(compose(replace(DRAFT, **changes)), policy=default)


def test_a_reply_threads_and_reads_back():
    message = sent(in_reply_to="1@customer.example", references=("0@customer.example", "1@customer.example"))
    assert message["Message-ID"] == "<t.1@us.example>" and message["In-Reply-To"] == "<1@customer.example>"
    assert message["References"].split() == ["<0@customer.example>", "<1@customer.example>"]
    assert message.get_content().strip() == "Grüße" and "Auto-Submitted" not in message
    assert parse(compose(DRAFT)).sent == DRAFT.date


def test_it_is_plain_ascii_in_short_lines_with_each_header_once():
    raw = compose(
        replace(
            DRAFT,
            html="<p>ä</p>" + "x" * 5000,
            text="y" * 5000,
            subject="ä" * 200,
            references=tuple(f"{n:060}@x.example" for n in range(200)),
            files=(File("ä.bin", "a/b", bytes(range(256))),),
        )
    )
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998 and b"\n" not in raw.replace(b"\r\n", b"")
    message = message_from_bytes(raw, policy=default)
    assert len(set(map(str.lower, message.keys()))) == len(message.keys())
    references = message["References"].split()
    assert (
        len(references) == 20 and references[0].startswith("<000") and references[-1].startswith("<" + "0" * 57 + "199")
    )
    assert message["Subject"] == "ä" * 200


@pytest.mark.parametrize(
    "bad", ["x\r\nBcc: eve@x.example", "x\nBcc: eve@x.example", "x\rBcc: eve@x.example", "x\u2028Bcc: e@x.example"]
)
def test_no_text_becomes_a_header(bad):
    message = sent(subject=bad, sender=US._replace(name=bad), list_id=bad, files=(File(bad, bad, b"x", bad),))
    assert "Bcc" not in message and "Bcc" not in [key for part in message.walk() for key in part]
    for change in (
        {"sender": US._replace(address=f"help@us.example{bad[1:]}")},
        {"in_reply_to": bad},
        {"message_id": bad},
        {"unsubscribe": f"https://us.example/{bad}"},
        {"reply_to": bad},
    ):
        with pytest.raises(Unsendable):
            compose(replace(DRAFT, **change))


def test_images_that_the_html_names_stand_in_it_and_others_are_files():
    message = sent(
        html='<img src="cid:a@us">',
        files=(File("a.png", "image/png", PNG, "a@us"), File("b.png", "image/png", PNG, "b@us")),
    )
    dispositions = {
        part.get_filename(): part.get_content_disposition() for part in message.walk() if part.get_filename()
    }
    assert dispositions == {"a.png": "inline", "b.png": "attachment"}
    assert message.get_body(("plain",)).get_content().strip() == "Grüße"
    read = parse(compose(replace(DRAFT, html='<img src="cid:a@us">', files=(File("a.png", "image/png", PNG, "a@us"),))))
    assert 'data-attachment="0"' in read.body.html


def test_a_machine_says_so_and_bulk_can_be_left_with_one_click():
    message = sent(machine="auto-replied")
    assert message["Auto-Submitted"] == "auto-replied" and message["X-Auto-Response-Suppress"] == "All"
    message = sent(unsubscribe="https://us.example/leave/abc", list_id="news.us.example")
    assert message["List-Unsubscribe"] == "<https://us.example/leave/abc>"
    assert (
        message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        and message["Auto-Submitted"] == "auto-generated"
    )


def test_two_desks_cannot_answer_each_other_for_ever():
    from beforehand.channels.email.classifying import classify

    assert not classify(parse(compose(replace(DRAFT, machine="auto-replied")))).may_trigger


def test_bcc_is_in_the_envelope_and_not_in_the_message():
    hidden = Mailbox("", "boss@us.example", "boss@us.example")
    assert b"boss@" not in compose(replace(DRAFT, recipients=Recipients((ADA,), (), (hidden,))))


def test_an_answer_goes_to_whom_it_should():
    parsed = parse(
        mail(
            To="help@us.example, bob@x.example", Cc="sales+r123@us.example, Carl <carl@y.example>, ada@customer.example"
        )
    )
    assert [m.key for m in recipients(parsed, OURS).to] == ["ada@customer.example"] and not recipients(parsed, OURS).cc
    assert [m.key for m in recipients(parsed, OURS, everybody=True).cc] == ["bob@x.example", "carl@y.example"]
    other = recipients(parse(mail(Reply_To="ada@home.example")), OURS)
    assert [m.key for m in other.to] == ["ada@home.example"] and other.warnings == ("reply_to_another_domain",)
    assert recipients(parse(mail(From="help@us.example")), OURS).to == ()
    with pytest.raises(Unsendable):
        compose(replace(DRAFT, recipients=Recipients(())))


def test_new_people_and_new_domains_are_shown_before_sending():
    stranger = Mailbox("", "x@elsewhere.example", "x@elsewhere.example")
    changed = difference(Recipients((stranger,)), parse(mail()), OURS)
    assert (changed.added, changed.removed) == (("x@elsewhere.example",), ("ada@customer.example",))
    assert changed.new_domains == ("elsewhere.example",)


def test_chain_subject_and_forward():
    parsed = parse(mail(References="<0@x>", Subject="AW: My order"))
    assert chain(parsed) == ("1@customer.example", ("0@x", "1@customer.example"))
    assert subject_of(parsed) == "AW: My order" and subject_of(parsed, forward=True) == "Fwd: AW: My order"
    assert subject_of(parse(mail())) == "Re: My order"
    assert forwarded(parsed, "Please look.").endswith("Where is it?\n") or forwarded(parsed, "x").endswith(
        "Where is it?"
    )


def test_a_domain_in_other_letters_is_sent_in_its_ascii_form():
    mailbox = Mailbox("Jürgen", "j@bücher.example", "j@xn--bcher-kva.example")
    assert "j@xn--bcher-kva.example" in sent(recipients=Recipients((mailbox,)))["To"]

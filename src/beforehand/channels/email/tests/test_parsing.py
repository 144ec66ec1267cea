"""What is read out of a mail, however it is built."""

import time
from datetime import UTC, datetime

import pytest

from beforehand.channels.email import limits
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests import mails
from beforehand.channels.email.tests.mails import file, inner, mail, part, rich, several, text

ARRIVED = datetime(2026, 3, 2, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "key", "defect"),
    [
        ("Ada <ada@x.example>", "ada@x.example", None),
        ("ada@x.example", "ada@x.example", None),
        ("ADA@X.Example", "ada@x.example", None),
        ("ada@x.example.", "ada@x.example", None),
        ("ada@x.example (Ada @ Work)", "ada@x.example", None),
        ('"Lovelace, Ada" <ada@x.example>', "ada@x.example", None),
        ("Team: ada@x.example;", "ada@x.example", None),
        ("Jürgen <jürgen@bücher.example>", "jürgen@xn--bcher-kva.example", None),
        ("Lovelace, Ada <ada@x.example>", "ada@x.example", "unquoted_comma"),
        ("agent@us.example <evil@x.example>", "evil@x.example", "address_in_name"),
        ('"agent@us.example" <evil@x.example>', "evil@x.example", "name_is_another_address"),
        ("=?utf-8?q?agent=40us=2Eexample?= <evil@x.example>", "evil@x.example", "name_is_another_address"),
        ("=?utf-8?q?agent=40us=2Eexample=3E?=", None, "no_address"),
        ("ada lovelace@x.example", "ada lovelace@x.example", "space_in_address"),
        ("<@relay.example:ada@x.example>", "ada@x.example", "source_route"),
        ("Ada <ada@x.example> <evil@x.example>", "evil@x.example", "two_addresses"),
        ("Ada <ada@x.example", "ada@x.example", "unfinished"),
        ("<>", None, "empty"),
        ("Ada", None, "no_address"),
        ('"Ada <ada@x.example>', None, "no_address"),
    ],
)
def test_whom_a_from_line_names_and_what_is_wrong_with_it(line, key, defect):
    senders = parse(mail(From=line)).senders
    assert [mailbox.key for mailbox in senders.mailboxes] == ([key] if key else [])
    assert (defect in senders.defects) if defect else not senders.defects
    assert (senders.sole is not None) == (defect is None and key is not None)


def test_a_from_of_two_people_or_two_lines_or_none_names_nobody():
    assert parse(mail(From="a@x.example, b@x.example")).sender is None
    assert parse(b"From: evil@x.example\r\n" + mail()).senders.defects == ("several_headers",)
    assert parse(mail(From=None)).senders.defects == ("missing",)


@pytest.mark.parametrize(
    "line", ["a " * 9_000 + "@:" + ":" * 20_000, "(" * 30_000, "<" * 30_000, '"' * 30_001, "a@b," * 9_000]
)
def test_no_address_line_takes_long_to_read(line):
    started = time.process_time()
    parse(mail(From=line))
    assert time.process_time() - started < 2


def test_who_else_stands_in_the_head_is_kept_apart():
    parsed = parse(
        mail(
            Reply_To="r@x.example",
            Sender="s@x.example",
            Cc="c@x.example",
            X_Original_From="o@x.example",
            Resent_From="re@x.example",
            Delivered_To="help@us.example",
            Bcc="b@x.example",
        )
    )
    lines = (parsed.reply_to, parsed.sender_line, parsed.cc, parsed.original_from, parsed.resent_from, parsed.bcc)
    assert [line.sole.key[0] for line in lines] == ["r", "s", "c", "o", "r", "b"]
    assert parsed.delivered_to.keys == ("help@us.example",)
    assert not parse(mail(To="undisclosed-recipients:;")).to.defects


def test_ids_are_read_whole_even_two_hundred_of_them():
    parsed = parse(mail(References=" ".join(f"<{n}@x>" for n in range(200)), In_Reply_To="<a@x> <b@x>"))
    assert len(parsed.references) == 200 and parsed.in_reply_to == ("a@x", "b@x")
    assert parse(mail(Message_ID=None)).message_id == ""


def test_one_mail_in_two_mailboxes_has_one_fingerprint_and_a_reused_id_does_not():
    first = parse(b"Delivered-To: a@us.example\r\nReceived: by a; x\r\n" + mail())
    assert first.fingerprint == parse(b"Delivered-To: b@us.example\r\n" + mail()).fingerprint
    assert first.fingerprint != parse(mail("Your parcel is late")).fingerprint


@pytest.mark.parametrize(
    ("subject", "reads"),
    [
        (b"=?utf-8?B?w6Q=?= =?utf-8?q?=C3=A4?=", "ää"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        (b"=?gb2312?B?xOO6ww==?=", "你好"),
        (b"=?nonsense?q?a=E4?=", "aä"),
        (b"one\r\n two", "one two"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"a\x00b\x07c", "ab c"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x"),
    ],
)
def test_a_subject_reads_as_it_was_meant(subject, reads):
    assert parse(mail(Subject=subject)).subject == reads


def test_a_very_long_subject_is_cut():
    assert len(parse(mail(Subject="x" * 100_000)).subject) == limits.LONGEST_SUBJECT


@pytest.mark.parametrize(
    ("date", "doubt", "known"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100", "", True),
        ("Thu, 1 Jan 1970 00:00:00 +0000", "behind", True),
        ("Tue, 19 Jan 2038 03:14:07 +0000", "ahead", True),
        ("Mon, 2 Mar 2026 09:00:00 -0000", "no_zone", True),
        ("by mx.example; Mon, 2 Mar 2026 10:00:00 +0100", "", True),
        ("yesterday", "unreadable", False),
        (None, "missing", False),
    ],
)
def test_a_date_that_cannot_be_is_doubted(date, doubt, known):
    parsed = parse(mail(Date=date), ARRIVED)
    assert (parsed.sent_doubt, parsed.sent is not None) == (doubt, known)


def test_junk_before_the_headers_and_a_missing_empty_line_lose_nothing():
    assert parse(b"some junk\r\n\r\n" + mail()).codes == {"junk_before_headers"}
    assert parse(b"some junk\r\n" + mail()).sender.key == "ada@customer.example"
    assert parse(b"From ada@x Mon Mar 2\r\n" + mail()).codes == set()
    parsed = parse(b"From: a@x.example\r\nHello there\r\n")
    assert parsed.codes == {"no_blank_line"} and parsed.body.text == "Hello there"


def test_no_bytes_no_headers_and_noise_say_so():
    for raw in (b"", b"\x00", b"\xff" * 1000, b"just words", b"\r\n\r\n\r\n"):
        assert "no_headers" in parse(raw).codes
    assert parse(b"just words").body.text == "just words"


def test_html_alone_gives_its_words_and_an_empty_text_does_not_hide_them():
    assert parse(mail("<p>Hi <b>you</b></p>", Content_Type="text/html")).body.text == "Hi you"
    assert parse(several("alternative", text("  \r\n"), rich("<p>Hi</p>"))).body.text == "Hi"


def test_text_image_text_and_html_twice_are_all_there():
    parsed = parse(several("mixed", text("before"), file("filename=a.png", mails.PNG, "image/png"), text("after")))
    assert parsed.body.text.split() == ["before", "after"] and len(parsed.attachments) == 1
    parsed = parse(several("mixed", rich("<p>one</p>"), rich("<p>two</p>")))
    assert "one" in parsed.body.html and "two" in parsed.body.html and parsed.body.text.split() == ["one", "two"]


def test_text_in_the_preamble_is_found_when_there_is_no_other():
    parsed = parse(several("mixed", file("filename=a.pdf"), preamble="The text stands here."))
    assert parsed.body.text == "The text stands here." and "text_in_preamble" in parsed.codes


def test_an_attachment_alone_is_a_mail_without_words():
    parsed = parse(mail(b"JVBERi0=", Content_Type="application/pdf; name=a.pdf", Content_Transfer_Encoding="base64"))
    assert parsed.body.text == "" and parsed.attachments[0].content == b"%PDF-"


@pytest.mark.parametrize(
    ("raw", "said", "kind"),
    [
        (mails.SIGNED, "smime_signed", "signature"),
        (mail("x", Content_Type="application/pkcs7-mime; smime-type=enveloped-data"), "smime_encrypted", "encrypted"),
        (mail("x", Content_Type="application/pkcs7-mime; smime-type=signed-data"), "smime_opaque_signed", "signature"),
        (
            several('encrypted; protocol="application/pgp-encrypted"', part("application/pgp-encrypted", "Version: 1")),
            "pgp_encrypted",
            "encrypted",
        ),
        (mail("-----BEGIN PGP MESSAGE-----\r\nabc\r\n-----END PGP MESSAGE-----"), "pgp_inline_encrypted", None),
        (mail("-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nHi"), "pgp_inline_signed", None),
    ],
)
def test_protected_mail_is_kept_and_called_what_it_is(raw, said, kind):
    parsed = parse(raw)
    assert said in parsed.protection
    assert [file.kind for file in parsed.attachments] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("content", "charset", "reads", "trouble"),
    [
        ("Grüße".encode(), "utf-8", "Grüße", None),
        ("Grüße aus Köln, schöne Tage".encode("latin-1"), "utf-8", "Grüße", "charset_wrong"),
        ("Grüße".encode(), "bogus-1", "Grüße", "charset_unknown"),
        ("Grüße".encode(), "us-ascii", "Grüße", "charset_wrong"),
        ("“quoted”".encode("cp1252"), "iso-8859-1", "“quoted”", None),
        ("你好㐀".encode("gb18030"), "gb2312", "你好㐀", None),
        ("뷁안녕".encode("cp949"), "ks_c_5601-1987", "뷁안녕", None),
        (b"Hi Mom -+Jjo--!", "utf-7", "Hi Mom -☺-!", None),
        (b"a\\x41", "unicode_escape", "a\\x41", "charset_unknown"),
    ],
)
def test_charsets_are_read_as_they_are_meant(content, charset, reads, trouble):
    parsed = parse(mail(content, Content_Type=f"text/plain; charset={charset}"))
    assert reads in parsed.body.text and parsed.codes == ({trouble} if trouble else set())


def test_flowing_text_is_joined_again():
    assert parse(mails.SEEDS["flowed"]).body.text == "ab\n> cd"


def test_an_unknown_transfer_encoding_shows_what_came():
    parsed = parse(mail("as it is", Content_Transfer_Encoding="zip"))
    assert parsed.body.text == "as it is" and "encoding_unknown" in parsed.codes


def test_files_between_the_lines_become_attachments():
    parsed = parse(mails.SEEDS["uuencode"])
    assert (parsed.body.text.strip(), parsed.attachments[0].content, parsed.attachments[0].name) == (
        "see",
        b"Cat",
        "a.txt",
    )
    raw = b"=ybegin line=128 size=3 name=a.bin\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n"
    parsed = parse(mail(raw, Content_Type="text/plain; charset=iso-8859-15"))
    assert parsed.attachments[0].name == "a.bin"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("filename=../../etc/passwd", "passwd"),
        ("filename=C:\\\\Windows\\\\cmd.exe", "cmd.exe"),
        ('filename=".."', "attachment-1.pdf"),
        ('filename=""', "attachment-1.pdf"),
        ('filename="   "', "attachment-1.pdf"),
        ("filename*=utf-8''invoice%E2%80%AEfdp.exe", "invoicefdp.exe"),
        ("filename*0*=utf-8''%e2%82; filename*1*=%ac%20x; filename*2=\".pdf\"", "€ x.pdf"),
        ("filename=CON.txt", "_CON.txt"),
        ('filename="a\x00b.pdf"', "ab.pdf"),
        ('filename="=?utf-8?q?=C3=A4.pdf?="', "ä.pdf"),
    ],
)
def test_names_of_files_play_no_tricks(sent, name):
    assert parse(several("mixed", text("x"), file(sent))).attachments[0].name == name


def test_a_long_name_keeps_its_ending():
    name = parse(several("mixed", text("x"), file(f"filename={'x' * 400}.pdf"))).attachments[0].name
    assert len(name) <= limits.LONGEST_NAME and name.endswith(".pdf")


def test_winmail_dat_gives_its_files_and_stays_whole_when_broken():
    parsed = parse(mails.SEEDS["tnef"])
    assert [(file.name, file.content, file.origin) for file in parsed.attachments] == [("a.txt", b"A", "tnef")]
    broken = several("mixed", file("filename=winmail.dat", b"x" * 40, "application/ms-tnef"))
    assert parse(broken).codes == {"tnef"} and parse(broken).attachments[0].name == "winmail.dat"


def test_a_mail_in_a_mail_is_a_file_named_by_its_subject():
    parsed = parse(mails.SEEDS["forwarded"])
    assert (parsed.attachments[0].kind, parsed.attachments[0].name) == ("message", "My order.eml")


def test_an_image_of_the_mail_is_shown_in_its_place_without_any_disposition():
    parsed = parse(several("related", rich('<img src="cid:a@b">'), part("image/png", mails.PNG, Content_ID="<a@b>")))
    assert 'data-attachment="0"' in parsed.body.html and parsed.attachments[0].inline
    unreferenced = several("mixed", rich("<p>x</p>"), part("image/png", mails.PNG, Content_ID="<a@b>"))
    assert not parse(unreferenced).attachments[0].inline


def test_calendar_parts_say_what_is_asked():
    event = parse(mails.invitation("REQUEST")).events[0]
    assert (event.method, event.uid, event.summary, event.start) == (
        "REQUEST",
        "42@cal",
        "Call with Ada",
        "20260305T100000Z",
    )
    assert parse(mails.invitation("REPLY")).events[0].answer == "ACCEPTED"


def test_the_limits_say_that_they_were_met():
    assert "too_deep" in parse(mails.nested(500)).codes
    many = parse(several("mixed", *[file(f"filename={n}.pdf") for n in range(502)]))
    assert len(many.attachments) == 500 and "too_many_attachments" in many.codes
    assert "too_many_headers" in parse(b"X-A: b\r\n" * 5000 + mail()).codes
    assert "html_cut" in parse(mail("x " * 5_000_000, Content_Type="text/html")).codes
    assert "text_cut" in parse(mail("x " * 5_000_000)).codes
    assert "unfinished" in parse(several("mixed", text("x")).rpartition(b"\r\n--")[0]).codes


def test_a_mail_of_over_forty_megabytes_is_read_in_part():
    parsed = parse(several("mixed", text("the text"), file("filename=big.bin")) + b"x" * (41 << 20))
    assert "too_large" in parsed.codes and parsed.body.text == "the text" and parsed.size > limits.MOST_BYTES


def test_alternative_of_a_related_part_is_read_once():
    related = inner("related", rich("<p>Hi</p>"), part("image/png", mails.PNG, Content_ID="<a>"), boundary="=_b2")
    parsed = parse(several("alternative", text("Hi"), related))
    assert parsed.body.text == "Hi" and parsed.body.html == "<p>Hi</p>" and len(parsed.attachments) == 1

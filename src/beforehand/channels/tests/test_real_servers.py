"""Over real servers: a mail comes in by Postfix and Dovecot, and what we send arrives with the right headers."""

import email
import email.policy
import os
import threading
import time

import pytest

from beforehand.channels import arriving, outbox
from beforehand.channels.email import fetching, tokens
from beforehand.channels.email.tests.mails import mail
from beforehand.channels.models import Arrival, Mailbox, Outgoing
from beforehand.channels.post import Post
from beforehand.channels.sending import NotNow
from beforehand.channels.tests import mailhost
from beforehand.channels.tests.people import content, identifier_of, mailbox_of
from beforehand.lib.signing import own_keys

ADA, HELP, INFO = "ada@customer.example", "help@us.example", "info@us.example"


@pytest.fixture(scope="module")
def host():
    with mailhost.running([ADA, HELP, INFO]) as running:
        yield running


@pytest.fixture
def mailbox(host, db):
    for path in (host.folder / "mail" / HELP).rglob("*"):
        if path.is_file():
            path.unlink()
    return mailbox_at(host, HELP, state="live", uid_validity=0)


def mailbox_at(host, address, **fields):
    access = {"imap_host": "127.0.0.1", "imap_port": host.imap, "imap_security": "none"}
    access |= {"smtp_host": "127.0.0.1", "smtp_port": host.smtp, "smtp_security": "none"}
    mailbox = mailbox_of(address, user=address, **access, **fields)
    mailbox.keep_secret({"password": host.password})
    return mailbox


def fetch(mailbox) -> int:
    mailbox.refresh_from_db()
    with fetching.session(mailbox) as box:
        return fetching.take_new(mailbox, box)


def test_a_mail_comes_in_whole_once_and_is_marked_as_seen(host, mailbox):
    raw = mail("Where is it?\r\n" + "x" * 2000 + "\r\n", Message_ID="<a1@customer.example>")
    host.post(ADA, HELP, raw)
    host.delivered(HELP)
    assert fetch(mailbox) == 1
    assert fetch(mailbox) == 0
    arrival = Arrival.objects.get()
    assert arriving.files.read(arrival.raw).endswith(raw)
    mailbox.refresh_from_db()
    assert mailbox.uid_through > 0
    assert arrival.place == f"INBOX/{mailbox.uid_validity}/{mailbox.uid_through}"
    arriving.read_due()
    arrival.refresh_from_db()
    assert (arrival.message_id, arrival.sender, arrival.verdict) == ("a1@customer.example", ADA, "human")
    assert any(path.name.endswith("S") for path in (host.folder / "mail" / HELP / "cur").iterdir())


def test_one_that_watches_changes_nothing_at_the_server(host, db):
    mailbox = mailbox_at(host, INFO)
    host.post(ADA, INFO, mail(Message_ID="<w1@customer.example>"))
    host.delivered(INFO)
    assert fetch(mailbox) == 1
    assert Arrival.objects.get().origin == "shadow"
    assert not any("S" in path.name.rpartition(",")[2] for path in (host.folder / "mail" / INFO / "cur").iterdir())


def test_what_came_before_the_numbers_changed_comes_once(host, mailbox):
    for number in range(3):
        host.post(ADA, HELP, mail(f"Mail {number}", Message_ID=f"<n{number}@customer.example>"))
    host.delivered(HELP, 3)
    assert fetch(mailbox) == 3
    mailbox.refresh_from_db()
    arriving.read_due()
    before = set(Arrival.objects.values_list("state", flat=True))
    was = mailbox.uid_validity
    for path in (host.folder / "mail" / HELP).glob("dovecot*"):
        path.unlink()
    listing = host.folder / "mail" / HELP / "dovecot-uidlist"
    listing.write_text(f"3 V{was + 7} N1\n")
    os.chown(listing, mailhost.NOBODY, mailhost.NOBODY)
    assert fetch(mailbox) == 3
    mailbox.refresh_from_db()
    assert mailbox.uid_validity != was
    arriving.read_due()
    again = Arrival.objects.order_by("-id")[:3]
    assert {(one.state, one.reason) for one in again} == {("repeat", "same_bytes")}
    assert before and "repeat" not in before


def test_an_answer_arrives_with_headers_that_thread(host, mailbox, ben):
    outgoing = outbox.send(
        "answer 1",
        "reply",
        "email",
        identifier_of(ADA),
        content(
            ADA, subject="Re: My order", in_reply_to="a1@customer.example", references=["a0@x", "a1@customer.example"],
            conversation=77, bcc=[["", INFO]],
        ),
        mailbox,
        by=ben,
    )  # fmt: skip
    Outgoing.objects.update(not_before=0)
    assert outbox.step() == 1
    outgoing.refresh_from_db()
    assert outgoing.state == "sent", outgoing.reason
    got = host.delivered(ADA)[-1]
    sent = email.message_from_bytes(got, policy=email.policy.default)
    assert sent["In-Reply-To"] == "<a1@customer.example>"
    assert sent["References"].split() == ["<a0@x>", "<a1@customer.example>"]
    assert sent["Message-ID"] == f"<{outgoing.message_id}>"
    assert tokens.find([str(sent["Reply-To"])], [], own_keys()).token == tokens.Token(77)
    assert tokens.find([], [outgoing.message_id], own_keys()).token == tokens.Token(77)
    assert INFO.encode() not in got.replace(b"Delivered-To", b"")
    assert len(host.delivered(INFO)) >= 1
    # And her mail program's answer, to that address, comes into our mailbox.
    host.post(ADA, str(sent["Reply-To"]), mail("Thanks!", In_Reply_To=f"<{outgoing.message_id}>"))
    host.delivered(HELP)
    assert fetch(mailbox) == 1


def test_nobody_there_is_a_bounce_that_marks_the_delivery(host, mailbox):
    outgoing = outbox.send(
        "k", "reply", "email", identifier_of(ADA), content("gone@elsewhere.invalid", conversation=5), mailbox
    )
    outbox.step()
    outgoing.refresh_from_db()
    assert outgoing.state == "sent", outgoing.reason
    host.delivered(HELP)
    assert fetch(mailbox) == 1
    arriving.read_due()
    arrival = Arrival.objects.get()
    assert arrival.verdict == "bounce"
    delivery = outgoing.deliveries.get()
    assert delivery.state == "bounced" or delivery.code.startswith("4"), delivery.code


def test_a_recipient_whom_the_server_refuses_is_said_and_the_others_get_it(host, mailbox):
    before = len(host.delivered(ADA, 0))
    outgoing = outbox.send(
        "k", "reply", "email", identifier_of(ADA), content(ADA, "nobody-here@customer.example"), mailbox
    )
    outbox.step()
    outgoing.refresh_from_db()
    states = {delivery.address: (delivery.state, delivery.code) for delivery in outgoing.deliveries.all()}
    assert states == {ADA: ("sent", "250"), "nobody-here@customer.example": ("failed", "550")}
    assert outgoing.state == "partly"
    assert len(host.delivered(ADA, before + 1)) == before + 1


def test_a_wrong_password_and_an_unknown_folder_are_said_in_words(host, mailbox):
    assert fetching.try_out(mailbox) >= 0
    mailbox.folder = "No such"
    with pytest.raises(NotNow, match="No such"):
        fetching.try_out(mailbox)
    mailbox.folder = "INBOX"
    mailbox.keep_secret({"password": "wrong"})
    with pytest.raises(NotNow, match=r"[Aa]uthentication"):
        fetching.try_out(mailbox)


def test_a_mail_is_answered_and_the_customers_reply_comes_back_into_the_thread(host, mailbox, ben):
    """The whole way round, three times over the wire."""
    from beforehand.service.models import Conversation

    host.post(ADA, HELP, mail("Where is my order?", Message_ID="<round1@customer.example>", Subject="Order 12"))
    host.delivered(HELP)
    fetch(mailbox)
    arriving.read_due()
    conversation = Conversation.objects.get()
    assert (conversation.subject, conversation.waiting_since is not None) == ("Order 12", True)
    lying = len(host.delivered(ADA, 0))
    conversation.answer("On its way, Ada.", ben)
    Outgoing.objects.update(not_before=0)
    outbox.step()
    raw = host.delivered(ADA, lying + 1)[-1]
    answer = email.message_from_bytes(raw, policy=email.policy.default)
    assert answer["In-Reply-To"] == "<round1@customer.example>"
    assert "On its way, Ada." in answer.get_content()
    # Her mail program strips what it likes: the signed address alone finds the thread.
    host.post(
        ADA, str(answer["Reply-To"]), mail("Thank you!", Message_ID="<round2@customer.example>", Subject="Thanks")
    )
    host.delivered(HELP, 2)
    fetch(mailbox)
    arriving.read_due()
    assert Conversation.objects.count() == 1
    told = list(conversation.messages.order_by("id").values_list("kind", "text"))
    assert [kind for kind, _text in told if kind != "note"] == ["inbound", "outbound", "inbound"]
    assert "Thank you!" in told[-1][1]
    arrival = Arrival.objects.get(message_id="round2@customer.example")
    assert arrival.reason == "token"


class TestEncrypted:
    """Over TLS from the first byte, and over STARTTLS; a certificate that nobody vouches for is refused in words."""

    WAYS = pytest.mark.parametrize("way", ["tls", "starttls"])

    @pytest.fixture
    def secured(self, host, mailbox):
        def at(way, ca):
            mailbox.imap_security = mailbox.smtp_security = way
            mailbox.imap_port = host.imaps if way == "tls" else host.imap
            mailbox.smtp_port = host.smtps if way == "tls" else host.smtp
            mailbox.settings = {"ca": ca} if ca else {}
            mailbox.save()
            return mailbox

        return at

    @WAYS
    def test_a_mail_comes_in_and_an_answer_goes_out(self, host, secured, way):
        mailbox = secured(way, host.authority)
        host.post(ADA, HELP, mail("Secret?", Message_ID=f"<{way}@customer.example>"))
        host.delivered(HELP)
        assert fetch(mailbox) == 1
        before = len(host.delivered(ADA, 0))
        outgoing = outbox.send(f"k {way}", "reply", "email", identifier_of(ADA), content(ADA), mailbox)
        outbox.step()
        outgoing.refresh_from_db()
        assert outgoing.state == "sent", outgoing.reason
        raw = host.delivered(ADA, before + 1)[-1]
        assert b"ESMTPS" in raw.partition(b"\n\n")[0].replace(b"\r", b"")

    @WAYS
    def test_the_authority_may_be_that_of_the_machine(self, host, secured, way, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", host.authority)
        assert fetching.try_out(secured(way, None)) >= 0

    @WAYS
    def test_a_certificate_that_nobody_vouches_for_is_refused(self, host, secured, way):
        mailbox = secured(way, None)
        with pytest.raises(NotNow, match=r"certificate of 127\.0\.0\.1:\d+ does not hold: .*(issuer|self)"):
            fetching.try_out(mailbox)
        before = len(host.delivered(ADA, 0))
        outgoing = outbox.send(f"n {way}", "reply", "email", identifier_of(ADA), content(ADA), mailbox)
        outbox.step()
        outgoing.refresh_from_db()
        assert outgoing.state == "queued"
        assert "certificate of 127.0.0.1" in outgoing.reason
        assert len(host.delivered(ADA, before)) == before

    def test_a_certificate_for_another_name_is_refused(self, host, secured, monkeypatch):
        mailbox = secured("tls", host.authority)
        monkeypatch.setattr(mailbox, "imap_host", "127.0.0.2")
        with pytest.raises(NotNow, match=r"does not hold: .*127\.0\.0\.2|Nothing listens"):
            fetching.try_out(mailbox)

    def test_tls_at_a_port_that_speaks_none_is_said(self, host, secured):
        mailbox = secured("tls", host.authority)
        mailbox.imap_port = host.imap
        with pytest.raises(NotNow, match=r"does not speak TLS|does not answer|broke"):
            fetching.try_out(mailbox)


@pytest.mark.django_db(transaction=True)
def test_a_running_post_hears_of_a_mail_at_once(host):
    mailbox_at(host, INFO, state="live")
    ending = threading.Event()
    post = Post()
    thread = threading.Thread(target=post.run, args=(ending,))
    thread.start()
    try:
        assert until(lambda: Mailbox.objects.get().checked is not None)
        seen = Arrival.objects.count()
        host.post(ADA, INFO, mail("Hello?", Message_ID="<idle@customer.example>"))
        assert until(lambda: Arrival.objects.filter(message_id="idle@customer.example").exists())
        assert Arrival.objects.count() == seen + 1
    finally:
        ending.set()
        thread.join(20)
        for watch in post.watches.values():
            watch.thread.join(10)
    assert not thread.is_alive()


def until(holds, seconds=30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False

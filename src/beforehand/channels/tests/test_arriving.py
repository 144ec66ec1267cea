"""What comes in is on disk first, understood afterwards, and never dropped."""

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from beforehand.channels import arriving, files, outbox, reading
from beforehand.channels.email import apart
from beforehand.channels.email.tests.mails import bounce, file, mail, several, text
from beforehand.channels.models import Arrival, Blocked, Outgoing
from beforehand.channels.reading import Outcome
from beforehand.channels.tests.people import content, identifier_of, mailbox_of
from beforehand.lib import bus
from beforehand.lib.trouble import Trouble

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox():
    return mailbox_of("help@us.example", state="live", acknowledgement="We have your message.")


@pytest.fixture
def desk(monkeypatch):
    """Stands for the room above: does as told, and keeps what it was asked."""
    asked: list = []

    def placed(arrival, mail, verdict, proof):
        asked.append((arrival, mail, verdict, proof))
        if placed.breaks:
            raise placed.breaks
        who = identifier_of(mail.senders.keys[0]) if mail.senders.keys else None
        return Outcome("placed", "nothing_known", {"conversation": 7, "new": True, "identifier": who and who.pk})

    placed.breaks, placed.asked = None, asked
    monkeypatch.setitem(bus._listeners, "mail.arrived", [placed])
    return placed


def came(raw, mailbox, place="INBOX/1/1", **more) -> Arrival:
    arriving.arrive("email", place, raw, mailbox, **more)
    arriving.read_due()
    return Arrival.objects.get(place=place, mailbox=mailbox)


def test_the_same_place_twice_is_one_and_the_bytes_stay_whole(mailbox, desk):
    raw = bytes(range(256)) + mail()
    first = arriving.arrive("email", "p", raw, mailbox)
    assert arriving.arrive("email", "p", raw, mailbox) == first
    assert files.read(first.raw) == raw
    arriving.read_due()
    assert arriving.read_due() == 0
    assert len(desk.asked) == 1


def test_what_is_understood_is_kept_with_its_evidence(mailbox, desk):
    mailbox.trusted_servers = ["mx.us.example"]
    mailbox.save()
    arrival = came(mail(Authentication_Results="mx.us.example; dmarc=fail header.from=customer.example"), mailbox)
    assert (arrival.state, arrival.verdict, arrival.sender) == ("placed", "human", "ada@customer.example")
    assert arrival.evidence["proof"]["verdict"] == "fail"
    assert arrival.evidence["conversation"] == 7


def test_what_fails_is_tried_again_less_often_and_waits_with_its_reason(mailbox, desk, caplog):
    desk.breaks = ValueError("The desk is on fire.")
    arrival = came(mail(), mailbox)
    assert (arrival.state, arrival.reason) == ("failed", "ValueError: The desk is on fire.")
    waits = []
    for _try in range(len(arriving.BACK_OFF) + 2):
        waits.append(arrival.next_try - timezone.now())
        Arrival.objects.filter(next_try__lt=arriving.NEVER).update(next_try=0)
        arriving.read_due()
        arrival.refresh_from_db()
    tries = len(arriving.BACK_OFF)
    assert waits[:tries] == sorted(waits[:tries])
    assert waits[tries - 1].days < 2 < waits[tries].days
    assert arrival.next_try == arriving.NEVER
    desk.breaks = None
    assert arriving.again(arrival).state == "placed"


def test_nothing_of_a_failed_try_stays_behind(mailbox, desk, caplog):
    desk.breaks = ValueError("late")
    arrival = came(mail(), mailbox)
    assert (arrival.message_id, arrival.evidence) == ("", {})
    assert not Outgoing.objects.exists()


def test_a_mail_that_ends_the_program_takes_none_along_with_it(mailbox, desk, monkeypatch):
    """The first try of fifty ends with the program; from then on each goes alone."""
    for number in range(4):
        arriving.arrive("email", f"p{number}", mail(f"Mail {number}"), mailbox)

    def killed(arrival, mail=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "read", killed)
    with pytest.raises(KeyboardInterrupt):
        arriving.read_due()
    monkeypatch.undo()
    monkeypatch.setitem(bus._listeners, "mail.arrived", [desk])
    assert arriving.read_due() == 0
    Arrival.objects.update(next_try=0)
    assert [arriving.read_due() for _step in range(5)] == [1, 1, 1, 1, 0]
    assert set(Arrival.objects.values_list("state", flat=True)) == {"placed"}


class TestSeveralAtOnce:
    @pytest.fixture
    def four(self, mailbox):
        for number in range(5):
            arriving.arrive("email", f"p{number}", mail(f"Mail {number}", Message_ID=f"<{number}@x>"), mailbox)

    def states(self):
        return list(Arrival.objects.order_by("pk").values_list("state", flat=True))

    def test_one_that_fails_takes_back_its_own_and_nobody_elses(self, four, monkeypatch, caplog):
        def desk(arrival, mail, verdict, proof):
            Blocked.objects.create(key=arrival.place)
            if arrival.place == "p2":
                raise ValueError("Not this one.")
            return Outcome("placed", "nothing_known", {"conversation": 7})

        monkeypatch.setitem(bus._listeners, "mail.arrived", [desk])
        assert arriving.read_due() == 5
        assert self.states() == ["placed", "placed", "failed", "placed", "placed"]
        assert Arrival.objects.get(place="p2").reason == "ValueError: Not this one."
        assert set(Blocked.objects.values_list("key", flat=True)) == {"p0", "p1", "p3", "p4"}

    def test_where_all_of_it_fails_each_is_placed_by_itself(self, four, desk, monkeypatch, caplog):
        once, read = [1], arriving.read

        def breaks(arrival, mail=None):
            if arrival.place in {"p0", "p3"} and once:
                once.clear()
                raise OperationalError("The database hung up.")
            return read(arrival, mail)

        monkeypatch.setattr(arriving, "read", breaks)
        if not connection.features.has_select_for_update:  # Elsewhere each has a transaction of its own anyway.
            arriving.read_due()
            assert self.states() == ["placed"] * 5
            assert len(desk.asked) == 5

    def test_a_parser_that_ends_over_one_goes_on_with_the_others(self, four, desk, caplog):
        ends = [2]

        def parser(jobs):
            for job in jobs:
                if b"Mail 2" in job.path.read_bytes() and ends:
                    ends.clear()
                    raise apart.Ended("The parser ended over this mail (-9).")
                yield from apart.here([job])

        assert arriving.read_due(parser=parser) == 5
        assert self.states() == ["placed", "placed", "failed", "placed", "placed"]
        assert "ended over this mail" in Arrival.objects.get(state="failed").reason

    def test_what_is_too_large_for_one_go_waits_for_the_next(self, four, desk, monkeypatch):
        monkeypatch.setattr(arriving, "MOST_BYTES", 2 * len(mail("Mail 0", Message_ID="<0@x>")))
        assert [arriving.read_due() for _go in range(4)] == [2, 2, 1, 0]

    def test_what_came_before_is_one_and_keeps_its_place_in_the_answer(self, mailbox):
        came = [arriving.Came(f"p{number}", mail(f"Mail {number}")) for number in (0, 1, 0, 2)]
        first = arriving.arrive_all("email", came[:2], mailbox)
        again = arriving.arrive_all("email", came, mailbox)
        assert [one.place for one in again] == ["p0", "p1", "p0", "p2"]
        assert [one.pk for one in again[:2]] == [one.pk for one in first]
        assert Arrival.objects.count() == 3


def test_without_anybody_who_takes_mail_it_waits(mailbox, monkeypatch):
    monkeypatch.setitem(bus._listeners, "mail.arrived", [])
    assert came(mail(), mailbox).reason == "no_desk"


def test_what_is_live_goes_before_an_archive(mailbox, desk):
    arriving.arrive("email", "archive/1", mail("old"), mailbox, origin="archive")
    arriving.arrive("email", "INBOX/1/1", mail("new"), mailbox)
    arriving.read_due(limit=1)
    assert Arrival.objects.get(state="placed").place == "INBOX/1/1"


class TestAcknowledgement:
    def test_a_person_gets_one_that_says_a_machine_wrote_it(self, mailbox, desk):
        came(mail(), mailbox)
        outgoing = Outgoing.objects.get()
        assert outgoing.content["machine"] == "auto-replied"
        assert outgoing.content["to"] == [["Ada Lovelace", "ada@customer.example"]]
        raw = outbox.Mail() and _composed(outgoing)
        assert b"Auto-Submitted: auto-replied" in raw
        assert b"X-Auto-Response-Suppress: All" in raw
        assert b"In-Reply-To: <1@customer.example>" in raw

    def test_at_most_one_a_day_however_much_comes(self, mailbox, desk):
        for number in range(20):
            came(mail(f"Mail {number}", Message_ID=f"<{number}@x>"), mailbox, place=f"p{number}")
        assert Outgoing.objects.count() == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {"Auto_Submitted": "auto-replied"},
            {"Precedence": "bulk"},
            {"From": "MAILER-DAEMON@x.example"},
            {"From": "noreply@x.example"},
            {"List_Id": "<l.x.example>"},
            {"From": "help@us.example"},
            {"From": "a@b.example <c@d.example>"},
            {"X_Auto_Response_Suppress": "All"},
            {"Subject": "Abwesenheit: Urlaub"},
        ],
    )
    def test_machines_ourselves_and_senders_in_doubt_get_none(self, mailbox, desk, headers):
        came(mail(**headers), mailbox)
        assert not Outgoing.objects.exists()

    def test_a_forged_sender_gets_none(self, mailbox, desk):
        mailbox.trusted_servers = ["mx.us.example"]
        mailbox.save()
        came(mail(Authentication_Results="mx.us.example; dmarc=fail header.from=customer.example"), mailbox)
        assert not Outgoing.objects.exists()

    def test_two_desks_do_not_answer_each_other(self, mailbox, desk):
        came(mail(), mailbox)
        answer = _composed(Outgoing.objects.get()).replace(b"help@us.example", b"desk@other.example")
        came(answer.replace(b"Message-ID: <r", b"Message-ID: <x"), mailbox, place="p2")
        assert Outgoing.objects.count() == 1

    @pytest.mark.parametrize("origin", ["archive", "shadow"])
    def test_what_is_old_or_only_shown_sends_nothing(self, mailbox, desk, origin):
        arrival = came(mail(), mailbox, origin=origin)
        assert arrival.state == ("shown" if origin == "shadow" else "placed")
        assert not Outgoing.objects.exists()


def _composed(outgoing) -> bytes:
    from beforehand.channels.email.composing import compose
    from beforehand.channels.email.outward import draft_of

    return compose(draft_of(outgoing))


class TestReturns:
    @pytest.fixture
    def sent(self, mailbox, desk):
        outgoing = outbox.send(
            "k", "reply", "email", identifier_of("ada@customer.example"), content("ada@customer.example"), mailbox
        )
        outgoing.deliveries.update(state="sent")
        return outgoing

    def original(self, outgoing):
        return mail("Dear Ada", Message_ID=f"<{outgoing.message_id}>", From="help@us.example")

    @pytest.mark.parametrize(
        ("status", "action", "state"),
        [("5.1.1", "failed", "bounced"), ("4.4.7", "delayed", "sent"), ("2.0.0", "delivered", "delivered")],
    )
    def test_a_report_marks_the_recipient(self, mailbox, sent, status, action, state):
        came(bounce(status, action, self.original(sent)), mailbox)
        assert sent.deliveries.get().state == state

    def test_a_bounce_tells_the_rooms_above(self, mailbox, sent, monkeypatch):
        heard = []
        monkeypatch.setitem(bus._listeners, "delivery.changed", [lambda delivery: heard.append(delivery.state)])
        came(bounce(original=self.original(sent)), mailbox)
        assert heard == ["bounced"]

    def test_a_bounce_of_somebody_elses_mail_marks_nothing(self, mailbox, sent):
        came(bounce(original=mail(Message_ID="<other@x>")), mailbox)
        assert sent.deliveries.get().state == "sent"

    def test_a_receipt_marks_it_as_read(self, mailbox, sent):
        receipt = several(
            'report; report-type="disposition-notification"',
            text("Read."),
            b"Content-Type: message/disposition-notification\r\n\r\nOriginal-Message-ID: <"
            + sent.message_id.encode()
            + b">\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n",
        )
        came(receipt, mailbox)
        assert sent.deliveries.get().state == "read"


@pytest.mark.slow
class TestLargeAndBad:
    """Through the whole way in, with the real desk above."""

    def test_forty_megabytes(self, mailbox):
        arrival = came(several("mixed", text("See the film."), file("filename=film.mov", b"x" * (30 << 20))), mailbox)
        assert (arrival.state, arrival.verdict) == ("placed", "human")
        assert arrival.raw.size > 40 << 20
        assert "too_large" in [code for code, _detail in arrival.evidence["troubles"]]

    def test_five_hundred_attachments(self, mailbox):
        parts = [file(f"filename={number}.txt", b"%d" % number) for number in range(500)]
        arrival = came(several("mixed", text("All of it."), *parts), mailbox)
        assert arrival.state == "placed"
        message = arrival.messages.get()
        assert message.attachments.count() == 500

    def test_ten_megabytes_of_html_in_one_line(self, mailbox):
        line = "<p>Hi <b>there</b>" * (10 << 20 >> 4)
        arrival = came(mail(line, Content_Type="text/html"), mailbox)
        assert arrival.state == "placed"
        assert arrival.messages.get().text.startswith("Hi there")

    def test_tricks_in_names_of_files_and_in_headers(self, mailbox):
        raw = several(
            "mixed",
            text("x"),
            file('filename="../../../etc/passwd"'),
            file("filename*=utf-8''%2e%2e%2f%2e%2e%2fevil%00.exe"),
            Subject="=?utf-8?q?Hi=0D=0ABcc:_victim@x.example?=",
        )
        arrival = came(raw, mailbox)
        message = arrival.messages.get()
        names = [one.name for one in message.attachments.all()]
        assert not [name for name in names if "/" in name or "\\" in name or "\0" in name or ".." in name]
        assert "\n" not in arrival.subject
        assert "\r" not in arrival.subject


def test_only_what_was_shown_can_be_taken_in(mailbox, desk):
    arrival = came(mail(), mailbox)
    with pytest.raises(Trouble):
        arriving.take_in(arrival)
    with pytest.raises(Trouble):
        arriving.again(arrival)


def test_one_shown_mail_can_be_taken_in_alone(desk, ada):
    mailbox = mailbox_of("new@us.example")
    arrival = came(mail(), mailbox)
    with pytest.raises(Trouble, match="live first"):
        arriving.take_in(arrival)
    mailbox.become("live", ada)
    arrival = Arrival.objects.get()
    assert arriving.take_in(arrival, ada).state == "placed"

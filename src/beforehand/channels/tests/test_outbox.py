"""What leaves: once, through one door, past the guards of its purpose."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from beforehand.channels import brake, outbox
from beforehand.channels.models import Delivery, Mailbox, Outgoing
from beforehand.channels.sending import NotNow, Result
from beforehand.channels.tests.people import content, identifier_of, mailbox_of
from beforehand.customers import consent
from beforehand.customers.identity import describe
from beforehand.lib.trouble import Trouble

pytestmark = pytest.mark.django_db


class Server:
    """A mail server that does as it is told: codes by address, and where it breaks."""

    def __init__(self, codes=None, breaks=""):
        self.codes, self.breaks, self.got = codes or {}, breaks, []

    def prepare(self, outgoing):
        return outbox.Mail().prepare(outgoing)

    def transmit(self, outgoing, deliveries, leaving):
        if self.breaks == "before":
            raise NotNow("Nobody there.")
        results = []
        for delivery in deliveries:
            code = self.codes.get(delivery.address, 250)
            state = {2: "sent", 4: "queued", 5: "failed"}[code // 100]
            results.append(Result(delivery.address, state, str(code), "said so"))
        taken = [result.address for result in results if result.state == "sent"]
        leaving(taken)
        if self.breaks == "after":
            raise NotNow("It hung up.")
        if self.breaks == "kill":
            raise KeyboardInterrupt
        self.got += taken
        return results


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setitem(outbox.WAYS, "email", server)
    return server


@pytest.fixture
def mailbox(db):
    return mailbox_of("help@us.example", state="live")


def send(mailbox, key="k1", purpose="reply", to=("ada@customer.example",), **more):
    return outbox.send(key, purpose, "email", identifier_of(to[0]), content(*to), mailbox, **more)


def states(outgoing):
    outgoing.refresh_from_db()
    return outgoing.state, {each.address: each.state for each in outgoing.deliveries.all()}


def test_whoever_is_slower_with_a_key_gets_the_row_of_who_was_faster(server, mailbox, monkeypatch):
    first = send(mailbox)
    monkeypatch.setattr(outbox._by_key, "first", lambda key: None)
    assert send(mailbox) == first and Outgoing.objects.count() == 1 == Delivery.objects.count()


def test_it_leaves_once_with_one_delivery_for_each(server, mailbox):
    outgoing = send(mailbox, to=("ada@customer.example", "Ben@customer.example"))
    assert send(mailbox, to=("ada@customer.example",)).pk == outgoing.pk
    assert outbox.step() == 1
    assert outbox.step() == 0
    assert server.got == ["ada@customer.example", "ben@customer.example"]
    assert states(outgoing) == ("sent", {"ada@customer.example": "sent", "ben@customer.example": "sent"})


def test_what_a_member_wrote_can_be_taken_back_until_it_leaves(server, mailbox, ada):
    outgoing = send(mailbox, by=ada)
    assert outbox.step() == 0
    assert outbox.take_back(outgoing, ada)
    assert not outbox.take_back(outgoing, ada)
    Outgoing.objects.update(not_before=0)
    assert outbox.step() == 0
    assert server.got == []


def test_four_of_five_are_taken_and_the_fifth_is_shown(server, mailbox):
    to = [f"{letter}@customer.example" for letter in "abcde"]
    server.codes["c@customer.example"] = 550
    outgoing = send(mailbox, to=to)
    outbox.step()
    state, deliveries = states(outgoing)
    assert state == "partly"
    assert deliveries["c@customer.example"] == "failed"
    assert sorted(deliveries.values()).count("sent") == 4
    server.codes.clear()
    outbox.send_again(outgoing)
    outbox.step()
    assert server.got.count("a@customer.example") == 1
    assert server.got.count("c@customer.example") == 1
    assert states(outgoing)[0] == "sent"


def test_who_may_be_reached_later_is_tried_again_alone_and_given_up_after_days(server, mailbox):
    server.codes["b@customer.example"] = 451
    outgoing = send(mailbox, to=("a@customer.example", "b@customer.example"))
    for _try in range(len(outbox.BACK_OFF) + 1):
        outbox.step()
        outgoing.refresh_from_db()
        assert outgoing.state in {"queued", "partly"}
        Outgoing.objects.update(not_before=0)
    assert states(outgoing) == ("partly", {"a@customer.example": "sent", "b@customer.example": "failed"})
    assert server.got == ["a@customer.example"]
    assert sum((outbox.BACK_OFF), timedelta()) > timedelta(days=1.5)


def test_nothing_is_lost_when_nobody_is_there(server, mailbox):
    server.breaks = "before"
    outgoing = send(mailbox)
    outbox.step()
    assert states(outgoing)[0] == "queued"
    assert outgoing.reason == "Nobody there."
    assert outgoing.not_before > timezone.now()


@pytest.mark.parametrize("breaks", ["after", "kill"])
def test_what_was_perhaps_taken_is_never_sent_again_by_itself(server, mailbox, ada, breaks):
    server.breaks = breaks
    outgoing = send(mailbox)
    if breaks == "kill":
        with pytest.raises(KeyboardInterrupt):
            outbox.step()
        assert states(outgoing) == ("sending", {"ada@customer.example": "leaving"})
        assert outbox.step() == 0
        Outgoing.objects.update(leased_until=0)
    outbox.step()
    server.breaks = ""
    assert states(outgoing) == ("unknown", {"ada@customer.example": "unknown"})
    assert outbox.step() == 0
    outbox.accept(outgoing, ada)
    assert states(outgoing) == ("sent", {"ada@customer.example": "sent"})


def test_a_sender_that_died_before_handing_over_leaves_it_to_the_next(server, mailbox):
    outgoing = send(mailbox)
    Outgoing.objects.update(state="sending", leased_until=0)
    outbox.step()
    assert states(outgoing)[0] == "sent"


def test_the_brake_stops_everything_and_lets_it_go_again(server, mailbox, ada):
    brake.pull("A wrong price went out.", ada)
    held = send(mailbox)
    assert (held.state, held.held) == ("held", "brake")
    assert outbox.step() == 0
    brake.release(ada)
    outbox.step()
    assert states(held)[0] == "sent"


def test_too_many_in_an_hour_pull_the_brake(server, mailbox, settings):
    settings.SENDS_AN_HOUR = 3
    for number in range(5):
        send(mailbox, key=f"k{number}")
        outbox.step()
    assert len(server.got) == 3
    assert "3" in brake.standing().why
    brake.release()
    outbox.step()
    assert len(server.got) == 5


def test_a_mailbox_that_watches_sends_nothing(server):
    outgoing = send(mailbox_of("new@us.example"))
    assert (outgoing.state, outgoing.held) == ("held", "watching")
    assert outbox.step() == 0
    assert server.got == []


def test_without_a_live_mailbox_the_member_is_told(db):
    with pytest.raises(Trouble, match="No mailbox is live"):
        send(None)


@pytest.mark.parametrize("to", [(), ("nobody",), ("a@b.example\r\nBcc: c@d.example",)])
def test_what_cannot_be_sent_is_said_at_once(mailbox, to):
    who = identifier_of("ada@customer.example")
    with pytest.raises(Trouble):
        outbox.send("k", "reply", "email", who, content(*to), mailbox)
    assert not Outgoing.objects.exists()


def test_a_later_word_takes_no_better_one_back_but_a_bounce_does(server, mailbox):
    outgoing = send(mailbox)
    outbox.step()
    delivery = outgoing.deliveries.get()
    assert outbox.progress(delivery, "read")
    assert not outbox.progress(delivery, "delivered")
    assert outbox.bounced(outgoing, "ada@customer.example", "5.1.1", "No such user")
    assert not outbox.progress(delivery, "read")
    assert Delivery.objects.get().state == "bounced"


def test_a_soft_bounce_is_noted_and_changes_nothing(server, mailbox):
    outgoing = send(mailbox)
    outbox.step()
    outbox.bounced(outgoing, "ada@customer.example", "4.2.2", "Full", hard=False)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.code) == ("sent", "4.2.2")


class TestGuards:
    @pytest.fixture(autouse=True)
    def reached(self, settings, server, mailbox, monkeypatch):
        settings.URL, settings.QUIET_FROM, settings.QUIET_TO = "https://cx.us.example", 20, 8
        self.mailbox, self.server = mailbox, server
        self.who = identifier_of("ada@customer.example")
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def consent(self, given=True):
        consent.note(self.who, "outreach", given, timezone.now())

    def test_outreach_needs_leave_and_a_reply_does_not(self):
        refused = send(self.mailbox, purpose="outreach")
        assert (refused.state, refused.held) == ("failed", "consent")
        assert send(self.mailbox, key="k2").state == "queued"

    def test_leave_that_was_withdrawn_meanwhile_counts(self):
        self.consent()
        outgoing = send(self.mailbox, purpose="outreach")
        self.now += timedelta(seconds=1)
        self.consent(False)
        outbox.step()
        assert states(outgoing)[0] == "failed"
        assert self.server.got == []

    @pytest.mark.parametrize(("zone", "until"), [("Asia/Tokyo", 23), ("Europe/Dublin", None)])
    def test_quiet_hours_are_those_of_the_customers_own_zone(self, zone, until):
        self.consent()
        describe([(self.who.pk, 1, {"timezone": zone})])
        outgoing = send(self.mailbox, purpose="outreach")
        outbox.step()
        outgoing.refresh_from_db()
        assert outgoing.state == ("queued" if until else "sent")
        if until:
            assert outgoing.held == "quiet"
            assert outgoing.not_before == datetime(2026, 3, 2, until, 0, tzinfo=UTC)
            self.now = outgoing.not_before
            outbox.step()
            assert states(outgoing)[0] == "sent"

    def test_caps_count_over_all_rooms_and_let_the_second_wait(self):
        self.consent()
        consent.note(self.who, "survey", True, timezone.now())
        send(self.mailbox, purpose="survey")
        outbox.step()
        second = send(self.mailbox, key="k2", purpose="outreach")
        outbox.step()
        second.refresh_from_db()
        assert (second.state, second.held) == ("queued", "cap")
        self.now = second.not_before + timedelta(seconds=1)
        outbox.step()
        assert states(second)[0] == "sent"

    def test_without_an_address_for_the_link_no_bulk_leaves(self, settings):
        settings.URL = ""
        self.consent()
        assert send(self.mailbox, purpose="outreach").held == "no_url"


def test_the_state_of_a_mailbox_is_a_row_with_who_and_when(mailbox, ada):
    from beforehand.team.models import AuditEntry

    mailbox.become(Mailbox.State.OFF, ada)
    mailbox.refresh_from_db()
    assert mailbox.state_by == ada
    assert AuditEntry.objects.filter(subject="mailbox help@us.example", member=ada).exists()

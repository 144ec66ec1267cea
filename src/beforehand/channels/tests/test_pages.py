"""The pages on which mailboxes, quarantine and what leaves are looked after."""

import pytest
from django.urls import reverse

from beforehand.channels import arriving, brake, outbox
from beforehand.channels.email.tests.mails import bounce, mail
from beforehand.channels.models import Arrival, Blocked, Mailbox, Outgoing
from beforehand.channels.tests.people import content, identifier_of, mailbox_of
from beforehand.team.models import AuditEntry

pytestmark = pytest.mark.django_db
NEW = {
    "address": "Help@us.example",
    "way": "smtp",
    "imap_host": "imap.us.example",
    "imap_port": 993,
    "imap_security": "tls",
    "folder": "INBOX",
    "smtp_host": "smtp.us.example",
    "smtp_port": 587,
    "smtp_security": "starttls",
    "user": "help@us.example",
    "proof": "password",
    "password": "tulips & pliers",
    "trusted_servers": "mx.us.example",
    "plus": "on",
}


@pytest.fixture
def owner(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def agent(client, ben):
    client.force_login(ben)
    return client


def quarantined(raw=None) -> Arrival:
    arrival = arriving.arrive("email", "p1", raw or bounce(), mailbox_of("help@us.example", state="live"))
    return arriving.read(arrival)


def test_a_new_mailbox_only_watches_and_its_password_is_sealed(owner):
    answer = owner.post(reverse("channels:new_mailbox"), NEW)
    mailbox = Mailbox.objects.get()
    assert answer.url == reverse("channels:mailbox", args=[mailbox.pk])
    assert (mailbox.address, mailbox.state, mailbox.trusted_servers) == (
        "help@us.example", "watching", ["mx.us.example"],
    )  # fmt: skip
    assert "tulips" not in mailbox.secret
    assert mailbox.opened()["password"] == "tulips & pliers"
    page = owner.get(reverse("channels:mailbox_access", args=[mailbox.pk])).content.decode()
    assert "tulips" not in page
    assert mailbox.secret not in page
    assert "tulips" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_an_empty_secret_keeps_the_one_that_is_there(owner):
    owner.post(reverse("channels:new_mailbox"), NEW)
    mailbox = Mailbox.objects.get()
    address = reverse("channels:mailbox_access", args=[mailbox.pk])
    assert owner.post(address, NEW | {"password": "", "name": "Help"}).status_code == 302
    mailbox.refresh_from_db()
    assert (mailbox.name, mailbox.opened()["password"]) == ("Help", "tulips & pliers")


@pytest.mark.parametrize("missing", ["imap_host", "user", "address"])
def test_what_is_missing_is_said_at_its_field(owner, missing):
    answer = owner.post(reverse("channels:new_mailbox"), NEW | {missing: ""})
    assert answer.status_code == 422
    assert not Mailbox.objects.exists()


def test_the_switch_to_live_is_kept_with_who_and_when(owner, ada):
    mailbox = mailbox_of("help@us.example")
    owner.post(reverse("channels:mailbox_state", args=[mailbox.pk]), {"state": "live"})
    mailbox.refresh_from_db()
    assert (mailbox.state, mailbox.state_by) == ("live", ada)
    entry = AuditEntry.objects.get(verb="switched")
    assert entry.detail == {"state": ["watching", "live"]}


def test_what_a_watching_mailbox_would_have_done_is_shown_and_can_be_taken_in(owner, ada):
    mailbox = mailbox_of("help@us.example", acknowledgement="We have it.")
    arriving.arrive("email", "1", mail(), mailbox)
    arriving.arrive("email", "2", bounce(), mailbox)
    arriving.read_due()
    assert set(Arrival.objects.values_list("state", flat=True)) == {"shown"}
    assert not Outgoing.objects.exists()
    page = owner.get(reverse("channels:mailbox", args=[mailbox.pk])).content.decode()
    assert "a new conversation, with an acknowledgement" in page
    assert "into quarantine" in page
    intake = reverse("channels:intake", args=[mailbox.pk])
    owner.post(intake)
    assert Arrival.objects.filter(state="shown").count() == 2
    assert "2 mails came while it only watched" not in page
    owner.post(reverse("channels:mailbox_state", args=[mailbox.pk]), {"state": "live"})
    page = owner.get(reverse("channels:mailbox", args=[mailbox.pk])).content.decode()
    assert "2 mails came while it only watched" in page and "Make conversations of all 2" in page
    assert "with an acknowledgement" not in page
    assert "2 to settle" in owner.get(reverse("channels:mailboxes")).content.decode()
    owner.post(intake)
    arriving.read_due()
    assert sorted(Arrival.objects.values_list("state", flat=True)) == ["placed", "quarantine"]
    assert not Outgoing.objects.exists()  # so late nobody gets an acknowledgement
    arriving.arrive("email", "3", mail(Message_ID="<3@x>"), Mailbox.objects.get())
    arriving.read_due()
    assert Outgoing.objects.get().content["text"] == "We have it."


def test_what_came_while_it_watched_may_be_left_and_single_ones_taken_in_later(owner, ada):
    mailbox = mailbox_of("help@us.example")
    arriving.arrive("email", "1", mail(), mailbox)
    arriving.arrive("email", "2", mail(Message_ID="<2@x>"), mailbox)
    arriving.read_due()
    mailbox.become("live", ada)
    answer = owner.post(reverse("channels:intake", args=[mailbox.pk]), {"leave": "1"}, follow=True)
    assert "2 mails are left out" in answer.content.decode()
    assert set(Arrival.objects.values_list("state", flat=True)) == {"discarded"}
    assert AuditEntry.objects.get(verb="left").detail == {"mails": 2}
    one = Arrival.objects.first()
    owner.post(reverse("channels:rereadings"), {"arrival": [one.pk]})
    one.refresh_from_db()
    assert one.state == "placed"


def test_the_connection_is_tried_and_what_is_wrong_is_said(owner):
    mailbox = mailbox_of("help@us.example", imap_host="127.0.0.1", imap_port=9, smtp_host="127.0.0.1", smtp_port=9)
    page = owner.post(reverse("channels:connection", args=[mailbox.pk]), follow=True).content.decode()
    assert page.count("Nothing listens at 127.0.0.1:9") == 2


def test_quarantine_says_why_and_shows_the_words_but_no_markup(owner):
    arrival = quarantined(mail("<p>Hi<script>alert(1)</script>", Content_Type="text/html", From="<>"))
    assert (arrival.state, arrival.reason) == ("quarantine", "no_sender")
    assert "Without a sender" in owner.get(reverse("channels:quarantine")).content.decode()
    page = owner.get(reverse("channels:arrival", args=[arrival.pk])).content.decode()
    assert "alert(1)" not in page
    raw = owner.get(reverse("channels:raw", args=[arrival.pk]))
    assert b"From: <>\r\n" in b"".join(raw.streaming_content)
    assert raw["Content-Disposition"].startswith("attachment")
    assert raw["Content-Type"] == "application/octet-stream"
    assert "sandbox" in raw["Content-Security-Policy"]


def test_it_can_be_placed_by_hand_into_a_new_conversation(owner, ada):
    arrival = quarantined(mail(From="<>"))
    owner.post(reverse("channels:place", args=[arrival.pk]), {"conversation": ""})
    arrival.refresh_from_db()
    assert (arrival.state, arrival.reason) == ("placed", "by_hand")
    assert AuditEntry.objects.filter(verb="placed", member=ada).exists()


def test_a_conversation_that_is_not_there_is_said(owner):
    arrival = quarantined()
    assert owner.post(reverse("channels:place", args=[arrival.pk]), {"conversation": "999999"}).status_code == 422
    arrival.refresh_from_db()
    assert arrival.state == "quarantine"


def test_discarding_and_processing_again(owner):
    arrival = quarantined()
    owner.post(reverse("channels:discards"), {"arrival": arrival.pk})
    arrival.refresh_from_db()
    assert arrival.state == "discarded"
    owner.post(reverse("channels:rereadings"), {"arrival": arrival.pk})
    arrival.refresh_from_db()
    assert arrival.state == "quarantine"


def test_all_of_a_reason_at_once(owner):
    quarantined()
    assert owner.get(reverse("channels:quarantine") + "?reason=bounce_of_nothing_known").status_code == 200
    owner.post(reverse("channels:discards"), {"all": "yes", "reason": "bounce_of_nothing_known"})
    assert Arrival.objects.get().state == "discarded"


def test_a_blocked_sender_waits_until_they_are_let_in_again(owner):
    owner.post(reverse("channels:blocked"), {"address": "@Customer.example"})
    arrival = quarantined(mail())
    assert (arrival.state, arrival.reason) == ("quarantine", "blocked")
    owner.post(reverse("channels:unblocking", args=[Blocked.objects.get().pk]))
    owner.post(reverse("channels:rereadings"), {"arrival": arrival.pk})
    arrival.refresh_from_db()
    assert arrival.state == "placed"


@pytest.mark.parametrize("address", ["nobody", "@", "help@us.example", "@us.example", "a b@c.example"])
def test_what_cannot_be_blocked_is_said(owner, address):
    mailbox_of("help@us.example")
    assert owner.post(reverse("channels:blocked"), {"address": address}).status_code == 422
    assert not Blocked.objects.exists()


def test_what_is_held_can_be_sent_or_taken_back(owner, ada):
    mailbox = mailbox_of("help@us.example")
    to = content("ada@customer.example")
    first, second = (
        outbox.send(key, "reply", "email", identifier_of("ada@customer.example"), to, mailbox) for key in "ab"
    )
    assert "only watches so far" in owner.get(reverse("channels:outgoing") + "?state=held").content.decode()
    mailbox.become("live", ada)
    owner.post(reverse("channels:sending", args=[first.pk]))
    owner.post(reverse("channels:return", args=[second.pk]))
    assert [Outgoing.objects.get(pk=one.pk).state for one in (first, second)] == ["queued", "cancelled"]
    assert owner.get(reverse("channels:outgoing_one", args=[first.pk])).status_code == 200


def test_the_brake_is_pulled_and_released_on_the_page(owner, ada):
    owner.post(reverse("channels:brake"), {"why": "A wrong price."})
    assert brake.standing().pulled_by == ada
    assert "A wrong price." in owner.get(reverse("channels:outgoing")).content.decode()
    owner.post(reverse("channels:release"))
    assert brake.standing() is None


@pytest.mark.parametrize("name", ["mailboxes", "new_mailbox", "quarantine", "outgoing", "blocked"])
def test_agents_may_not_look_after_these(agent, name):
    assert agent.get(reverse(f"channels:{name}")).status_code == 403

"""Mail by a provider: what it takes, what it tells us later, and calls that it never made."""

import hashlib
import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client

from beforehand.channels import arriving, outbox
from beforehand.channels.email import webhooks
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests.mails import mail
from beforehand.channels.models import Arrival, Delivery
from beforehand.channels.tests.people import content, identifier_of, mailbox_of
from beforehand.customers import consent

pytestmark = pytest.mark.django_db
KEY = "key-of-the-hooks"


class Interface(ThreadingHTTPServer):
    """Mailgun's interface on loopback: answers as told, keeps what it was asked."""

    def __init__(self):
        self.status, self.answer, self.calls, self.hangs = 200, {"id": "<20260302.1@mg.us.example>"}, [], False
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, body))
        if self.server.hangs:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        answer = json.dumps(self.server.answer | {"message": "Queued."}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass


@pytest.fixture
def interface():
    server = Interface()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox(interface):
    return provided("mailgun", f"http://127.0.0.1:{interface.server_port}/v3")


def provided(name, url=""):
    return mailbox_of(
        "help@us.example",
        state="live",
        way="provider",
        provider=name,
        settings={"sender_domain": "mg.us.example", "api_url": url},
        secret={"api_key": "k", "webhook_signing_key": KEY, "server_token": "t"},
    )


def sent(mailbox, *to):
    addresses = to or ("ada@customer.example",)
    outgoing = outbox.send(
        "k", "reply", "email", identifier_of(addresses[0]), content(*addresses, conversation=7), mailbox
    )
    outbox.step()
    outgoing.refresh_from_db()
    return outgoing


def test_it_goes_by_the_interface_with_the_headers_that_thread(interface, mailbox):
    outgoing = sent(mailbox)
    assert outgoing.state == "sent"
    path, body = interface.calls[0]
    assert path == "/v3/mg.us.example/messages"
    assert outgoing.message_id.encode() in body.replace(b"%40", b"@")
    assert b"Reply-To" in body
    assert outgoing.deliveries.get().provider_id == "<20260302.1@mg.us.example>"


@pytest.mark.parametrize(
    ("status", "state", "delivery"),
    [(400, "failed", "failed"), (429, "queued", "queued"), (503, "queued", "queued"), (500, "unknown", "unknown")],
)
def test_what_the_provider_says_is_believed_only_where_it_is_clear(interface, mailbox, status, state, delivery):
    interface.status = status
    outgoing = sent(mailbox)
    assert (outgoing.state, outgoing.deliveries.get().state) == (state, delivery)


def test_a_provider_that_hangs_up_leaves_it_in_doubt_and_one_that_is_away_does_not(interface, mailbox):
    interface.hangs = True
    assert sent(mailbox).state == "unknown"
    interface.shutdown()
    interface.server_close()
    mailbox.settings["api_url"] = "http://127.0.0.1:9/v3"
    mailbox.save()
    again = outbox.send("k2", "reply", "email", identifier_of("b@c.example"), content("b@c.example"), mailbox)
    outbox.step()
    again.refresh_from_db()
    assert again.state == "queued"


def signature(token="t1", timestamp="1772445600", key=KEY):
    made = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"token": token, "timestamp": timestamp, "signature": made}


def event(name, recipient="ada@customer.example", number="e1", **more):
    return {
        "event": name,
        "id": number,
        "timestamp": 1772445600.0,
        "recipient": recipient,
        "message": {"headers": {"message-id": "20260302.1@mg.us.example"}},
        **more,
    }


def call(mailbox, kind, body, **options):
    """As the provider does: no log-in, no CSRF token."""
    client = Client(enforce_csrf_checks=True)
    return client.post(webhooks.webhook(mailbox, kind), body, **options)


def track(mailbox, name, key=KEY, **more):
    body = {"signature": signature(key=key), "event-data": event(name, **more)}
    return call(mailbox, "tracking", json.dumps(body), content_type="application/json")


def test_events_in_any_order_and_twice_say_how_far_it_got(mailbox):
    outgoing = sent(mailbox)
    for name in ("opened", "delivered", "delivered", "accepted"):
        assert track(mailbox, name).status_code == 200
    assert outgoing.deliveries.get().state == "read"
    assert track(mailbox, "failed", severity="permanent").status_code == 200
    assert outgoing.deliveries.get().state == "bounced"
    track(mailbox, "opened")
    assert outgoing.deliveries.get().state == "bounced"


def test_a_failure_that_may_pass_is_only_noted(mailbox):
    outgoing = sent(mailbox)
    track(mailbox, "failed", severity="temporary", **{"delivery-status": {"message": "4.2.2 full"}})
    delivery = outgoing.deliveries.get()
    assert (delivery.state, delivery.detail) == ("sent", "4.2.2 full")


def test_a_forged_call_changes_nothing(mailbox):
    outgoing = sent(mailbox)
    assert track(mailbox, "failed", key="not the key", severity="permanent").status_code == 400
    assert outgoing.deliveries.get().state == "sent"
    address = webhooks.webhook(mailbox, "tracking")
    head, token, kind = address.rsplit("/", 2)
    forged = f"{head}/{token[:-4]}{'a' * 4}/{kind}"
    assert Client().post(forged, "{}", content_type="application/json").status_code == 404


def test_events_of_what_we_never_sent_are_passed_over(mailbox):
    assert track(mailbox, "delivered").status_code == 200
    assert not Delivery.objects.exists()


def test_a_complaint_withdraws_leave(mailbox):
    who = identifier_of("ada@customer.example")
    from django.utils import timezone

    consent.note(who, "outreach", True, timezone.now())
    outgoing = sent(mailbox)
    assert outgoing.identifier == who
    track(mailbox, "complained")
    assert not consent.may(who.customer_id, "outreach", "email")


def inbound(mailbox, raw=None, token="t1", **more):
    fields = signature(token) | {"recipient": "help+r123@us.example", "sender": "ada@customer.example"}
    fields |= {"body-mime": (raw or mail(Message_ID="<m1@customer.example>")).decode("latin-1")} | more
    return call(mailbox, "inbound", fields)


def test_a_mail_that_is_posted_twice_comes_in_once(mailbox):
    assert inbound(mailbox).status_code == 200
    assert inbound(mailbox).status_code == 200
    arrival = Arrival.objects.get()
    assert arriving.files.read(arrival.raw).startswith(b"Delivered-To: help+r123@us.example\r\n")
    arriving.read_due()
    arrival.refresh_from_db()
    assert (arrival.message_id, arrival.sender) == ("m1@customer.example", "ada@customer.example")


def test_a_call_that_cannot_be_understood_waits_whole(mailbox):
    assert inbound(mailbox, attachments="[]").status_code == 200
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.reason) == ("quarantine", "provider_not_understood")
    assert b"attachments" in arriving.files.read(arrival.raw)


def test_postmark_speaks_json_with_a_large_attachment():
    mailbox = provided("postmark")
    large = {"Name": "a.pdf", "ContentType": "application/pdf", "Content": "QUFB" * 2_000_000}
    body = {
        "MessageID": "pm-1",
        "FromFull": {"Email": "ada@customer.example", "Name": "Ada"},
        "ToFull": [{"Email": "help@us.example", "Name": ""}],
        "Subject": "My order",
        "TextBody": "Where is it?",
        "OriginalRecipient": "help@us.example",
        "Headers": [{"Name": "Message-ID", "Value": "<pm@customer.example>"}],
        "Attachments": [large],
    }
    assert call(mailbox, "inbound", json.dumps(body), content_type="application/json").status_code == 200
    arrival = Arrival.objects.get()
    assert arrival.place == "postmark/pm-1"
    (attachment,) = parse(arriving.files.read(arrival.raw)).attachments
    assert attachment.content == b"AAA" * 2_000_000


def test_a_mailbox_that_is_off_takes_no_calls(mailbox):
    address = webhooks.webhook(mailbox, "inbound")
    mailbox.become("off")
    assert Client().post(address, {}).status_code == 404

"""A mail server that hangs, hangs up, repeats itself and keeps mails back: nothing is lost, nothing comes twice."""

import base64
import imaplib
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from imap_tools.errors import ImapToolsError

from beforehand.channels import arriving, files
from beforehand.channels.email import connecting, fetching
from beforehand.channels.email.tests.mails import mail
from beforehand.channels.models import Arrival
from beforehand.channels.post import Watch, access_of, is_fetched
from beforehand.channels.sending import NotNow
from beforehand.channels.tests.imap_server import ImapServer
from beforehand.channels.tests.people import mailbox_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    server = ImapServer({uid: mail(f"Mail {uid}", Message_ID=f"<{uid}@x>") for uid in (3, 5, 9)})
    yield server
    server.close()


@pytest.fixture
def mailbox(server):
    return mailbox_of(
        "help@us.example",
        state="live",
        imap_host="127.0.0.1",
        imap_port=server.port,
        imap_security="none",
        user="help",
        secret={"password": "pass word"},
    )


def fetch(mailbox) -> int:
    mailbox.refresh_from_db()
    with fetching.session(mailbox) as box:
        return fetching.take_new(mailbox, box)


def uids() -> list[int]:
    return sorted(int(place.rpartition("/")[2]) for place in Arrival.objects.values_list("place", flat=True))


def test_everything_comes_once_with_the_time_at_which_the_server_took_it(server, mailbox):
    assert fetch(mailbox) == 3
    assert fetch(mailbox) == 0
    assert uids() == [3, 5, 9]
    assert Arrival.objects.first().received == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    server.mails[12] = mail("Later")
    assert fetch(mailbox) == 1


@pytest.mark.parametrize("verb", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
@pytest.mark.parametrize("fault", ["hangs", "drops"])
def test_one_that_hangs_or_hangs_up_is_said_and_the_next_time_brings_all(server, mailbox, verb, fault):
    getattr(server, fault).add(verb)
    with pytest.raises(NotNow):
        fetch(mailbox)
    getattr(server, fault).clear()
    assert fetch(mailbox) == 3
    assert uids() == [3, 5, 9]


def test_one_that_hangs_up_after_our_commit_brings_nothing_twice(server, mailbox):
    server.drops.add("STORE")
    with pytest.raises(NotNow):
        fetch(mailbox)
    assert uids() == [3, 5, 9]
    server.drops.clear()
    assert fetch(mailbox) == 0


def test_one_that_repeats_itself_and_says_what_nobody_asked_is_heard_once(server, mailbox):
    server.repeats = True
    assert fetch(mailbox) == 3
    assert uids() == [3, 5, 9]
    arriving.read_due()
    assert {one.message_id for one in Arrival.objects.all()} == {"3@x", "5@x", "9@x"}


def test_one_that_refuses_many_is_asked_for_each(server, mailbox):
    server.refuses_many = True
    assert fetch(mailbox) == 3
    assert b"Mail 5" in files.read(Arrival.objects.get(place="INBOX/7/5").raw)


def test_a_mail_that_it_names_and_does_not_give_waits_and_stops_no_other(server, mailbox):
    server.keeps_back.add(5)
    assert fetch(mailbox) == 3
    arriving.read_due()
    withheld = Arrival.objects.get(place="INBOX/7/5")
    assert withheld.state == "quarantine"
    assert b"does not give it" in files.read(withheld.raw)
    assert Arrival.objects.get(place="INBOX/7/9").state == "placed"


def test_a_very_large_mail_is_fetched_in_part(server, mailbox, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_BYTES", 100)
    monkeypatch.setattr(fetching, "MOST_AT_ONCE", 1)
    fetch(mailbox)
    assert any(f"<0.{fetching.CUT_AT}>" in said for said in server.heard)


def test_new_numbers_bring_everything_again_and_it_is_known_by_its_bytes(server, mailbox):
    fetch(mailbox)
    arriving.read_due()
    server.validity = 8
    server.mails = {uid + 100: raw for uid, raw in server.mails.items()}
    assert fetch(mailbox) == 3
    arriving.read_due()
    assert sorted(Arrival.objects.values_list("state", flat=True)) == ["placed"] * 3 + ["repeat"] * 3


def test_a_mailbox_with_much_in_it_begins_with_the_latest(server, mailbox, monkeypatch):
    monkeypatch.setattr(fetching, "FIRST_LOOK", 2)
    assert fetch(mailbox) == 2
    assert uids() == [5, 9]


def test_one_that_hangs_up_while_it_is_listened_to_ends_the_listening(server, mailbox, monkeypatch):
    monkeypatch.setattr(fetching, "TICK", 0.2)
    with fetching.session(mailbox) as box:
        server.drops.add("IDLE")
        with pytest.raises((OSError, imaplib.IMAP4.error, ImapToolsError)):
            fetching.wait(mailbox, box, threading.Event())


def test_without_idle_it_is_asked_from_time_to_time(server, mailbox):
    server.idle = False
    mailbox.settings = {"poll_seconds": 0.05}
    with fetching.session(mailbox) as box:
        fetching.wait(mailbox, box, threading.Event())
    assert "NOOP" in server.heard


def test_trouble_is_written_where_people_read_it(server, mailbox, monkeypatch):
    type(mailbox).objects.update(imap_port=9)
    watch = Watch(mailbox.pk, access_of(mailbox))
    monkeypatch.setattr(watch.ending, "wait", lambda seconds: watch.ending.set())
    monkeypatch.setattr("beforehand.channels.post.connections.close_all", lambda: None)
    monkeypatch.setattr("beforehand.channels.post.close_old_connections", lambda: None)
    watch.run()
    mailbox.refresh_from_db()
    assert "Nothing listens at 127.0.0.1" in mailbox.trouble


def test_a_password_goes_in_the_clear_to_this_machine_alone(mailbox):
    mailbox.imap_host = "mail.us.example"
    with pytest.raises(NotNow, match="Choose TLS"):
        fetch_unsaved(mailbox)


def fetch_unsaved(mailbox):
    with fetching.session(mailbox):
        pass


class TestTokens:
    @pytest.fixture
    def issuer(self):
        asked = []

        class Issuer(BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                answer = {"access_token": f"token {len(asked)}", "expires_in": 3600, "refresh_token": "the next"}
                if "revoked" in asked[-1]:
                    answer = {"error": "invalid_grant"}
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        server = HTTPServer(("127.0.0.1", 0), Issuer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.asked = asked
        yield server
        server.shutdown()
        server.server_close()

    @pytest.fixture
    def granted(self, mailbox, issuer):
        mailbox.proof = "oauth"
        url = f"http://127.0.0.1:{issuer.server_port}/token"
        mailbox.keep_secret({"refresh_token": "first", "client_id": "c", "client_secret": "s", "token_url": url})
        mailbox.save()
        return mailbox

    def test_a_token_is_asked_for_once_and_what_it_is_renewed_by_is_kept(self, server, granted, issuer):
        assert fetch(granted) == 3
        assert base64.b64decode(server.token) == b"user=help\x01auth=Bearer token 1\x01\x01"
        fetch(granted)
        assert len(issuer.asked) == 1
        assert "refresh_token=first" in issuer.asked[0]
        granted.refresh_from_db()
        assert granted.opened()["refresh_token"] == "the next"

    def test_access_that_was_taken_away_is_said(self, granted):
        granted.keep_secret(granted.opened() | {"refresh_token": "revoked"})
        with pytest.raises(NotNow, match="invalid_grant"):
            fetch(granted)

    def test_a_token_is_asked_for_over_tls_only(self, granted):
        granted.keep_secret(granted.opened() | {"token_url": "http://tokens.example/x"})
        with pytest.raises(connecting.NoEntry, match="https"):
            connecting.access_token(granted)


def test_a_renewed_token_does_not_end_the_connection_and_a_new_password_does(mailbox):
    before = access_of(mailbox)
    mailbox.keep_secret(mailbox.opened() | {"access_token": "x", "refresh_token": "y", "expires": 1})
    assert access_of(mailbox) == before
    mailbox.keep_secret({"password": "another"})
    assert access_of(mailbox) != before
    assert is_fetched(mailbox)
    mailbox.state = "off"
    assert not is_fetched(mailbox)

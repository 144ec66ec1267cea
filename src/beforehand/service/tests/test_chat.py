"""The chat's protocol, from the side of a page: what it may say, what it gets to see, and what it never does."""

import json
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from beforehand.channels.chat.identity import signature_of
from beforehand.channels.models import Arrival, ChatWidget, Visitor
from beforehand.lib.rate import limits
from beforehand.service.models import Conversation, Message

SHOP = "https://shop.example"


@pytest.fixture(autouse=True)
def fresh_limits():
    limits.clear()


@pytest.fixture
def chat(db):
    widget, secret = ChatWidget.make(name="Shop", origins=[SHOP])
    widget.test_secret = secret
    return widget


class Page:
    """A page with the widget on it."""

    def __init__(self, client, widget, origin=SHOP):
        self.client, self.widget, self.origin, self.token = client, widget, origin, ""

    def ask(self, method, path, body=None, **more):
        headers = {"Origin": self.origin} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        address = f"/chat/{self.widget.key}/{path}"
        if body is not None:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(address, headers=headers, **more)

    def meet(self, **said):
        answer = self.ask("post", "visitors", said)
        self.token = answer.json().get("token", "")
        return answer

    def say(self, text, key="one", **more):
        return self.ask("post", "messages", {"key": key, "text": text, **more})

    def seen(self, after=0):
        return self.ask("get", f"messages?after={after}").json()


@pytest.fixture
def page(client, chat):
    return Page(client, chat)


@pytest.fixture
def met(page):
    page.meet()
    return page


def test_what_a_visitor_says_is_a_conversation_at_the_desk_and_the_answer_is_in_the_chat(met, ada):
    assert met.say("Where is my parcel?").status_code == 201
    conversation = Conversation.objects.get()
    assert (conversation.channel, conversation.subject) == ("chat", "Where is my parcel?")
    conversation.answer("It comes tomorrow.", by=ada)
    shown = met.seen()["messages"]
    assert [(one["from"], one["text"], one["name"]) for one in shown] == [
        ("you", "Where is my parcel?", ""),
        ("us", "It comes tomorrow.", "Ada"),
    ]


def test_the_same_message_sent_again_counts_once(met):
    first, again = met.say("Hello"), met.say("Hello")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["message"] is None and again.json()["key"] == "one"
    assert Message.objects.count() == Arrival.objects.count() == 1


def test_nothing_is_known_without_the_visitors_token(page):
    assert page.ask("get", "messages").status_code == 401
    page.token = "made-up"
    assert page.ask("get", "messages").status_code == 401
    assert page.say("Hello").json()["code"] == "unknown_visitor"


def test_a_token_of_one_chat_opens_no_other(met, client):
    other, _secret = ChatWidget.make(name="Other")
    elsewhere = Page(client, other)
    elsewhere.token = met.token
    assert elsewhere.ask("get", "messages").status_code == 401


def test_tokens_are_kept_as_hashes(met):
    assert met.token not in Visitor.objects.get().token


def test_only_sites_that_are_named_may_ask(client, chat):
    foreign = Page(client, chat, "https://evil.example")
    answer = foreign.meet()
    assert answer.status_code == 403 and answer.json()["code"] == "wrong_origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
    right = Page(client, chat).ask("options", "messages")
    assert right.status_code == 204 and right["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Credentials" not in right.headers


def test_no_cookie_is_set_by_anything_a_page_asks(met):
    met.say("Hello")
    assert not met.client.cookies
    for path in ("hello", "messages", "widget.js"):
        assert not met.ask("get", path).cookies


def test_a_signed_visitor_sees_what_they_wrote_elsewhere(client, chat, ada):
    for _device in range(2):
        page = Page(client, chat)
        page.meet(user="u-1", signature=signature_of(chat.test_secret, "u-1"))
        page.say(f"From device {_device}", key=f"k{_device}")
    assert [one["text"] for one in page.seen()["messages"]] == ["From device 0", "From device 1"]


def test_an_unsigned_claim_unlocks_nothing(client, chat):
    own = Page(client, chat)
    own.meet(user="u-1", signature=signature_of(chat.test_secret, "u-1"))
    own.say("My secret order")
    for claim in ({"answers": {"email": "u-1@example.com"}}, {"tracker": "chat-1"}, {}):
        stranger = Page(client, chat)
        stranger.meet(**claim)
        assert stranger.seen()["messages"] == []


@pytest.mark.parametrize("signature", ["", "0" * 64, "u-1", "é"])
def test_a_forged_signature_is_refused(page, signature):
    answer = page.meet(user="u-1", signature=signature)
    assert answer.status_code == 403 and answer.json()["code"] == "wrong_signature"
    assert not Visitor.objects.exists()


def test_a_signature_holds_until_its_time_and_no_longer(client, chat):
    now = int(time.time())
    for until, status in ((now + 60, 201), (now - 60, 403)):
        signature = signature_of(chat.test_secret, "u-1", str(until))
        assert Page(client, chat).meet(user="u-1", until=str(until), signature=signature).status_code == status
    # The time is part of what is signed.
    signature = signature_of(chat.test_secret, "u-1", str(now - 60))
    assert Page(client, chat).meet(user="u-1", until=str(now + 60), signature=signature).status_code == 403
    assert Page(client, chat).meet(user="u-1", signature=signature).status_code == 403


def test_another_secret_ends_what_the_old_one_signed(client, chat):
    chat.renew_secret()
    page = Page(client, chat)
    assert page.meet(user="u-1", signature=signature_of(chat.test_secret, "u-1")).status_code == 403


def test_what_is_asked_first_is_asked_for(client, chat):
    chat.change(fields=[{"name": "email", "kind": "email", "required": True}, {"name": "name"}])
    page = Page(client, chat)
    assert page.meet(answers={"name": "Inês"}).status_code == 422
    assert page.meet(answers={"email": "no address"}).status_code == 422
    assert page.meet(answers={"email": "ines@example.com", "name": "Inês"}).status_code == 201


def test_an_address_that_somebody_types_is_no_proof_of_who_they_are(client, chat):
    from beforehand.customers.models import Identifier

    chat.change(fields=[{"name": "email", "kind": "email"}])
    page = Page(client, chat)
    page.meet(answers={"email": "ines@example.com"})
    assert not Identifier.objects.get(kind="email", value="ines@example.com").proved


def test_who_has_the_ball_and_solved_and_not_solved(met, ada):
    met.say("Where is it?")
    assert met.seen()["state"]["ball"] == "us"
    conversation = Conversation.objects.get()
    conversation.answer("Here.", by=ada, then="waiting_customer")
    assert met.seen()["state"]["ball"] == "you"
    assert met.ask("post", "resolution").json()["state"]["ball"] == "done"
    assert met.ask("delete", "resolution").json()["state"]["ball"] == "us"
    conversation.refresh_from_db()
    assert conversation.category == "open" and conversation.waiting_since


def test_solved_by_the_customer_ends_their_wait(met):
    met.say("Where is it?")
    met.ask("post", "resolution")
    conversation = Conversation.objects.get()
    assert conversation.category == "done" and conversation.waiting_since is None


def test_reading_is_known_to_the_desk(met, ada):
    met.say("Hello")
    message = Conversation.objects.get().answer("Hi.", by=ada)
    assert [one.state for one in message.outgoing.deliveries.all()] == ["queued"]
    met.seen()
    assert [one.state for one in message.outgoing.deliveries.all()] == ["delivered"]
    met.ask("post", "reading", {"through": message.pk})
    assert [one.state for one in message.outgoing.deliveries.all()] == ["read"]


def test_notes_and_what_is_held_or_scheduled_are_not_shown(met, ada):
    from datetime import timedelta

    from django.utils import timezone

    met.say("Hello")
    conversation = Conversation.objects.get()
    conversation.write_note("Careful with this one", by=ada)
    conversation.answer("Tomorrow.", by=ada, not_before=timezone.now() + timedelta(days=1))
    assert [one["from"] for one in met.seen()["messages"]] == ["you"]


def test_a_file_goes_with_a_message_and_comes_back(met):
    sent = met.ask("post", "files", data={"file": SimpleUploadedFile("../../etc/p<a>ss.txt", b"hello")})
    assert sent.status_code == 201 and sent.json()["name"] == "p_a_ss.txt"
    met.say("", files=[sent.json()["file"]])
    (file,) = met.seen()["messages"][0]["files"]
    got = met.ask("get", f"files/{file['part']}")
    assert b"".join(got.streaming_content) == b"hello"
    assert "attachment" in got["Content-Disposition"] and "sandbox" in got["Content-Security-Policy"]


def test_a_file_of_one_visitor_is_no_others(met, client, chat):
    sent = met.ask("post", "files", data={"file": SimpleUploadedFile("a.txt", b"hello")}).json()["file"]
    other = Page(client, chat)
    other.meet()
    assert other.say("mine?", files=[sent]).json()["code"] == "unknown_file"
    assert other.ask("get", f"files/{sent}").status_code == 404


def test_too_much_is_refused_in_plain_words(met):
    assert met.say("x" * 10_001).status_code == 413
    assert met.say("").status_code == 400
    assert met.say("no key", key="").status_code == 400
    assert met.say("files", files=["a"] * 6).status_code == 422
    assert met.ask("post", "messages", data="no json", content_type="application/json").status_code == 400
    answers = [met.say(f"again {n}", key=str(n)) for n in range(14)]
    assert answers[0].status_code == 201 and answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0 and answers[-1].json()["code"] == "too_often"


def test_half_a_character_is_kept_as_a_sign_for_it(met):
    assert met.say("half \ud83d of it").status_code == 201
    assert Message.objects.latest("id").text == "half \ufffd of it"


def test_a_stored_script_stays_text(met):
    text = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    met.say(text)
    assert met.seen()["messages"][0]["text"] == text
    assert met.ask("get", "messages")["Content-Type"] == "application/json"


def test_a_chat_that_is_off_says_so(met):
    met.widget.change(on=False)
    assert met.ask("get", "hello").json()["code"] == "no_chat"
    assert met.say("Hello").status_code == 404


def test_the_words_come_in_the_language_of_the_page(page):
    assert page.ask("get", "hello?lang=de-AT").json()["language"] == "de"
    assert page.ask("get", "hello?lang=xx").json()["language"] == "en"
    page.widget.change(languages=["de"])
    assert page.ask("get", "hello?lang=en").json()["language"] == "de"

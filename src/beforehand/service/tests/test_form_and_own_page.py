"""The form and the customer's own page: without script, without cookies, without a log-in."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from beforehand.channels.models import Arrival, ChatWidget
from beforehand.lib.rate import limits
from beforehand.service import own_page
from beforehand.service.models import Conversation, Message

SHOP = "https://shop.example"


@pytest.fixture(autouse=True)
def fresh_limits():
    limits.clear()


@pytest.fixture
def chat(db):
    return ChatWidget.make(name="Shop", origins=[SHOP])[0]


@pytest.fixture
def fill(client, chat):
    def send(**said):
        said = {"email": "ines@example.com", "text": "Where is my parcel?"} | said
        return client.post(f"/chat/{chat.key}/form", said, headers={"Origin": SHOP})

    return send


def test_what_comes_by_the_form_is_a_conversation_and_its_sender_can_see_it(fill, client, ada):
    answer = fill(files=SimpleUploadedFile("a.txt", b"hello"))
    assert answer.status_code == 201
    conversation = Conversation.objects.get()
    assert (conversation.channel, conversation.subject, conversation.kept) == ("form", "Where is my parcel?", "desk")
    assert not conversation.identifier.proved
    assert Arrival.objects.get().door == "form"
    page = own_page.address(conversation)
    assert page in answer.content.decode()
    shown = client.get(page).content.decode()
    assert "Where is my parcel?" in shown and "a.txt" in shown and "The ball is with us" in shown


def test_the_form_counts_once(fill):
    fill(key="k"), fill(key="k")
    assert Message.objects.count() == 1


def test_the_form_speaks_the_readers_language_unless_it_is_told_another(client, chat):
    german = {"Accept-Language": "de-AT,de;q=0.9"}
    assert "Schreiben Sie uns" in client.get(f"/chat/{chat.key}/form", headers=german).content.decode()
    assert "Write to us" in client.get(f"/chat/{chat.key}/form?lang=en", headers=german).content.decode()
    chat.languages = ["en"]
    chat.save()
    assert "Write to us" in client.get(f"/chat/{chat.key}/form", headers=german).content.decode()


def test_what_a_machine_fills_in_waits_as_spam(fill, client, chat):
    fill(website="https://spam.example")
    shown = client.get(f"/chat/{chat.key}/form").content.decode()
    fill(at=shown.split('name="at" value="')[1].split('"')[0])
    fill(at="forged")
    assert {one.kept for one in Conversation.objects.all()} == {"spam"}


def test_the_form_says_what_is_missing_and_keeps_what_was_written(fill):
    for said, words in (({"email": "nobody"}, "e-mail address"), ({"text": " "}, "write a message")):
        answer = fill(**{"text": "My long story"} | said)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert "My long story" in fill(email="nobody", text="My long story").content.decode()
    assert not Conversation.objects.exists()


def test_the_form_is_bounded(fill):
    assert [fill(key=str(n)).status_code for n in range(6)] == [201] * 5 + [429]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{SHOP}/thanks", 302),
        ("https://evil.example/", 201),
        ("//evil.example/", 201),
        (f"{SHOP}@evil.example/", 201),
        (f"{SHOP}\\@evil.example/", 201),
        (f"{SHOP}.evil.example/", 201),
        ("javascript:alert(1)", 201),
        ("http://[", 201),
    ],
)
def test_the_form_goes_on_to_the_companys_own_pages_only(fill, address, status):
    answer = fill(next=address)
    assert answer.status_code == status
    assert answer.headers.get("Location", address) == address


def test_the_form_stands_in_frames_of_named_sites_only(client, chat):
    answer = client.get(f"/chat/{chat.key}/form")
    assert f"frame-ancestors 'self' {SHOP}" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    chat.change(origins=["https://a.example; script-src *"])
    assert "script-src" not in client.get(f"/chat/{chat.key}/form")["Content-Security-Policy"]


def test_neither_sets_a_cookie(fill, client, chat):
    fill()
    client.get(f"/chat/{chat.key}/form"), client.get(own_page.address(Conversation.objects.get()))
    assert not client.cookies


def test_a_stored_script_is_shown_as_text(fill, client):
    fill(text="<script>alert(1)</script>", key="k")
    conversation = Conversation.objects.get()
    Conversation.objects.update(subject="<img src=x onerror=alert(1)>")
    shown = client.get(own_page.address(conversation)).content.decode()
    assert "<script" not in shown and "<img" not in shown and "&lt;script&gt;" in shown


def test_the_customer_writes_on_closes_and_opens_again(fill, client, ada):
    fill()
    conversation = Conversation.objects.get()
    page = own_page.address(conversation)
    conversation.write_note("Not for customers", by=ada)
    for _twice in range(2):
        client.post(f"{page}/messages", {"text": "One more thing", "key": "k"})
    assert conversation.messages.filter(kind="inbound").count() == 2
    client.post(f"{page}/resolution")
    conversation.refresh_from_db()
    assert conversation.category == "done"
    shown = client.get(page).content.decode()
    assert "This is done" in shown and "Not for customers" not in shown
    client.post(f"{page}/reopening")
    conversation.refresh_from_db()
    assert conversation.category == "open" and conversation.waiting_since


def test_what_is_done_is_not_called_late_and_its_customer_may_say_no(fill, client, ada):
    """A colleague closed it without an answer: the clock runs on, but two sentences that disagree help nobody."""
    fill()
    conversation = Conversation.objects.get()
    conversation.resolve(by=ada)
    Conversation.objects.update(due=timezone.now() - timedelta(days=1))
    shown = client.get(own_page.address(conversation)).content.decode()
    assert "This is done" in shown and "later than we said" not in shown and "It is not solved" in shown


def test_looking_at_a_link_changes_nothing(fill, client):
    fill()
    conversation = Conversation.objects.get()
    page = own_page.address(conversation)
    for path in (page, f"{page}/resolution", f"{page}/reopening", f"{page}/messages"):
        client.get(path)
    through = conversation.through
    conversation.refresh_from_db()
    assert conversation.through == through


def test_a_link_that_is_forged_or_old_opens_nothing(fill, client, monkeypatch):
    fill()
    conversation = Conversation.objects.get()
    token = own_page.token_of(conversation)
    for wrong in (token[:-1] + ("a" if token[-1] != "a" else "b"), "x", token.swapcase()[:-2], "a" * 500):
        assert client.get(f"/c/{wrong}").status_code == 404
    now = own_page.time.time()
    monkeypatch.setattr(own_page.time, "time", lambda: now + 366 * 86_400)
    assert own_page.conversation_of(token) is None


def test_the_page_shows_no_other_customers_words_after_a_merge(fill, client, ada):
    fill(email="a@example.com", text="From A", key="a")
    fill(email="b@example.com", text="From B", key="b")
    first, second = Conversation.objects.order_by("pk")
    first.merge(second, by=ada)
    first.refresh_from_db()
    shown = client.get(own_page.address(first)).content.decode()
    assert "From A" in shown and "From B" not in shown

"""Messages in the reader's language: a server that does as it is told, and what a member sees of it."""

import socket
import threading
import time

import pytest
from django.core.cache import caches
from django.test import Client

from beforehand.lib import env
from beforehand.lib.rate import limits
from beforehand.service import translating
from beforehand.service.models import Conversation, Message
from beforehand.service.tests.desk import asks, fresh, person, rows
from beforehand.service.tests.translator import GOOD, translator
from beforehand.team.models import Team

pytestmark = pytest.mark.django_db
NAME = "BEFOREHAND_TRANSLATE_URL"


@pytest.fixture
def server(settings):
    with translator() as server:
        settings.TRANSLATE_URL, settings.TRANSLATE_KEY = f"http://127.0.0.1:{server.server_port}", "s3cret"
        yield server


@pytest.fixture(autouse=True)
def nothing_known(settings):
    settings.CACHES = settings.CACHES | {
        "translations": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "test translations"}
    }
    caches["translations"].clear()
    limits.clear()
    translating._Server.down_until = 0


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def place(talk, message=None):
    return f"/conversations/{talk.pk}/messages/{(message or talk.thread().first()).pk}/translation"


def page(desk, talk):
    return desk.get(f"/conversations/{talk.pk}").content.decode()


def test_a_message_is_translated_beside_the_original_and_nowhere_else(desk, server, caplog):
    talk = asks("Wo ist es?\n\nBald?")
    before = (rows(), Message.objects.values_list().get(), fresh(talk).through)
    assert "Translate</button>" in page(desk, talk)
    shown = desk.post(place(talk)).content.decode()
    assert "Translated from German by 127.0.0.1" in shown and "<p>Where is it?</p>" in shown
    assert "&lt;b&gt;Soon&lt;/b&gt;" in shown and "Only the original" in shown
    sent = {"q": "Wo ist es?\n\nBald?", "source": "auto", "target": "en", "format": "text", "api_key": "s3cret"}
    assert server.got == [("/translate", sent)]
    assert (rows(), Message.objects.values_list().get(), fresh(talk).through) == before
    assert "Where is it?</p>" not in page(desk, talk) and "s3cret" not in caplog.text
    assert "Translate</button>" in desk.get(place(talk)).content.decode()


def test_it_is_asked_once_for_a_language_and_again_when_the_words_are_gone(desk, server):
    talk = asks("Wo ist es?")
    for _twice in range(2):
        assert "Where is it?" in desk.post(place(talk)).content.decode()
    assert len(server.got) == 1
    desk.post(place(talk), headers={"Accept-Language": "de"})
    assert server.got[1][1]["target"] == "de"
    Message.objects.update(text="[forgotten]")
    server.says = GOOD | {"translatedText": "Nothing."}
    assert "Nothing." in desk.post(place(talk)).content.decode()


def test_only_what_is_new_is_sent_and_not_more_than_fits(desk, server, settings, monkeypatch):
    monkeypatch.setattr(translating, "LONGEST", 10)
    settings.TRANSLATE_KEY = ""
    talk = asks("Wo ist es denn nur?\n> quoted")
    Message.objects.update(reply_ends=19)
    assert "only its beginning" in desk.post(place(talk)).content.decode()
    assert server.got[0][1] == {"q": "Wo ist es ", "source": "auto", "target": "en", "format": "text"}


@pytest.mark.parametrize(
    ("says", "status", "told"),
    [
        ({"error": "Invalid API key s3cret"}, 403, "refuses: Invalid API key …"),
        ({"error": "Slowdown: 20 per minute"}, 429, "refuses: Slowdown"),
        (b"<html>Bad gateway</html>", 502, "refuses: 502"),
        (GOOD, 302, "refuses: 302"),
        (b"<html>Hello</html>", 200, "makes no sense"),
        (b"\xff\xfe", 200, "makes no sense"),
        (b"[" * 100_000, 200, "makes no sense"),
        ([1], 200, "makes no sense"),
        ({"translatedText": ["a"]}, 200, "makes no sense"),
        ({"translatedText": "  "}, 200, "makes no sense"),
        ({"translatedText": "x" * 500_000}, 200, "makes no sense"),
        ({"translatedText": "Same", "detectedLanguage": {"language": "en"}}, 200, "in your language already"),
    ],
)
def test_what_the_server_refuses_or_garbles_is_said_in_plain_words(desk, server, caplog, says, status, told):
    server.says, server.status = says, status
    talk = asks("Wo ist es?")
    shown = desk.post(place(talk)).content.decode()
    assert told in shown and 'role="alert"' in shown and "Translate</button>" in shown
    assert "s3cret" not in caplog.text + shown and [path for path, _said in server.got] == ["/translate"]
    server.says, server.status = GOOD, 200
    assert "Where is it?" in desk.post(place(talk)).content.decode()  # a refusal is not remembered


@pytest.mark.parametrize("detected", [None, "de", {}, {"language": 7}, {"language": "tlh"}, {"language": "<b>\ud800"}])
def test_a_language_that_nobody_knows_does_no_harm(desk, server, detected):
    server.says = {"translatedText": "Half \ud800 a sign\0", "detectedLanguage": detected}
    shown = desk.post(place(asks("Wo ist es?"))).content.decode()
    assert "Half \ufffd a sign\ufffd" in shown and "<b>" not in shown


@pytest.mark.parametrize("how", ["hangs", "dribbles", "never ends", "is gone", "breaks off"])
def test_a_server_that_does_not_answer_is_left_and_not_asked_again_at_once(
    desk, server, settings, how, monkeypatch, caplog
):
    monkeypatch.setattr(translating, "PATIENCE", 0.3)
    if how == "hangs":
        server.waits = 2
    elif how == "dribbles":
        server.piece, server.between, server.length = 1, 0.05, False
    elif how == "never ends":
        server.says, server.piece, server.between, server.length = b"x" * 10_000_000, 1000, 0.01, False
    elif how == "is gone":
        with socket.create_server(("127.0.0.1", 0)) as free:
            settings.TRANSLATE_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
    elif how == "breaks off":
        server.status = -1
    begun, talk = time.monotonic(), asks("Wo ist es?")
    for _twice in range(2):
        assert "does not answer. Ask again in a minute." in desk.post(place(talk)).content.decode()
    assert time.monotonic() - begun < 2 and len(server.got) == (how != "is gone")
    assert caplog.text.count("does not answer") == 1
    server.waits = server.between = 0


def test_an_answer_in_chunks_is_read_whole(desk, server):
    server.piece, server.length = 10, False
    assert "Where is it?" in desk.post(place(asks("Wo ist es?"))).content.decode()


def test_only_a_few_wait_at_once_and_nobody_asks_without_end(desk, server, monkeypatch):
    talk = asks("Wo ist es?")
    monkeypatch.setattr(translating, "_places", threading.BoundedSemaphore(1))
    with translating._places:
        assert "Others are having messages translated" in desk.post(place(talk)).content.decode()
    monkeypatch.setattr(translating, "RATE", translating.Rate(2, 1))
    server.status = 500
    said = [desk.post(place(talk)).content.decode() for _again in range(3)]
    assert "refuses" in said[0] and "Ask again in" in said[-1] and len(server.got) < 3


def test_who_may_not_read_it_has_nothing_translated(desk, server, ada, ben, vic):
    talk, other = asks("Wo ist es?"), asks("Und das?", "ben@example.org")
    assert desk.post(place(talk, other.thread().first())).status_code == 404
    talk.assign(ada, team=Team.objects.create(name="Others"))
    desk.force_login(ben)
    assert desk.post(place(talk)).status_code == 404 == desk.get(place(talk)).status_code
    desk.force_login(vic)
    assert desk.post(place(other)).status_code == 403
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada)
    assert careful.post(place(talk)).status_code == 403
    assert server.got == []


def test_it_is_offered_where_the_reader_may_not_understand(desk, server, ada, mailbox, settings):
    talk = asks("Wo ist es?")
    talk.answer("Bald.", ada)
    talk.write_note("Nur für uns.", ada)
    assert page(desk, talk).count("Translate</button>") == 1  # what we wrote is in our language
    for language, count in (("de-AT", 2), ("en-GB", 0), ("", 1)):
        Conversation.objects.update(language=language)
        assert page(desk, talk).count("Translate</button>") == count
    note = talk.thread().get(kind="note")
    assert "There is nothing to translate" in desk.post(place(talk, note)).content.decode()
    settings.TRANSLATE_URL = ""
    assert "Translate</button>" not in page(desk, talk)
    assert "nobody has set up a server" in desk.post(place(talk)).content.decode() and server.got == []


def test_a_message_without_words_is_not_translated(desk, server):
    talk = Conversation.begin(person(), "email", "Photo")
    talk.receive("  ")
    assert "Translate</button>" not in page(desk, talk)


@pytest.mark.parametrize(
    "url", ["http://translate.example", "ftp://127.0.0.1", "translate.example", "https://", "http://[::"]
)
def test_it_is_called_over_an_open_line_only_where_somebody_says_so(monkeypatch, url):
    monkeypatch.setenv(NAME, url)
    with pytest.raises(env.BadSetting, match=f"{NAME} must begin with https://"):
        env.address(NAME)
    for good in ("https://translate.example/", "http://localhost:5000", "http://[::1]:5000", ""):
        monkeypatch.setenv(NAME, good)
        assert env.address(NAME) == good.rstrip("/")
    monkeypatch.setenv(NAME, "http://translate.example")
    assert env.address(NAME, plain=True)

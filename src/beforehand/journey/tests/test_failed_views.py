import json

import pytest
from django.urls import reverse

from beforehand.journey.models import FailedMessage, Source, Touchpoint

pytestmark = pytest.mark.django_db
GOOD = {"type": "track", "event": "x", "userId": "u1"}


@pytest.fixture
def manager(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def fail():
    source = Source.objects.create(name="Shop", kind="server")
    numbers = iter(range(100_000))

    def fail(body='{"type":"track","event":"x"}', reason="no_user_anon_id"):
        return FailedMessage.objects.create(
            source=source, request=next(numbers), received=1, reason=reason, detail="because", body=body
        )

    return fail


@pytest.mark.parametrize("name", ["failed", "failed_message", "replays", "dismissals", "dismissal"])
def test_agents_and_strangers_stay_out(client, ben, fail, name):
    message = fail(json.dumps(GOOD))
    url = reverse(f"journey:{name}", args=[message.pk] if name in {"failed_message", "dismissal"} else [])
    assert client.post(url).status_code == 302
    client.force_login(ben)
    assert client.post(url, {"message": message.pk, "body": json.dumps(GOOD)}).status_code in {403, 405}
    assert FailedMessage.objects.get().state == "waiting"


def test_when_nothing_waits_the_page_says_so(manager):
    assert "Nothing waits" in manager.get(reverse("journey:failed")).content.decode()
    assert "Nothing was settled" in manager.get(reverse("journey:failed"), {"state": "settled"}).content.decode()


def test_messages_are_listed_by_reason_with_their_number(manager, fail):
    fail(), fail(), fail(reason="bad_timestamp")
    page = manager.get(reverse("journey:failed"))
    assert [(tab["title"], tab["count"]) for tab in page.context["tabs"]] == [
        ("Waiting", 3), ("No id", 2), ("Unreadable time", 1), ("Settled", None),
    ]  # fmt: skip
    assert len(manager.get(reverse("journey:failed"), {"reason": "bad_timestamp"}).context["page"]) == 1
    assert len(manager.get(reverse("journey:failed"), {"reason": "\x00'; drop"}).context["page"]) == 0


def test_a_message_is_mended_and_processed(manager, fail, ada):
    message = fail()
    url = reverse("journey:failed_message", args=[message.pk])
    assert "userId" in manager.get(url).content.decode()
    assert manager.post(url, {"body": '{"type":"\0"}'}).status_code == 422
    again = manager.post(url, {"body": '{"type":"track"}'})
    assert again.status_code == 422 and "still cannot" in again.content.decode()
    assert ">{&quot;type&quot;:&quot;track&quot;}</textarea>" in again.content.decode()
    assert manager.post(url, {"body": json.dumps(GOOD, indent=1).replace("\n", "\r\n")}).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.settled_by) == ("replayed", ada)
    assert Touchpoint.objects.get().name == "x"
    manager.post(url, {"body": json.dumps(GOOD | {"event": "y"})})
    assert Touchpoint.objects.count() == 1


def test_many_are_processed_again_and_the_rest_is_counted(manager, fail):
    good, bad = fail(json.dumps(GOOD)), fail()
    other = fail(json.dumps(GOOD | {"event": "z"}))
    answer = manager.post(reverse("journey:replays"), {"message": [good.pk, bad.pk]}, follow=True)
    words = [str(message) for message in answer.context["messages"]]
    assert words[0] == "1 message went through." and words[1].startswith("1 message still fails.")
    other.refresh_from_db()
    assert other.state == "waiting"


def test_all_of_a_reason_can_be_dismissed(manager, fail, ada):
    fail(), fail(), fail(reason="bad_timestamp")
    manager.post(reverse("journey:dismissals"), {"all": "yes", "reason": "no_user_anon_id"})
    assert FailedMessage.objects.filter(state="dismissed", settled_by=ada).count() == 2
    settled = manager.get(reverse("journey:failed"), {"state": "settled"})
    assert len(settled.context["page"]) == 2


def test_one_can_be_dismissed(manager, fail):
    message = fail()
    manager.post(reverse("journey:dismissal", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == "dismissed"


def test_choosing_nothing_says_so(manager, fail):
    fail()
    answer = manager.post(reverse("journey:replays"), {"message": ["x", "-1", "9" * 40]}, follow=True)
    assert "Tick the messages first." in answer.content.decode()


@pytest.mark.parametrize("body", ['"\ufffd', "[" * 5000, "<script>alert(1)</script>", '{"a":"</textarea><script>"}'])
def test_any_text_can_be_looked_at(manager, fail, body):
    message = fail(body, reason="invalid_json")
    page = manager.get(reverse("journey:failed_message", args=[message.pk]))
    assert (
        page.status_code == 200 and b"<script>alert" not in page.content and b"</textarea><script>" not in page.content
    )
    assert manager.get(reverse("journey:failed")).status_code == 200

import gzip
import json

import pytest

from beforehand.customers.models import Identifier
from beforehand.journey.cursor import drained_through
from beforehand.journey.drain import drain
from beforehand.journey.forgetting import forget
from beforehand.journey.intake import Intake, Request
from beforehand.journey.models import DrainCursor, FailedMessage, Source, Touchpoint

pytestmark = pytest.mark.django_db
ADA = {"type": "track", "event": "Ada's order", "userId": "ada", "messageId": "a1"}
BEN = {"type": "track", "event": "Ben's order", "userId": "ben", "messageId": "b1", "properties": {"friend": "ada"}}


@pytest.fixture
def receive(settings):
    source = Source.objects.create(name="Shop", kind="server")

    def receive(body, path="/v1/batch"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        with Intake(settings.INTAKE) as intake:
            intake.append([Request(1, source.pk, 1, path, "", body)])

    return receive


def stored(settings):
    with Intake(settings.INTAKE) as intake:
        return [json.loads(request.body) for request in intake.read(0, 100)]


def of(*values):
    return list(Identifier.objects.filter(value__in=values).values_list("pk", flat=True))


def test_only_the_messages_of_the_person_go(receive, settings):
    receive({"batch": [ADA, BEN], "sentAt": "2026-03-01T10:00:00Z", "context": {"a": 1}})
    receive({"batch": [BEN]})
    drain()
    assert forget(of("ada")) == {"part": "intake", "messages": 1, "failed": 0}
    first, second = stored(settings)
    assert first["batch"] == [None, BEN] and first["sentAt"] and first["context"] == {"a": 1}
    assert second == {"batch": [BEN]}


def test_the_rest_can_be_drained_again_as_the_same_messages(receive):
    undated = {"type": "track", "event": "Ben's order", "userId": "ben"}
    receive({"batch": [ADA, undated]})
    drain()
    before = set(Touchpoint.objects.filter(identifier__value="ben").values_list("message_id", flat=True))
    forget(of("ada"))
    DrainCursor.objects.update(position=0)
    assert drain().added == 0 and drained_through() == 1
    assert set(Touchpoint.objects.filter(identifier__value="ben").values_list("message_id", flat=True)) == before


@pytest.mark.parametrize(
    "message",
    [
        {"type": "identify", "anonymousId": "x", "traits": {"email": "Ada@X.example"}},
        {"type": "identify", "anonymousId": "x", "traits": {"phone": "(0043) 1 234-567"}},
        {"type": "alias", "userId": "x", "previousId": "ada"},
        {"type": "track", "event": "x", "anonymousId": "x", "context": {"externalIds": [{"type": "crm", "id": "7"}]}},
        {"type": "track", "event": "x", "userId": "J\u00fcrgen"},
    ],
)
def test_a_person_is_known_by_any_of_their_names(receive, settings, message):
    receive(gzip.compress(json.dumps({"batch": [message, BEN]}).encode()))
    for kind, value in [("email", "ada@x.example"), ("phone", "+431234567"), ("user_id", "ada"),
                        ("external", "crm:7"), ("user_id", "Jürgen")]:  # fmt: skip
        receive({"batch": [{"type": "identify", "userId": "z", "traits": {}}]})
        from beforehand.customers.identity import Claim, identify

        identify([Claim(kind, value, True)])
    names = of("ada@x.example", "+431234567", "ada", "crm:7", "Jürgen")
    assert forget(names)["messages"] == 1
    assert stored(settings)[0]["batch"] == [None, BEN]


def test_a_single_call_becomes_nothing(receive, settings):
    receive(ADA, path="/v1/track")
    drain()
    forget(of("ada"))
    assert stored(settings) == [{"batch": []}]
    DrainCursor.objects.update(position=0)
    assert drain().messages == 0


def test_failed_messages_that_name_the_person_go_too(receive):
    receive({"batch": [ADA, {"type": "nonsense", "userId": "ada"}, {"type": "nonsense", "userId": "adamant"}]})
    drain()
    assert forget(of("ada")) == {"part": "intake", "messages": 2, "failed": 1}
    assert "adamant" in FailedMessage.objects.get().body

import json
from collections import Counter

import pytest
from django.db import DataError
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from beforehand.customers.models import Customer, Edge, Erasure, Identifier, Membership
from beforehand.journey import booking
from beforehand.journey.cursor import drained_through
from beforehand.journey.drain import Drain, drain
from beforehand.journey.intake import Intake, Request
from beforehand.journey.keys import identity_token
from beforehand.journey.models import FailedMessage, Journey, Source, Touchpoint
from beforehand.journey.retention import purge

pytestmark = pytest.mark.django_db
NOW = 1_772_359_200_000_000
TRACK = {"type": "track", "event": "Order placed", "userId": "u1"}


@pytest.fixture
def shop():
    return Source.objects.create(name="Shop", kind="server")


@pytest.fixture
def site():
    return Source.objects.create(name="Site", kind="browser")


@pytest.fixture
def receive(settings):
    def receive(source, *messages, path="/v1/batch", received=NOW, **around):
        body = json.dumps({"batch": list(messages), **around}).encode()
        with Intake(settings.INTAKE) as intake:
            intake.append([Request(received, source.pk, 1, path, "", body)])

    return receive


def names():
    return list(Touchpoint.objects.order_by("id").values_list("name", flat=True))


def customer_of(kind, value, proved=True):
    return Identifier.objects.get(kind=kind, value=value, proved=proved).customer_id


def test_a_request_becomes_touchpoints(shop, receive):
    receive(shop, TRACK | {"messageId": "m1", "timestamp": "2026-03-01T09:00:00Z", "properties": {"total": 9}})
    assert drain() == (1, 1, 1, 0)
    touchpoint = Touchpoint.objects.get()
    assert (touchpoint.name, touchpoint.message_id, touchpoint.source) == ("Order placed", "m1", shop)
    assert (touchpoint.identifier.kind, touchpoint.identifier.value) == ("user_id", "u1")
    assert touchpoint.properties == {"total": 9} and touchpoint.sent_as["userId"] == "u1"
    assert touchpoint.time.isoformat() == "2026-03-01T09:00:00+00:00"
    assert Journey.objects.get().touchpoints == 1


def test_draining_again_adds_nothing(shop, receive):
    receive(shop, TRACK, TRACK)
    assert drain().added == 2
    assert drain() == (0, 0, 0, 0)


def test_reading_the_same_requests_again_adds_nothing(shop, receive):
    receive(shop, TRACK, TRACK, TRACK | {"timestamp": "2026-03-01T09:00:00Z"}, {"type": "track"})
    drain()
    booking.Booking().forget()
    from beforehand.journey.models import DrainCursor

    DrainCursor.objects.update(position=0)
    again = drain()
    assert (again.messages, again.added) == (4, 0)
    assert FailedMessage.objects.count() == 1


def test_the_same_message_id_counts_once_in_its_source(shop, site, receive):
    receive(shop, TRACK | {"messageId": "m1"})
    receive(shop, TRACK | {"messageId": "m1"})
    receive(site, TRACK | {"messageId": "m1"})
    assert drain().added == 2


def test_a_bad_message_waits_and_the_rest_goes_on(shop, receive):
    receive(shop, TRACK, {"type": "track", "event": "x"}, TRACK | {"event": "Next"})
    assert drain() == (1, 3, 2, 1)
    failed = FailedMessage.objects.get()
    assert (failed.reason, failed.position, failed.state) == ("no_user_anon_id", 1, "waiting")
    assert names() == ["Order placed", "Next"]


@pytest.mark.parametrize("nobody", ["null", "guest", "0000", "anonymous"])
def test_a_message_of_nobody_waits(shop, receive, nobody):
    receive(shop, TRACK | {"userId": nobody})
    drain()
    failed = FailedMessage.objects.get()
    assert failed.reason == "names_nobody" and nobody in failed.body


def test_a_guest_hangs_on_the_browsers_id(shop, receive):
    receive(shop, TRACK | {"userId": "guest", "anonymousId": "b1"})
    drain()
    assert Touchpoint.objects.get().identifier.value == "b1"


def test_a_message_that_the_database_refuses_goes_aside_alone(shop, receive, monkeypatch):
    insert = booking.insert

    def picky(rows):
        if any(row.name == "Poison" for row in rows):
            raise DataError("no such thing")
        return insert(rows)

    monkeypatch.setattr(booking, "insert", picky)
    receive(shop, TRACK, TRACK | {"event": "Poison"}, TRACK | {"event": "Next"})
    assert drain() == (1, 3, 2, 1)
    assert names() == ["Order placed", "Next"]
    assert FailedMessage.objects.get().reason == "unexpected"


def test_a_server_joins_a_browsers_past_to_the_person(shop, site, receive):
    receive(site, {"type": "page", "anonymousId": "b1"})
    traits = {"name": "Ada", "email": "ada@x.example"}
    receive(shop, {"type": "identify", "userId": "u1", "anonymousId": "b1", "traits": traits})
    drain()
    assert (
        customer_of("user_id", "u1")
        == customer_of("anonymous_id", "b1", False)
        == customer_of("email", "ada@x.example")
    )
    assert Customer.objects.get(pk=customer_of("user_id", "u1")).name == "Ada"
    assert names() == ["Page viewed", "$identify"]
    assert Journey.objects.get(customer=customer_of("user_id", "u1")).touchpoints == 1


def test_a_browsers_claim_does_not_reach_a_known_customer(shop, site, receive):
    receive(shop, TRACK)
    receive(site, {"type": "identify", "userId": "u1", "anonymousId": "thief", "traits": {"name": "Mallory"}})
    receive(site, {"type": "alias", "userId": "u1", "previousId": "u1", "anonymousId": "thief"})
    drain()
    assert customer_of("anonymous_id", "thief", False) != customer_of("user_id", "u1")
    assert Customer.objects.get(pk=customer_of("user_id", "u1")).name == "u1"


@pytest.mark.parametrize("claim_first", [True, False])
def test_a_claim_on_a_known_user_id_is_for_a_member_to_judge(shop, site, receive, claim_first):
    claim = (site, {"type": "identify", "userId": "u1", "anonymousId": "b1"})
    for source, message in [claim, (shop, TRACK)] if claim_first else [(shop, TRACK), claim]:
        receive(source, message)
        drain()
    twins = Edge.objects.get(first__value="u1", second__value="u1")
    assert not twins.verified and twins.skipped
    assert (
        customer_of("anonymous_id", "b1", False) == customer_of("user_id", "u1", False) != customer_of("user_id", "u1")
    )


def test_a_signed_token_joins_the_browser_to_the_person(shop, site, receive):
    receive(shop, TRACK)
    receive(
        site, {"type": "page", "userId": "u1", "anonymousId": "b1", "context": {"identityToken": identity_token("u1")}}
    )
    drain()
    assert customer_of("anonymous_id", "b1", False) == customer_of("user_id", "u1")


def test_a_group_makes_a_company_and_a_browser_cannot_rename_it(shop, site, receive):
    receive(shop, {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"name": "Acme"}})
    receive(site, {"type": "group", "anonymousId": "b1", "groupId": "acme", "traits": {"name": "Hacked"}})
    drain()
    assert {membership.company.name for membership in Membership.objects.select_related("company")} == {"Acme"}
    assert Membership.objects.count() == 2


def test_what_the_drain_remembers_ends_when_somebody_is_erased(shop, receive):
    running = Drain()
    receive(shop, TRACK)
    running.step()
    Touchpoint.objects.all().delete()
    Journey.objects.all().delete()
    Identifier.objects.all().delete()
    Customer.objects.all().delete()
    Erasure.objects.create()
    receive(shop, TRACK)
    running.step()
    running.close()
    assert Touchpoint.objects.get().identifier.value == "u1"


def test_a_step_that_is_undone_leaves_nothing_and_is_done_again(shop, receive, monkeypatch):
    running = Drain()
    receive(shop, TRACK | {"anonymousId": "b1"})
    from django.db import OperationalError

    insert = booking.insert
    monkeypatch.setattr(booking, "insert", lambda rows: (_ for _ in ()).throw(OperationalError("disk I/O error")))
    with pytest.raises(OperationalError):
        running.step()
    assert not Identifier.objects.exists() and drained_through() == 0
    monkeypatch.setattr(booking, "insert", insert)
    assert running.step().added == 1
    assert Edge.objects.count() == 1
    running.close()


def test_a_clock_that_jumps_changes_no_order_and_loses_nothing(shop, receive):
    day = 86_400_000_000
    for number, received in enumerate([NOW, NOW - 400 * day, NOW + 400 * day, NOW - day]):
        receive(shop, TRACK | {"event": f"Step {number}"}, received=received)
        drain()
    assert names() == ["Step 0", "Step 1", "Step 2", "Step 3"]
    receive(shop, TRACK | {"event": "Undrained"}, received=0)
    purge()
    assert drain().added == 1


def test_two_drains_take_turns(shop, receive, monkeypatch):
    one, other = Drain(), Drain()
    receive(shop, TRACK)
    read = one._read
    monkeypatch.setattr(one, "_read", lambda *args: (read(*args), other.step())[0])
    assert one.step().added == 0
    one.close(), other.close()
    assert names() == ["Order placed"] and drained_through() == 1


def test_texts_that_are_too_long_are_cut_and_ids_stay_apart(shop, receive):
    long = {"event": "x" * 300, "context": {"page": {"path": "/" + "p" * 500}, "channel": "c" * 50}}
    receive(shop, *[TRACK | long | {"messageId": "m" * 300 + str(n)} for n in range(2)])
    assert drain().added == 2
    touchpoint = Touchpoint.objects.first()
    assert [len(getattr(touchpoint, field)) for field in ("name", "place", "channel", "message_id")] == [
        200,
        400,
        40,
        200,
    ]


def test_a_long_list_is_drained_in_steps(shop, receive):
    for number in range(7):
        receive(shop, *[TRACK | {"messageId": f"{number}-{n}"} for n in range(10)])
    running = Drain()
    assert [running.step(25).requests for _ in range(4)] == [3, 3, 1, 0]
    running.close()
    assert Touchpoint.objects.count() == 70


def test_raw_requests_go_when_they_are_old_and_drained(shop, receive, settings):
    receive(shop, TRACK, received=NOW - 1000 * 86_400_000_000)
    assert purge() == 0
    drain()
    assert purge() == 1
    assert names() == ["Order placed"]


def test_a_failed_message_can_be_mended_and_goes_in_once(shop, receive):
    receive(shop, {"event": "x", "timestamp": "2026-03-01T11:59:00Z"}, path="/v1/batch", sentAt="2026-03-01T12:00:00Z")
    drain()
    failed = FailedMessage.objects.get()
    assert failed.replay() is False and failed.state == "waiting"
    assert failed.replay(body='{"type":"track"') is False and failed.reason == "invalid_json"
    mended = json.dumps(TRACK | {"timestamp": "2026-03-01T11:59:00Z"})
    assert failed.replay(body=mended) is True
    assert (failed.state, failed.settled is not None) == ("replayed", True)
    assert failed.replay() is True
    touchpoint = Touchpoint.objects.get()
    assert touchpoint.time.isoformat() == "2026-03-01T09:59:00+00:00"
    assert Journey.objects.get().touchpoints == 1


def test_a_failed_single_call_remembers_its_path(shop, settings):
    with Intake(settings.INTAKE) as intake:
        intake.append([Request(NOW, shop.pk, 1, "/v1/track", "", b'{"event":"x"}')])
    drain()
    failed = FailedMessage.objects.get()
    assert failed.replay(body='{"event":"x","userId":"u1"}') is True
    assert names() == ["x"]


def test_a_message_of_nobody_can_be_given_an_owner(shop, receive):
    receive(shop, TRACK | {"userId": "null"})
    drain()
    failed = FailedMessage.objects.get()
    assert failed.replay() is False
    assert failed.replay(body=failed.body.replace("null", "u9")) is True


def test_a_dismissed_message_is_settled(shop, receive):
    receive(shop, {"type": "track"})
    drain()
    failed = FailedMessage.objects.get()
    failed.dismiss()
    assert FailedMessage.objects.get().state == "dismissed" and not Touchpoint.objects.exists()


people = st.sampled_from(["u1", "u2", None])
devices = st.sampled_from(["b1", "b2", None])
calls = st.builds(
    lambda kind, user, device, number, second: {
        "type": kind, "event": "x", "userId": user, "anonymousId": device, "messageId": f"m{number}",
        "groupId": "acme", "previousId": "b2", "timestamp": f"2026-03-01T09:00:{second:02d}Z",
        "traits": {"email": f"{user}@x.example", "seen": second},
    },
    st.sampled_from(["track", "page", "identify", "group", "alias"]), people, devices,
    st.integers(0, 15), st.integers(0, 59),
)  # fmt: skip


def state():
    """Everything that follows from the messages, without row numbers."""
    groups = {}
    for identifier in Identifier.objects.select_related("customer"):
        groups.setdefault(identifier.customer_id, set()).add((identifier.kind, identifier.value, identifier.proved))
    return (
        Counter(Touchpoint.objects.values_list("message_id", "identifier__value", "time")),
        sorted(map(sorted, groups.values())),
        sorted(Identifier.objects.values_list("kind", "value", "traits")),
        sorted(Membership.objects.values_list("identifier__value", "company__key", "since")),
    )


@profile(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls, min_size=1, max_size=12, unique_by=lambda call: call["messageId"]), st.randoms(), st.booleans())
def test_any_order_and_repetition_of_messages_gives_the_same(settings, messages, random, verified):
    from django.db import transaction

    states = []
    shuffled = messages + random.sample(messages, len(messages) // 2)
    random.shuffle(shuffled)
    for order in (messages, shuffled):
        settings.INTAKE.unlink(missing_ok=True)
        for suffix in ("-wal", "-shm"):
            settings.INTAKE.with_name(settings.INTAKE.name + suffix).unlink(missing_ok=True)
        with transaction.atomic():
            source = Source.objects.create(name="Any", kind="server" if verified else "browser")
            with Intake(settings.INTAKE) as intake:
                for message in order:
                    body = json.dumps({"batch": [message]}).encode()
                    intake.append([Request(NOW, source.pk, 1, "/v1/batch", "", body)])
            drain(limit=3)
            states.append(state())
            transaction.set_rollback(True)
    assert states[0] == states[1]

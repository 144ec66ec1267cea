"""What waits for members on their devices: what is pushed, when it is not, and which devices may be pushed to."""

import json
import time

import pytest
from django.urls import reverse

from beforehand.channels.models import Outgoing, PushDevice
from beforehand.channels.push import vouching
from beforehand.channels.push.encrypting import point
from beforehand.channels.push.tests.test_push import AUTH, ENDPOINT, THEIRS, device_of
from beforehand.service import presence
from beforehand.service.tests.deskful import asks
from beforehand.team import availability
from beforehand.team.models import Team

pytestmark = pytest.mark.django_db
GIVEN = {"endpoint": ENDPOINT, "keys": {"p256dh": vouching.letters(point(THEIRS)), "auth": vouching.letters(AUTH)}}
JSON = "application/json"


@pytest.fixture
def given(ben, django_capture_on_commit_callbacks):
    def given():
        talk = asks("Ines C", "Where is it?", "text")
        with django_capture_on_commit_callbacks(execute=True):
            talk.assign(owner=ben)
        return talk

    return given


def pushes():
    return list(Outgoing.objects.filter(channel="push").order_by("pk"))


def test_what_waits_is_pushed_once_to_whoever_let_it_be(given, ben):
    given()
    assert pushes() == []  # no device
    device_of(ben)
    talk = given()
    first = pushes()[0]
    assert first.purpose == "operational" and first.identifier is None and first.automatic
    assert first.content["url"] == f"/conversations/{talk.pk}" and first.content["about"] == [talk.pk]
    assert "Ines C" in first.content["title"] and first.content["body"] == "Where is it?"


def test_whoever_has_the_desk_open_or_is_away_is_left_alone(given, ben):
    device_of(ben)
    presence.write_desks({ben.pk: time.time_ns() // 1000 + presence.AT_DESK_MICROS})
    given()
    presence.write_desks({ben.pk: 0})
    availability.say(ben, "away")
    given()
    assert pushes() == []


def test_nothing_is_pushed_to_whoever_may_not_read_it(ben, django_capture_on_commit_callbacks):
    device_of(ben)
    talk = asks("Ines C", "Where is it?", "text")
    with django_capture_on_commit_callbacks(execute=True):
        talk.assign(owner=ben)
        type(talk).objects.filter(pk=talk.pk).update(owner=None, team=Team.objects.create(name="Others"))
    assert pushes() == []


def test_a_browser_is_put_on_the_list_and_taken_off(client, ben):
    client.force_login(ben)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    for _twice in range(2):
        put = client.post("/desk/devices", json.dumps(GIVEN), content_type=JSON, headers={"User-Agent": agent})
        assert put.status_code == 200
    device = PushDevice.objects.get()
    assert (device.member, device.name, device.made_for) == (ben, "Firefox, Linux", vouching.server_key())
    page = client.get(reverse("service:notices")).content.decode()
    assert "Firefox, Linux" in page and vouching.server_key() in page
    client.delete("/desk/devices", json.dumps({"endpoint": ENDPOINT}), content_type=JSON)
    assert not PushDevice.objects.exists()


def test_whoever_logs_out_leaves_no_device_behind(client, ben):
    client.force_login(ben)
    client.post(reverse("service:devices"), json.dumps(GIVEN), JSON)
    assert PushDevice.objects.exists()
    client.post(reverse("account_logout"))
    assert not PushDevice.objects.exists()


def test_a_browser_that_somebody_else_logs_in_at_is_theirs_and_nobody_takes_off_anothers(client, ada, ben):
    client.force_login(ben)
    client.post("/desk/devices", json.dumps(GIVEN), content_type=JSON)
    device = PushDevice.objects.get()
    client.force_login(ada)
    assert client.post(reverse("service:device_removal", args=[device.pk])).status_code == 404
    client.delete("/desk/devices", json.dumps({"endpoint": ENDPOINT}), content_type=JSON)
    assert PushDevice.objects.get().member == ben
    client.post("/desk/devices", json.dumps(GIVEN), content_type=JSON)
    assert PushDevice.objects.get().member == ada
    client.post(reverse("service:device_removal", args=[device.pk]))
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        "nonsense",
        "[]",
        "{}",
        '"x"',
        json.dumps(GIVEN | {"endpoint": "https://127.0.0.1:8000/x"}),
        json.dumps(GIVEN | {"endpoint": "https://[::1"}),
        json.dumps(GIVEN | {"endpoint": ENDPOINT + "x" * 2000}),
        json.dumps(GIVEN | {"endpoint": ENDPOINT + "\0"}),
        json.dumps(GIVEN | {"keys": None}),
        json.dumps(GIVEN | {"keys": {"p256dh": "é", "auth": "!"}}),
        json.dumps(GIVEN | {"keys": {**GIVEN["keys"], "auth": "AAAA"}}),
        json.dumps(GIVEN | {"keys": {**GIVEN["keys"], "p256dh": vouching.letters(b"\x04" + bytes(64))}}),
    ],
)
def test_what_cannot_be_pushed_to_is_refused_in_plain_words(client, ben, sent):
    client.force_login(ben)
    answer = client.post("/desk/devices", sent, content_type=JSON)
    assert answer.status_code == 422 and answer.json()["error"].endswith(".") and not PushDevice.objects.exists()


def test_a_member_has_ten_devices_at_most(client, ben):
    client.force_login(ben)
    for n in range(12):
        client.post("/desk/devices", json.dumps(GIVEN | {"endpoint": f"{ENDPOINT}{n}"}), content_type=JSON)
    assert PushDevice.objects.count() == 10
    assert not PushDevice.objects.filter(endpoint=f"{ENDPOINT}0").exists()


def test_the_desk_can_be_put_on_a_home_screen(client, ada):
    worker = client.get("/desk/worker.js")
    assert worker.status_code == 200 and worker["Content-Type"].startswith("text/javascript")
    told = client.get("/desk/app.webmanifest")
    assert told["Content-Type"] == "application/manifest+json"
    assert told.json()["start_url"] == "/desk" and told.json()["display"] == "standalone"
    client.force_login(ada)
    assert '<link rel="manifest" href="/desk/app.webmanifest">' in client.get("/desk").content.decode()

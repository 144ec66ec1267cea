"""Pushes: encrypted as the RFC's own example, vouched for, sent by services that are known and nowhere else."""

import json
from datetime import timedelta

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils import timezone

from beforehand.channels import brake, outbox
from beforehand.channels.models import Outgoing, PushDevice
from beforehand.channels.push import outward, vouching
from beforehand.channels.push.encrypting import CURVE, encrypt, point
from beforehand.lib.trouble import Trouble

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"
AUTH = b"0123456789abcdef"
THEIRS = ec.derive_private_key(12345, CURVE)


def scalar(text):
    return ec.derive_private_key(int.from_bytes(vouching.bytes_of(text), "big"), CURVE)


def test_the_example_of_rfc_8291_comes_out_to_the_letter():
    """Section 5 of the RFC."""
    device = scalar("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        point(device),
        vouching.bytes_of("BTBZMqHH6r4Tts7J_aSIgg"),
        scalar("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        vouching.bytes_of("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert vouching.letters(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def opened(body):
    """As the device opens it."""
    salt, ours, sealed = body[:16], body[21:86], body[86:]
    agreed = THEIRS.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, ours))

    def derive(secret, salt, info, length):
        return HKDF(hashes.SHA256(), length, salt, info).derive(secret)

    key = derive(agreed, AUTH, b"WebPush: info\0" + point(THEIRS) + ours, 32)
    nonce = derive(key, salt, b"Content-Encoding: nonce\0", 12)
    plain = AESGCM(derive(key, salt, b"Content-Encoding: aes128gcm\0", 16)).decrypt(nonce, sealed, None)
    return json.loads(plain.removesuffix(b"\x02"))


def test_no_two_messages_are_alike_and_none_is_too_long():
    assert encrypt(b"x", point(THEIRS), AUTH) != encrypt(b"x", point(THEIRS), AUTH)
    with pytest.raises(ValueError, match="3900"):
        encrypt(b"x" * 4000, point(THEIRS), AUTH)


def test_the_word_for_the_service_is_signed_and_says_whom_it_is_for(settings):
    settings.URL = "https://desk.example"
    word = vouching.vouch(ENDPOINT, vouching.server_key())
    said, key = word.removeprefix("vapid t=").split(", k=")
    head, claims, signature = said.split(".")
    assert json.loads(vouching.bytes_of(head)) == {"typ": "JWT", "alg": "ES256"}
    told = json.loads(vouching.bytes_of(claims))
    assert (told["aud"], told["sub"]) == ("https://updates.push.services.mozilla.com", "https://desk.example")
    raw = vouching.bytes_of(signature)
    signed = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, vouching.bytes_of(key))
    public.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def test_a_replaced_secret_still_vouches_for_older_devices(settings):
    old = vouching.server_key()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert vouching.server_key() != old and vouching.vouch(ENDPOINT, old)
    settings.SECRET_KEY_FALLBACKS = []
    assert vouching.vouch(ENDPOINT, old) is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com:x/x",
        "https://user@fcm.googleapis.com/x",
        "https://[::1/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_known_services_are_called(endpoint):
    assert not outward.is_service(endpoint)
    assert outward.is_service(ENDPOINT) and outward.is_service("https://fcm.googleapis.com/fcm/send/x")


class Service:
    """Stands for the push service."""

    def __init__(self, monkeypatch):
        self.status, self.got = 201, []
        monkeypatch.setattr(requests, "post", self.post)

    def post(self, url, **facts):
        self.got.append((url, facts))
        if isinstance(self.status, Exception):
            raise self.status
        answer = requests.Response()
        answer.status_code = self.status
        return answer


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setitem(outbox.WAYS, "push", outward.Push())
    return Service(monkeypatch)


def device_of(member, endpoint=ENDPOINT):
    keys = {"p256dh": vouching.letters(point(THEIRS)), "auth": vouching.letters(AUTH)}
    return PushDevice.objects.create(member=member, endpoint=endpoint, made_for=vouching.server_key(), **keys)


def pushed(member, key="push 1", until=timedelta(hours=1)):
    content = {"member": member.pk, "title": "Ines waits for you", "body": "Where is it?", "url": "/conversations/1"}
    content |= {"tag": "desk-1", "until": (timezone.now() + until).isoformat()}
    return outbox.send(key, "operational", "push", None, content, automatic=True)


@pytest.mark.django_db
def test_what_is_pushed_reads_only_the_device(service, ada):
    device_of(ada)
    sent = pushed(ada)
    outbox.step()
    ((url, facts),) = service.got
    assert url == ENDPOINT and b"Ines" not in facts["data"] and facts["allow_redirects"] is False
    assert facts["headers"]["Content-Encoding"] == "aes128gcm" and 3500 < int(facts["headers"]["TTL"]) <= 3600
    told = opened(facts["data"])
    assert told == {"title": "Ines waits for you", "body": "Where is it?", "url": "/conversations/1", "tag": "desk-1"}
    sent.refresh_from_db()
    assert sent.state == "sent"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "state", "left"),
    [(404, "failed", 0), (410, "failed", 0), (413, "failed", 1), (429, "queued", 1), (503, "queued", 1)],
)
def test_what_the_service_says_is_heard(service, ada, status, state, left):
    device_of(ada)
    sent, service.status = pushed(ada), status
    outbox.step()
    sent.refresh_from_db()
    assert (sent.state, PushDevice.objects.count()) == (state, left)


@pytest.mark.django_db
def test_a_service_that_does_not_answer_holds_up_nobody(service, ada):
    device_of(ada)
    service.status = requests.ConnectTimeout()
    for n in range(5):
        pushed(ada, f"push {n}")
    outbox.step()
    assert len(service.got) == 1  # the others wait with it
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.django_db
def test_what_comes_too_late_is_not_pushed_and_the_brake_holds_it(service, ada):
    device_of(ada)
    late = pushed(ada, until=timedelta(seconds=-1))
    outbox.step()
    late.refresh_from_db()
    assert late.state == "failed" and not service.got
    brake.pull("a test")
    assert pushed(ada, "push 2").state == "held"


@pytest.mark.django_db
def test_pushes_do_not_pull_the_brake_and_need_a_device(service, ada, settings):
    settings.SENDS_AN_HOUR = 1
    with pytest.raises(Trouble):
        pushed(ada)
    device_of(ada)
    pushed(ada)
    pushed(ada, "push 2")
    outbox.step()
    assert len(service.got) == 2 and brake.watch(timezone.now()) is None


@pytest.mark.django_db
def test_a_device_of_a_key_that_is_gone_goes_too(service, ada, settings):
    device_of(ada)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", []
    sent = pushed(ada)
    outbox.step()
    sent.refresh_from_db()
    assert sent.state == "failed" and not PushDevice.objects.exists() and not service.got

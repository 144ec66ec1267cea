import hashlib
import hmac

import pytest

from beforehand.journey.keys import Bucket, Ring, identity_secret, identity_token, vouches
from beforehand.journey.models import Source, WriteKey
from beforehand.journey.models.intake import KeyNotPossible
from beforehand.team.models import AuditEntry

database = pytest.mark.django_db


@database
def test_the_text_of_a_servers_key_is_kept_nowhere():
    key, text = WriteKey.create("Shop", "server")
    row = WriteKey.objects.values().get(pk=key.pk)
    assert not any(text in str(value) for value in row.values())
    assert not any(text in str(value) for entry in AuditEntry.objects.values() for value in entry.values())
    assert text.startswith(key.hint.removesuffix("…"))


@database
def test_a_browsers_key_can_be_shown_again():
    key, text = WriteKey.create("Site", "browser")
    assert key.hint == text and text.startswith("bw_") and key.per_second == 1000


@database
def test_a_source_keeps_its_kind():
    WriteKey.create("Shop", "browser")
    with pytest.raises(KeyNotPossible, match="Shop"):
        WriteKey.create("Shop", "server")
    assert Source.objects.get().kind == "browser"


@database
@pytest.mark.parametrize("origin", ["shop.example", "ftp://shop.example", "https://shop.example/path", "*", ""])
def test_what_is_no_site_is_refused(origin):
    with pytest.raises(KeyNotPossible):
        WriteKey.create("Site", "browser", origins=[origin])
    assert not WriteKey.objects.exists()


@database
def test_a_site_is_kept_as_browsers_name_it():
    key, _ = WriteKey.create("Site", "browser", origins=["HTTPS://Shop.Example/"])
    assert key.origins == ["https://shop.example"]


@database
def test_a_revoked_key_is_off_the_ring():
    key, text = WriteKey.create("Shop", "server")
    ring = Ring()
    ring.refresh()
    assert ring.find(text).id == key.pk
    key.revoke()
    ring.refresh()
    assert ring.find(text) is None
    assert AuditEntry.objects.filter(verb="revoked write key").count() == 1


def test_a_bucket_refills_with_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("beforehand.journey.keys.time.monotonic", lambda: now[0])
    bucket = Bucket(10)
    assert bucket.take(25) == 0
    assert bucket.take(1) == 2
    now[0] += 1.0
    assert bucket.take(1) == 1
    now[0] += 0.7
    assert bucket.take(1) == 0


def test_a_token_is_made_with_nothing_but_the_secret():
    made = hmac.new(identity_secret().encode(), b"user-7", hashlib.sha256).hexdigest()
    assert made == identity_token("user-7")
    assert vouches(made, "user-7")
    assert not vouches(made, "user-8")
    assert not vouches("", "user-7") and not vouches("é", "user-7")


def test_the_secret_is_not_the_programs_own(settings):
    assert settings.SECRET_KEY not in identity_secret()

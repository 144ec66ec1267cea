"""Write keys and the failed lane by command."""

import json

import pytest
from click.testing import CliRunner

from beforehand.cli.failed import failed
from beforehand.cli.keys import keys
from beforehand.journey.keys import identity_secret, identity_token
from beforehand.journey.models import FailedMessage, Source, Touchpoint, WriteKey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def run(monkeypatch):
    monkeypatch.setattr("beforehand.cli.keys.ready", lambda: None)
    monkeypatch.setattr("beforehand.cli.failed.ready", lambda: None)

    def run(command, *arguments, input=None):
        return CliRunner().invoke(command, [str(argument) for argument in arguments], input=input)

    return run


def test_a_key_is_made_listed_and_revoked(run):
    made = run(keys, "create", "Web shop", "--kind", "browser", "--origin", "https://a.example", "--per-second", 5)
    key = WriteKey.objects.get()
    assert key.hint in made.output and (key.origins, key.per_second) == (["https://a.example"], 5)
    assert "in force" in run(keys, "list").output
    assert run(keys, "revoke", key.pk).exit_code == 0
    assert "revoked" in run(keys, "list").output
    assert run(keys, "revoke", 99).exit_code == 1


def test_quiet_prints_the_key_alone(run):
    text = run(keys, "create", "Shop", "--kind", "server", "--quiet").output.strip()
    assert text.startswith("bs_") and " " not in text


def test_a_site_that_is_none_is_refused(run):
    done = run(keys, "create", "Shop", "--origin", "shop")
    assert done.exit_code == 1 and "is no site" in done.output


def test_tokens_are_made(run):
    assert run(keys, "token", "u1").output.strip() == identity_token("u1")
    assert run(keys, "secret").output.strip() == identity_secret()


def test_the_failed_lane_is_worked_off(run):
    source = Source.objects.create(name="Shop", kind="server")
    for number in range(3):
        FailedMessage.objects.create(
            source=source, request=number, received=0, reason="no_event", body='{"type":"track","userId":"u1"}'
        )
    first, second, third = FailedMessage.objects.order_by("pk")
    assert "3 wait." in run(failed, "list").output
    assert '"userId":"u1"' in run(failed, "show", first.pk).output
    assert run(failed, "replay", first.pk).exit_code == 1
    body = json.dumps({"type": "track", "event": "x", "userId": "u1"})
    assert "1 of 1" in run(failed, "replay", first.pk, "--body", "-", input=body).output
    assert Touchpoint.objects.get().name == "x"
    assert "1 dismissed" in run(failed, "dismiss", second.pk).output
    assert "0 of 1" in run(failed, "replay", "--all").output
    third.dismiss()
    assert "Nothing waits." in run(failed, "list").output
    assert run(failed, "show", 99).exit_code == 1

"""`beforehand members`: the same verbs without a browser."""

import pytest
from click.testing import CliRunner

from beforehand.cli.members import members
from beforehand.team.models import AuditEntry, Member


@pytest.fixture
def run(db, monkeypatch):
    monkeypatch.setattr("beforehand.cli.ready.ready", lambda: None)
    return lambda *words: CliRunner().invoke(members, words)


def test_the_first_owner_is_invited_by_command_and_gets_in(run, client):
    link = run("invite", "ada@example.com", "--name", "Ada", "--role", "owner").stdout.strip()
    path = link.removeprefix("http://127.0.0.1:8000")
    client.post(path, {"name": "Ada", "password": "a lantern in fog", "again": "a lantern in fog"})
    assert Member.objects.owners().get().email == "ada@example.com"


def test_a_reset_prints_a_link_and_is_noted(run, ada):
    assert "/welcome/" in run("reset", "ADA@example.com").stdout
    assert AuditEntry.objects.get().verb == "made a link for"


def test_a_lost_phone_can_be_forgiven_by_command(run, ada):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(ada, "JBSWY3DPEHPK3PXP")
    run("reset", "ada@example.com")
    assert Authenticator.objects.filter(user=ada).exists()
    run("reset", "ada@example.com", "--second-step")
    assert not Authenticator.objects.filter(user=ada).exists()
    assert AuditEntry.objects.filter(verb="turned off second step of").exists()


def test_roles_and_accounts_change(run, ada, ben):
    run("role", "ben@example.com", "owner")
    run("leave", "ada@example.com")
    assert list(Member.objects.owners()) == [ben]
    run("return", "ada@example.com")
    assert Member.objects.owners().count() == 2


def test_the_list_names_everybody_and_how_they_stand(run, ada, ben):
    ben.leave(by=ada)
    out = run("list").stdout
    assert "ada@example.com" in out and "closed" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("leave", "ada@example.com"), "last owner"),
        (("role", "ada@example.com", "agent"), "last owner"),
        (("reset", "nobody@example.com"), "Nobody has the address"),
        (("invite", "ada@example.com"), "member already"),
        (("invite", "nonsense"), "valid email"),
        (("role", "ada@example.com", "king"), "king"),
    ],
)
def test_it_explains_what_cannot_be(run, ada, words, said):
    result = run(*words)
    assert result.exit_code != 0 and said in result.stderr


def test_an_empty_list_says_how_to_begin(run):
    assert "members invite" in run("list").stdout

"""The other end of an invitation or of a link to a new password."""

import time

import pytest

from beforehand.team import invitation
from beforehand.team.models import Member

GOOD = {"name": "Cy Aydin", "password": "a lantern in fog", "again": "a lantern in fog"}


@pytest.fixture
def cy(db):
    return Member.objects.invite("cy@example.com", "cy", "agent")


def test_following_the_link_sets_name_and_password_and_lets_in(client, cy):
    answer = client.post(invitation.path_for(cy), GOOD)
    cy.refresh_from_db()
    assert (cy.name, cy.check_password(GOOD["password"]), answer.url) == ("Cy Aydin", True, "/")
    assert client.get("/settings/profile").status_code == 200


def test_a_link_works_once(client, cy):
    path = invitation.path_for(cy)
    client.post(path, GOOD)
    client.logout()
    assert client.get(path).status_code == 410
    assert client.post(path, GOOD | {"name": "Eve"}).status_code == 410
    cy.refresh_from_db()
    assert cy.name == "Cy Aydin"


def test_a_link_ends_after_some_days(client, cy, monkeypatch):
    path = invitation.path_for(cy)
    later = time.time() + (invitation.DAYS * 86_400) + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(path).status_code == 410


@pytest.mark.parametrize("token", ["nonsense", "WzEsIngiXQ:1xUs93:abc", "%00", "a" * 5000])
def test_a_forged_link_lets_nobody_in(client, cy, token):
    answer = client.get(f"/welcome/{token}")
    assert answer.status_code == 410 and b"ask an owner" in answer.content


def test_a_link_of_a_closed_account_is_void(client, cy):
    path = invitation.path_for(cy)
    Member.objects.create_user("ada@example.com", "x", role="owner")
    cy.leave()
    assert client.get(path).status_code == 410


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"again": "another"}, "The two passwords differ"),
        ({"password": "short", "again": "short"}, "at least 10 characters"),
        ({"password": "1234567890", "again": "1234567890"}, "too common"),
        ({"password": "", "again": ""}, "required"),
        ({"name": "x" * 200}, "at most 120"),
    ],
)
def test_it_explains_what_does_not_do(client, cy, change, words):
    answer = client.post(invitation.path_for(cy), GOOD | change)
    assert answer.status_code == 422 and words in answer.content.decode()
    cy.refresh_from_db()
    assert cy.is_invited


def test_a_reset_does_not_go_round_the_second_step(client, ben):
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(ben, "JBSWY3DPEHPK3PXP")
    answer = client.post(invitation.path_for(ben), GOOD)
    assert answer.url.startswith("/account/2fa/authenticate/")
    assert client.get("/settings/profile").status_code == 302

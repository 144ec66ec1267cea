"""Inviting, appointing and leaving, on the page."""

import pytest
from django.urls import reverse

from beforehand.team.models import AuditEntry, LastOwner, Member
from conftest import PASSWORD

MEMBERS = "/settings/members"


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def test_an_invitation_makes_a_member_who_cannot_log_in_yet(as_ada, ada):
    as_ada.post(MEMBERS, {"name": "Cy", "email": "Cy@Example.com", "role": "manager"})
    cy = Member.objects.get(email="cy@example.com")
    assert (cy.role, cy.is_invited) == ("manager", True)
    assert AuditEntry.objects.get(verb="invited").member == ada


def test_the_link_is_shown_once(as_ada):
    as_ada.post(MEMBERS, {"name": "Cy", "email": "cy@example.com", "role": "agent"})
    assert b"/welcome/" in as_ada.get(MEMBERS).content
    assert b"/welcome/" not in as_ada.get(MEMBERS).content


def test_the_link_is_mailed_where_mail_is_set_up(as_ada, settings, mailoutbox):
    settings.EMAIL_HOST = "mail.example.com"
    as_ada.post(MEMBERS, {"name": "Cy", "email": "cy@example.com", "role": "agent"})
    assert mailoutbox[0].to == ["cy@example.com"]
    assert "http://testserver/welcome/" in mailoutbox[0].body


def test_mail_that_fails_leaves_the_link_to_be_passed_on(as_ada, settings, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError("no server there")

    settings.EMAIL_HOST = "mail.example.com"
    monkeypatch.setattr("beforehand.team.invitation.send_mail", refuse)
    answer = as_ada.post(MEMBERS, {"name": "Cy", "email": "cy@example.com", "role": "agent"}, follow=True)
    assert b"/welcome/" in answer.content and b"Pass the link on yourself" in answer.content


@pytest.mark.parametrize(
    ("email", "words"), [("ada@EXAMPLE.com", "is a member already"), ("nonsense", "valid email"), ("", "required")]
)
def test_it_explains_an_address_that_cannot_be_invited_and_keeps_what_was_typed(as_ada, email, words):
    answer = as_ada.post(MEMBERS, {"name": "Cy <b>", "email": email, "role": "agent"})
    assert answer.status_code == 422
    assert words in answer.content.decode() and "Cy &lt;b&gt;" in answer.content.decode()


def test_it_refuses_whoever_does_not_own(client, ben):
    client.force_login(ben)
    assert client.get(MEMBERS).status_code == 403
    for name in ("role", "link", "departure", "return"):
        assert client.post(reverse(f"team:{name}", args=[ben.pk])).status_code == 403


def test_it_refuses_strangers(client, ada):
    assert client.get(MEMBERS).url == f"/account/login/?next={MEMBERS}"


def test_a_role_can_be_changed(as_ada, ada, ben):
    as_ada.post(f"{MEMBERS}/{ben.pk}/role", {"role": "owner"})
    ben.refresh_from_db()
    assert ben.role == "owner"
    assert AuditEntry.objects.get(verb="appointed").detail == {"role": "owner", "before": "agent"}


def test_a_role_that_does_not_exist_is_explained(as_ada, ben):
    answer = as_ada.post(f"{MEMBERS}/{ben.pk}/role", {"role": "king"}, follow=True)
    assert b"Choose one of the roles" in answer.content
    ben.refresh_from_db()
    assert ben.role == "agent"


@pytest.mark.parametrize(("resource", "data"), [("role", {"role": "agent"}), ("departure", {})])
def test_the_last_owner_stays(as_ada, ada, resource, data):
    answer = as_ada.post(f"{MEMBERS}/{ada.pk}/{resource}", data, follow=True)
    assert b"This is the last owner" in answer.content
    ada.refresh_from_db()
    assert ada.is_active and ada.role == "owner"


def test_an_owner_who_never_came_does_not_count_as_an_owner(ada):
    Member.objects.invite("cy@example.com", "Cy", "owner")
    with pytest.raises(LastOwner):
        ada.leave()


def test_an_owner_may_leave_when_there_is_another(ada, ben):
    ben.appoint("owner")
    ada.leave(by=ben)
    assert list(Member.objects.owners()) == [ben]


def test_leaving_ends_the_session_at_once(client, ada, ben):
    client.force_login(ben)
    assert client.get("/settings/profile").status_code == 200
    ben.leave(by=ada)
    assert client.get("/settings/profile").status_code == 302


def test_a_closed_account_can_be_opened_again(as_ada, ben):
    as_ada.post(f"{MEMBERS}/{ben.pk}/departure")
    as_ada.post(f"{MEMBERS}/{ben.pk}/return")
    ben.refresh_from_db()
    assert ben.is_active and ben.check_password(PASSWORD)


def test_a_closed_account_gets_no_link(as_ada, ben, ada):
    ben.leave(by=ada)
    assert b"Open it first" in as_ada.post(f"{MEMBERS}/{ben.pk}/link", follow=True).content

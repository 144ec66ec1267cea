"""The door: log-in, log-out, password, second step."""

import pytest
from django.core.cache import cache

from beforehand.team.models import AuditEntry
from conftest import PASSWORD

LOGIN = "/account/login/"


@pytest.fixture
def counting(settings):
    """Tries are counted as in production, in a cache of this test's own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def test_the_right_password_lets_in_and_goes_where_one_wanted(client, ada):
    answer = client.post(f"{LOGIN}?next=/settings/audit", {"login": "ADA@example.com", "password": PASSWORD})
    assert answer.url == "/settings/audit"
    assert AuditEntry.objects.get(verb="logged in").member == ada


def test_next_never_leads_to_another_site(client, ada):
    answer = client.post(f"{LOGIN}?next=https://evil.example/", {"login": "ada@example.com", "password": PASSWORD})
    assert answer.url == "/"


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client, ada, email):
    answer = client.post(LOGIN, {"login": email, "password": "wrong wrong wrong"})
    assert "do not fit together" in answer.content.decode()
    assert f'value="{email}"' in answer.content.decode()


def test_after_five_wrong_tries_it_says_to_wait_even_with_the_right_one(client, ada, counting):
    for _ in range(5):
        client.post(LOGIN, {"login": "ada@example.com", "password": "wrong wrong wrong"})
    answer = client.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD})
    assert "Wait five minutes" in answer.content.decode()


def test_log_out_asks_and_then_leaves(client, ada):
    client.force_login(ada)
    assert "Log out?" in client.get("/account/logout/").content.decode()
    assert client.post("/account/logout/").url == LOGIN
    assert client.get("/settings").status_code == 302


def test_nobody_signs_up(client, db):
    answer = client.get("/account/signup/")
    assert "invited by an owner" in answer.content.decode()


def test_without_mail_the_reset_page_names_the_command(client, db, settings):
    settings.EMAIL_HOST = ""
    assert "beforehand members reset" in client.get("/account/password/reset/").content.decode()


def test_with_mail_a_reset_link_is_sent_and_works_once(client, ada, settings, mailoutbox):
    settings.EMAIL_HOST = "mail.example.com"
    client.post("/account/password/reset/", {"email": "ada@example.com"})
    link = next(word for word in mailoutbox[0].body.split() if word.startswith("http"))
    form = client.get(link, follow=True)
    new = {"password1": "a lantern in fog", "password2": "a lantern in fog"}
    client.post(form.redirect_chain[-1][0], new)
    ada.refresh_from_db()
    assert ada.check_password("a lantern in fog")
    client.logout()
    assert "used up" in client.get(link, follow=True).content.decode()


def test_a_reset_for_nobody_looks_the_same_and_sends_nothing(client, db, settings, mailoutbox):
    settings.EMAIL_HOST = "mail.example.com"
    answer = client.post("/account/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert "Look into your mail" in answer.content.decode() and not mailoutbox


def test_an_empty_installation_says_how_to_begin(client, db):
    assert "beforehand members invite" in client.get(LOGIN).content.decode()


def test_changing_the_password_wants_the_old_one(client, ada):
    client.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD})
    new = {"password1": "a lantern in fog", "password2": "a lantern in fog"}
    refused = client.post("/account/password/change/", new | {"oldpassword": "wrong"})
    assert "not your password until now" in refused.content.decode()
    client.post("/account/password/change/", new | {"oldpassword": PASSWORD})
    ada.refresh_from_db()
    assert ada.check_password("a lantern in fog")


def test_the_second_step_is_asked_for_and_its_key_is_not_kept_readable(client, ada):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(ada, secret)
    assert secret not in str(Authenticator.objects.get().data)
    answer = client.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD})
    assert answer.url.startswith("/account/2fa/authenticate/")
    assert "does not fit" in client.post(answer.url, {"code": "000000"}).content.decode()
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post(answer.url, {"code": code}).url == "/"


@pytest.mark.parametrize(
    "path",
    ["2fa/", "2fa/totp/activate/", "password/change/", "inactive/", "confirm-email/", "reauthenticate/", "logout/"],
)
def test_every_page_of_the_account_wears_our_look(client, ada, path):
    client.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD})
    page = client.get(f"/account/{path}", follow=True).content.decode()
    assert "web/tokens.css" in page and page.count("<h1") == 1

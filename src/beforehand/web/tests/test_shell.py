"""The shell: where one can go, what the browser may load, what is said when a page cannot be shown."""

import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from beforehand.customers import identity
from beforehand.customers.identity import Claim
from beforehand.lib import bus
from beforehand.lib.palette import Answer
from beforehand.team.models import Workspace
from beforehand.web import navigation


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def places(client) -> set[str]:
    return {link.title for link in navigation.everywhere(client.get("/keys").wsgi_request)}


def test_everybody_sees_only_places_that_they_may_open(client, ada, ben, vic):
    seen = {}
    for member in (ada, ben, vic):
        client.force_login(member)
        seen[member.role] = places(client)
    assert {"Members", "Audit"} <= seen["owner"]
    assert not {"Members", "Audit", "Write keys"} & (seen["agent"] | seen["viewer"])
    assert "Customers" not in seen["viewer"]


def test_every_place_that_is_offered_opens(client, ada, ben, vic):
    for member in (ada, ben, vic):
        client.force_login(member)
        for link in navigation.everywhere(client.get("/keys").wsgi_request):
            assert client.get(link.url).status_code == 200, (member, link.url)


def test_what_is_remembered_of_a_page_is_nobody_elses(client, ada, ben, vic, settings):
    """With the parts remembered, everybody gets the page that they would get without."""
    paths = {ada: ("/", "/settings", "/desk", "/desk?view=mine"), ben: ("/", "/desk"), vic: ("/", "/settings")}
    asked = [(member, language, path) for member in paths for language in ("en", "de") for path in paths[member]]
    token = re.compile(r'(X-CSRFToken": "|csrfmiddlewaretoken" value=")[^"]*')

    def shown(member, language, path):
        client.force_login(member)
        return token.sub("", client.get(path, headers={"accept-language": language}).content.decode())

    drawn = [shown(*one) for one in asked]
    assert len(set(drawn)) == len(drawn)
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {**settings.CACHES, "template_fragments": {"BACKEND": memory, "LOCATION": "parts"}}
    for _again in range(2):
        assert [shown(*one) for one in asked] == drawn


def test_a_place_that_does_not_exist_is_left_out(as_ada):
    request = as_ada.get("/keys").wsgi_request
    assert navigation.links_of((navigation.Entry("Moon", "moon:base", "home"),), request) == []


def test_one_is_in_a_place_on_the_pages_below_it_too(as_ada):
    assert b'aria-current="page"' in as_ada.get("/settings/profile").content
    assert b'aria-current="page"' not in as_ada.get("/keys").content


def test_keys_lead_to_one_place_each():
    entries = [entry for section in navigation.RAIL for entry in section] + [navigation.SETTINGS]
    keys = [entry.keys for entry in entries if entry.keys]
    assert len(keys) == len(set(keys))


def test_the_palette_answers_a_part_to_htmx_and_a_page_to_others(as_ada):
    part = as_ada.get("/palette?q=memb", headers={"HX-Request": "true"})
    page = as_ada.get("/palette?q=memb")
    assert b"<html" not in part.content and b"<html" in page.content
    assert b"Members" in part.content and "HX-Request" in part.headers["Vary"]


def test_a_step_back_in_history_gets_the_whole_page(as_ada):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in as_ada.get("/palette", headers=headers).content


def test_the_palette_finds_what_rooms_offer_and_escapes_it(as_ada, ada):
    def offer(q, member):
        return [Answer(f"<i>{q}</i> for {member.name}", "/customers/1")]

    bus.on("palette.search")(offer)
    try:
        said = as_ada.get("/palette?q=ann").content.decode()
    finally:
        bus._listeners["palette.search"].remove(offer)
    assert "&lt;i&gt;ann&lt;/i&gt; for Ada Osei" in said


def test_the_palette_finds_customers_and_measures_but_shows_no_customer_to_a_viewer(client, ada, vic):
    with transaction.atomic():
        mark = identity.identify([Claim("email", "ines@example.com", True)])
        identity.describe([(pk, 1, {"name": "Inês Carvalho"}) for pk in mark.values()])
    client.force_login(ada)
    assert "Inês Carvalho" in client.get("/palette?q=ines@").content.decode()
    assert "/measures/contact-rate" in client.get("/palette?q=contact+rate").content.decode()
    client.force_login(vic)
    assert "Inês" not in client.get("/palette?q=ines@").content.decode()


@pytest.mark.parametrize("q", ["%00", "x" * 5000, "%F0%9F", "'; drop table", "   "])
def test_the_palette_takes_nonsense_calmly(as_ada, q):
    assert as_ada.get(f"/palette?q={q}").status_code == 200


@pytest.mark.parametrize("path", ["/", "/settings", "/palette", "/keys", "/parts", "/settings/profile"])
def test_strangers_are_sent_to_the_door(client, db, path):
    assert client.get(path).status_code in (302, 404)
    assert client.get("/settings").url == "/account/login/?next=/settings"


def test_the_browser_may_load_nothing_from_elsewhere_and_nobody_may_frame_us(client, db):
    policy = client.get("/account/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_no_page_writes_script_or_style_into_itself(as_ada):
    for path in ("/account/login/", "/settings", "/settings/members", "/parts", "/settings/audit"):
        page = as_ada.get(path).content.decode()
        assert " style=" not in page and "<style" not in page and " onclick=" not in page
        assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')


def test_what_is_not_there_is_said_in_words_and_with_a_way_back(as_ada, client):
    inside = as_ada.get("/nowhere")
    assert inside.status_code == 404 and b'class="rail"' in inside.content
    client.logout()
    outside = client.get("/nowhere")
    assert b'class="rail"' not in outside.content and b"There is nothing here" in outside.content


def test_machines_get_words_as_json(client, db):
    assert client.get("/nowhere", headers={"Accept": "application/json"}).json()["code"] == 404


def test_a_form_without_its_token_is_explained(ada):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    answer = strict.post("/settings/profile", {"name": "Eve"})
    assert answer.status_code == 403 and b"load the page again" in answer.content


def test_a_fault_of_ours_says_so_without_the_database(ada, monkeypatch):
    from beforehand.web.views.palette import KeysView

    def fail(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(KeysView, "get", fail)
    broken = Client(raise_request_exception=False)
    broken.force_login(ada)
    answer = broken.get("/keys")
    assert answer.status_code == 500 and b"on our side" in answer.content and b"secret" not in answer.content


def test_a_page_of_settings_asks_the_database_a_few_times_only(as_ada, django_assert_max_num_queries):
    Workspace.own()
    with django_assert_max_num_queries(4):  # one of them is whether the brake is pulled
        as_ada.get(reverse("web:settings"))

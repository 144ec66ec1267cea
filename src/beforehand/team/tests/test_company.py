"""The company's page, one's own page, the audit."""

import pytest
from django.utils import timezone

from beforehand.lib import bus
from beforehand.team.models import AuditEntry, Workspace

COMPANY = {"name": "Northing Outdoor", "zone": "Europe/Dublin", "currency": "gbp", "language": "de"}


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def test_it_saves_name_zone_currency_and_language(as_ada):
    as_ada.post("/settings/workspace", COMPANY)
    own = Workspace.own()
    assert (own.name, own.zone, own.currency, own.language) == ("Northing Outdoor", "Europe/Dublin", "GBP", "de")


def test_a_change_is_told_to_the_rooms_and_noted_with_what_was_before(as_ada, ada):
    told = []
    bus.on("workspace.changed")(told_of := lambda changed: told.append(changed))
    try:
        as_ada.post("/settings/workspace", COMPANY | {"language": ""})
        as_ada.post("/settings/workspace", COMPANY | {"language": ""})
    finally:
        bus._listeners["workspace.changed"].remove(told_of)
    assert told == [{"name", "zone", "currency"}]
    assert AuditEntry.objects.get(verb="changed").detail["zone"] == ["UTC", "Europe/Dublin"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"zone": "Mars/Olympus"}, "is no time zone"),
        ({"currency": "E1R"}, "is no currency"),
        ({"name": ""}, "required"),
        ({"language": "tlh"}, "not one of the available"),
    ],
)
def test_it_explains_nonsense_and_changes_nothing(as_ada, change, words):
    answer = as_ada.post("/settings/workspace", COMPANY | change)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert Workspace.own().name == "My company"


def test_it_refuses_whoever_does_not_own(client, ben):
    client.force_login(ben)
    for page in ("workspace", "audit"):
        assert client.get(f"/settings/{page}").status_code == 403


def test_times_are_shown_in_the_zone_of_the_company(as_ada):
    Workspace.own().change(zone="Asia/Tokyo")
    entry = AuditEntry.objects.get(verb="changed")
    page = as_ada.get("/settings/audit").content.decode()
    assert timezone.localtime(entry.time, Workspace.own().tzinfo).strftime("%H:%M") in page


def test_the_language_of_the_company_wins_over_the_browsers(as_ada):
    Workspace.own().change(language="de")
    answer = as_ada.get("/settings", headers={"Accept-Language": "en"})
    assert answer.headers["Content-Language"] == "de" and "Einstellungen" in answer.content.decode()


def test_a_member_changes_their_own_name_and_nothing_else(client, ben):
    client.force_login(ben)
    client.post("/settings/profile", {"name": "Benjamin", "role": "owner", "email": "x@example.com"})
    ben.refresh_from_db()
    assert (ben.name, ben.role, ben.email) == ("Benjamin", "agent", "ben@example.com")


def test_the_audit_speaks_the_readers_language(as_ada, ada):
    AuditEntry.note("invited", "cy@example.com", ada)
    page = as_ada.get("/settings/audit", headers={"Accept-Language": "de"}).content.decode()
    assert "Eingeladen: <b>cy@example.com" in page and '<option value="invited">Eingeladen:' in page


def test_the_audit_narrows_by_person_verb_and_word(as_ada, ada):
    AuditEntry.note("erased", "customer 12")
    AuditEntry.note("invited", "cy@example.com", ada)
    for query, there in [("member=-", "customer 12"), ("verb=invited", "cy@example.com"), ("q=CY@", "cy@example.com")]:
        page = as_ada.get(f"/settings/audit?{query}", headers={"HX-Request": "true"}).content.decode()
        assert there in page and page.count("<tr>") == 2


@pytest.mark.parametrize("query", ["member=nonsense", "member=99999999999999", "verb=%00", "page=-3", "q=%F0"])
def test_the_audit_takes_nonsense_calmly(as_ada, query):
    AuditEntry.note("invited", "cy@example.com")
    assert as_ada.get(f"/settings/audit?{query}").status_code == 200


def test_the_audit_goes_on_over_pages(as_ada):
    for number in range(60):
        AuditEntry.note("erased", f"customer {number}")
    assert 'rel="next"' in as_ada.get("/settings/audit?verb=erased").content.decode()
    page = as_ada.get("/settings/audit?verb=erased&page=2").content.decode()
    assert 'rel="prev"' in page and 'rel="next"' not in page and "verb=erased" in page

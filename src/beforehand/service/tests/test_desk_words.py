"""What the desk says and offers while one works: faults of a search, choosers, the palette, settings left empty."""

import pytest

from beforehand.service.models import Status
from beforehand.service.palette import beginning, find_conversations
from beforehand.service.tests.deskful import asks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def test_a_search_of_faults_alone_says_them_too(desk):
    page = desk.get("/desk?q=form:ines").content.decode()
    assert "Did you mean “from:”?" in page


GERMAN = {"headers": {"Accept-Language": "de"}}


def test_statuses_and_channels_are_said_in_the_readers_language(desk):
    asks("Ines C", "My refund", "where is it")
    table = desk.get("/desk?as=table&view=all", **GERMAN).content.decode()
    assert "<td>Neu</td>" in table
    assert "<td>New</td>" in desk.get("/desk?as=table&view=all").content.decode()
    assert "Fertig" in desk.get("/desk/choices/status?q=fert", **GERMAN).content.decode()
    desk.post("/desk/columns", {"column": ["channel"]})
    assert "<td>E-Mail</td>" in desk.get("/desk?as=table&view=all", **GERMAN).content.decode()


def test_a_status_of_the_companys_own_keeps_its_name(desk):
    Status.objects.filter(name="New").update(name="Fresh")
    asks("Ines C", "My refund", "where is it")
    assert "<td>Fresh</td>" in desk.get("/desk?as=table&view=all", **GERMAN).content.decode()


@pytest.mark.parametrize("word", ["new", "neu", "Ne", "Neu"])
def test_a_status_is_found_by_its_name_in_any_of_our_languages(desk, word):
    one = asks("Ines C", "My refund", "where is it")
    assert f"conv-{one.pk}" in desk.get(f"/desk?q=status:{word}").content.decode()
    assert f"conv-{one.pk}" not in desk.get("/desk?q=status:fertig").content.decode()


def test_what_happened_names_the_status_in_the_readers_language(desk, ada):
    one = asks("Ines C", "My refund", "where is it")
    one.resolve(ada)
    assert "setzte es auf Fertig" in desk.get(f"/conversations/{one.pk}", **GERMAN).content.decode()


def test_a_note_calls_others_and_nobody_else(desk, ada, ben):
    offered = desk.get("/desk/choices/person").content.decode()
    assert ben.email in offered
    assert ada.email not in offered
    assert "Nobody" not in offered


def test_the_palette_finds_what_begins_with_what_is_typed(ada):
    one = asks("Ines C", "My refund", "where is it")
    assert [answer.url for answer in find_conversations("refu", ada)] == [f"/conversations/{one.pk}"]


@pytest.mark.parametrize("typed", ["owner:me", 'say "so"', "late*", "hello "])
def test_what_is_no_word_yet_is_looked_for_as_it_is(typed):
    assert beginning(typed) == typed


def test_skills_of_somebody_who_is_no_member_are_told_not_lost(desk, ben):
    sent = {"name": "Parcels", "handing": "by_hand", "members": [ben.pk], "skills": "kai@example.com: de"}
    answer = desk.post("/settings/desk/teams", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Not ticked as a member: kai@example.com." in page
    assert "kai@example.com: de" in page


@pytest.mark.parametrize("number", ["9" * 40, "²", "-1", "x"])
def test_a_member_of_a_team_that_nobody_is_is_refused(desk, number):
    answer = desk.post("/settings/desk/teams", {"name": "Parcels", "handing": "by_hand", "members": [number]})
    assert answer.status_code == 422
    assert "Parcels" in answer.content.decode()


def test_a_choice_that_may_stay_empty_says_what_that_means(desk):
    for part in ("teams", "policies", "macros", "views"):
        assert "---------" not in desk.get(f"/settings/desk/{part}").content.decode(), part


def test_a_desk_that_nobody_can_write_to_says_how_they_can(desk, client, ben):
    for path in ("/desk", "/desk?as=table"):
        page = desk.get(path).content.decode()
        assert "Nobody can write to you yet" in page, path
        assert "/settings/mailboxes" in page, path
    client.force_login(ben)
    assert "An owner or a manager adds the mailbox" in client.get("/desk").content.decode()
    asks("Ines C", "parcel", "where").resolve()
    page = client.get("/desk").content.decode()
    assert "Nobody can write" not in page
    assert "Nobody waits" in page


NONSENSE = [
    "x" * 10_000,
    "²",
    "٣",
    "a\0b",
    "\ud800",
    "'; drop",
    "<script>",
    10**30,
    -1,
    None,
    [],
    {"text": 5},
    True,
]


@pytest.mark.parametrize(
    "do", ["status", "owner", "team", "tag", "priority", "snooze", "merge", "cause", "note", "reply"]
)
def test_an_act_with_nonsense_is_refused_or_done_but_never_fails(desk, do):
    one = asks("Ines C", "parcel", "where")
    for value in NONSENSE:
        for ids in ([one.pk], [one.pk, 10**30, -1]):
            sent = {"do": do, "value": value, "ids": ids}
            assert desk.post("/desk/acts/preview", sent, "application/json").status_code in (200, 422), (value, ids)
        assert desk.post("/desk/acts", sent, "application/json").status_code in (200, 422), value


@pytest.mark.parametrize(
    "path", ["rows?ids=", "next?skip=", "every?q=", "choices/merge?conversation=", "choices/merge?q=", "notices?x="]
)
def test_an_address_with_nonsense_is_no_fault_of_ours(desk, path):
    for value in ("9" * 40, "-1", "²", "%00", "a,b,,1", "before:99999-99-99", "waiting:>" + "9" * 30 + "d"):
        ask = desk.post if path.startswith("next") else desk.get
        assert ask(f"/desk/{path}{value}").status_code in (200, 302), value

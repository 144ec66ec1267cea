"""What waits for a member is told to them, and to nobody who may not see it."""

import pytest

from beforehand.service.models import Notification
from beforehand.service.tests.deskful import asks, in_team
from beforehand.team import availability
from beforehand.team.models import Team, TeamMember

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def desk(client, ben):
    client.force_login(ben)
    return client


def told(desk):
    return [one["title"] for one in desk.get("/desk/notices", headers=JSON).json()["notices"]]


def test_who_waits_is_told_until_they_have_an_answer(desk, ada, ben):
    one = asks("Ines Carvalho", "Parcel", "where is it")
    assert told(desk) == []
    one.assign(ada, owner=ben)
    assert set(told(desk)) == {"Ines Carvalho waits for you", f"{ada} gave you Ines Carvalho"}
    page = desk.get("/desk/notices").content.decode()
    assert "Ines Carvalho waits for you" in page
    assert f"/conversations/{one.pk}" in page
    one.read_by(ben)
    assert told(desk) == ["Ines Carvalho waits for you"]
    one.answer("It comes tomorrow.", ben)
    assert told(desk) == []
    assert "Nothing waits for you" in desk.get("/desk/notices").content.decode()


def test_a_note_that_names_me_is_told_and_can_be_marked_as_seen(desk, ada, ben):
    asks("Ines Carvalho", "Parcel", "where is it").write_note("@ben please look", ada)
    asks("Leila Haddad", "Size", "which one").write_note("@ben and here", ada)
    assert len(told(desk)) == 2
    first = Notification.objects.order_by("pk").first()
    assert desk.post("/desk/notices", {"notice": first.pk}).status_code == 302
    assert told(desk) == [f"{ada} calls you about Leila Haddad"]
    desk.post("/desk/notices")
    assert told(desk) == []


def test_nobody_marks_or_reads_what_is_somebody_elses(client, ada, ben, vic):
    one = asks("Ines Carvalho", "Parcel", "where is it")
    one.assign(ada, owner=ben)
    client.force_login(ada)
    number = Notification.objects.filter(member=ben).first().pk
    client.post("/desk/notices", {"notice": number})
    client.post("/desk/notices")
    assert not Notification.objects.filter(member=ben).exclude(seen=None).exists()
    client.force_login(vic)
    assert client.get("/desk/notices").status_code == 403


def test_what_left_my_reach_is_not_told_any_more(desk, ada, ben):
    team = in_team(ben, "Parcels")
    one = asks("Ines Carvalho", "Parcel", "where is it", team=team)
    one.assign(ada, owner=ben)
    Notification.objects.get_or_create(member=ben, conversation=one, kind="due", defaults={"time": one.opened})
    one.assign(ada, owner=ada, team=Team.objects.create(name="Other"))
    TeamMember.objects.filter(member=ben).delete()
    assert told(desk) == []


def test_who_is_away_is_left_in_peace(desk, ben):
    assert desk.get("/desk/notices", headers=JSON).json()["quiet"] is False
    availability.say(ben, availability.State.AWAY)
    assert desk.get("/desk/notices", headers=JSON).json()["quiet"] is True


def test_nonsense_marks_nothing_and_never_fails(desk, ada, ben):
    asks("Ines Carvalho", "Parcel", "where is it").assign(ada, owner=ben)
    for sent in ("", "x", "-1", "9" * 40, "²"):
        assert desk.post("/desk/notices", {"notice": sent}).status_code == 302
    assert len(told(desk)) == 2

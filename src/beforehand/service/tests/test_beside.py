"""What stands beside a conversation: others with the same trouble, the suggested cause, what is probably the same."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from beforehand.customers.identity import describe
from beforehand.journey.models import Contact
from beforehand.service import beside
from beforehand.service.tests.deskful import asks, in_team
from beforehand.team.models import Team

pytestmark = pytest.mark.django_db


def came_of(conversation, trouble, cause="failure"):
    message = conversation.messages.get()
    Contact.objects.update_or_create(
        pk=message.touchpoint,
        defaults={
            "customer_id": conversation.identifier.customer_id, "time": message.time, "name": "Message Received",
            "need": 1, "linked_by": "machine", "cause": cause, "probability": 0.94, "origin_name": trouble,
        },
    )  # fmt: skip
    return conversation


def test_others_with_the_same_trouble_today_are_shown_but_not_those_of_another(ada):
    mine = came_of(asks("Ines C", "parcel", "where"), "Parcel Late")
    same = came_of(asks("Kwame M", "my parcel", "late"), "Parcel Late")
    came_of(asks("Leila H", "size", "which"), "Size Unclear")
    done = came_of(asks("Anong C", "parcel", "late too"), "Parcel Late")
    done.answer("here", ada, then="done")
    others = beside.of(mine, ada)["others"]
    assert others.conversations == [same.pk]
    assert [str(one) for one in others.customers] == ["Kwame M"]


def test_nobody_learns_of_others_whom_they_may_not_reach(ada, ben):
    mine = came_of(asks("Ines C", "parcel", "where", team=in_team(ben, "Parcels")), "Parcel Late")
    came_of(asks("Kwame M", "my parcel", "late", team=Team.objects.create(name="Returns")), "Parcel Late")
    assert beside.of(mine, ben)["others"] is None
    assert beside.of(mine, ada)["others"] is not None


def test_the_suggested_cause_is_offered_and_taken_with_one_key(client, ada):
    one = came_of(asks("Ines C", "parcel", "where"), "Parcel Late")
    client.force_login(ada)
    page = client.get(f"/conversations/{one.pk}/context").content.decode()
    assert 'data-cause="failure"' in page
    assert "0.94" in page


def test_another_open_conversation_of_the_same_customer_is_perhaps_the_same(ada):
    one, other = asks("Ines C", "parcel", "where"), asks("Ines C", "parcel again", "where")
    asks("Kwame M", "address", "jumps")
    assert [found.pk for found in beside.of(one, ada)["merges"]] == [other.pk]


def test_their_own_time_stands_beside_them_where_it_is_known_and_another(ada, client):
    mine = asks("Ines C", "parcel", "where")
    client.force_login(ada)
    page = f"/conversations/{mine.pk}/context"
    assert beside.of(mine, ada)["there"] is None and "Their time" not in client.get(page).content.decode()
    describe([(mine.identifier_id, 1, {"timezone": "Pacific/Kiritimati"})])
    shown = client.get(page).content.decode()
    now = timezone.now().astimezone(ZoneInfo("Pacific/Kiritimati"))
    assert beside.of(mine, ada)["there"].zone == "Pacific/Kiritimati"
    assert 'data-zone="Pacific/Kiritimati"' in shown and now.strftime("%H:") in shown.partition("data-zone")[2][:150]
    describe([(mine.identifier_id, 2, {"timezone": timezone.get_current_timezone_name()})])
    assert beside.of(mine, ada)["there"] is None

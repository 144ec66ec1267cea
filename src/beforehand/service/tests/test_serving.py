"""Play mode: who is served whom, and that two never get the same one."""

import time

import pytest

from beforehand.service import presence, serving
from beforehand.service.lists.desk_views import BY_SLUG, View
from beforehand.service.models import Lease
from beforehand.service.search.query import parse
from beforehand.service.tests.deskful import asks, in_team

WAITING = BY_SLUG["waiting"]
JSON = {"Accept": "application/json"}
SOON = int(time.time() * 1e6) + 60_000_000


@pytest.fixture
def queue(db):
    return [asks(f"Person{n} X", f"subject {n}", "text", minutes=90 - n) for n in range(3)]


def over():
    Lease.objects.update(until=time.time_ns() // 1000 - 1)


def test_each_agent_is_served_another_the_longest_wait_first(queue, ada, ben):
    assert serving.serve(ada, WAITING) == queue[0].pk
    assert serving.serve(ben, WAITING) == queue[1].pk
    assert serving.serve(ada, WAITING) == queue[0].pk  # what I have I am served again


def test_who_goes_on_lets_go_of_what_they_had(queue, ada, ben):
    first = serving.serve(ada, WAITING)
    assert serving.serve(ada, WAITING, skipped=[first]) == queue[1].pk
    assert serving.serve(ben, WAITING) == first


def test_a_lease_ends_by_itself_and_lasts_while_its_member_types(queue, ada, ben):
    first = serving.serve(ada, WAITING)
    over()
    presence.write({(first, f"m:{ada.pk}"): presence.Sign("Ada", False, SOON)})
    presence.write({(first, f"m:{ben.pk}"): presence.Sign("Ben", True, SOON)})
    assert Lease.objects.get().until.timestamp() < time.time()
    presence.write({(first, f"m:{ada.pk}"): presence.Sign("Ada", True, SOON)})
    assert serving.serve(ben, WAITING) == queue[1].pk
    over()
    assert serving.serve(ben, WAITING, skipped=[queue[1].pk]) == first


def test_nobody_is_served_who_waits_for_nothing_or_has_an_owner(queue, ada, ben):
    queue[0].assign(owner=ben)
    queue[1].answer("y", ada)
    assert serving.serve(ada, WAITING) == queue[2].pk
    assert serving.serve(ben, WAITING) == queue[0].pk
    assert serving.serve(ada, BY_SLUG["all"], skipped=[queue[2].pk]) is None
    assert serving.serve(ada, WAITING, parse("owner:ben")) is None  # Ben has them just now
    over()
    assert serving.serve(ada, WAITING, parse("owner:ben")) == queue[0].pk


def test_only_what_one_may_reach_is_served(queue, ada, ben):
    ada.role = "agent"
    ada.save()
    team = in_team(ben, "Parcels")
    for one in queue:
        one.assign(team=team)
    assert serving.serve(ada, WAITING) is None
    assert serving.serve(ben, View("team", "Parcels", team=team.pk)) == queue[0].pk


def test_many_pages_of_others_are_gone_past(queue, ada, ben, monkeypatch):
    monkeypatch.setattr(serving.listing, "SIZE", 1)
    monkeypatch.setattr(serving.listing.page, "__defaults__", (None, "", "", 1))
    for one in queue[:2]:
        one.assign(owner=ben)
    assert serving.serve(ada, WAITING) == queue[2].pk


def test_the_desk_asks_by_posting_and_is_told(queue, client, ada):
    client.force_login(ada)
    assert client.get("/desk/next").status_code == 405  # looking takes nothing
    told = client.post("/desk/next", headers=JSON).json()
    assert told == {"conversation": queue[0].pk, "said": "Held for you for 5 minutes."}
    nonsense = f"{queue[0].pk},{'9' * 5000},-1,x"
    assert client.post(f"/desk/next?skip={nonsense}", headers=JSON).json()["conversation"] == queue[1].pk
    every = ",".join(str(one.pk) for one in queue)
    assert client.post(f"/desk/next?skip={every}", headers=JSON).json() == {"conversation": None, "said": ""}
    assert client.post("/desk/next").headers["Location"] == f"/conversations/{queue[0].pk}?view=waiting"


def test_of_two_who_take_the_same_at_once_one_gets_it(queue, ada, ben):
    assert serving.take(queue[0].pk, ada)
    assert not serving.take(queue[0].pk, ben)
    assert serving.take(queue[0].pk, ada)

"""What is remembered for a second, and forgotten when it changes."""

import pytest

from beforehand.lib import kept
from beforehand.team.models import Team

asked = []


@kept.kept("team.Team")
def names(start: str = "") -> list[str]:
    asked.append(start)
    return sorted(Team.objects.filter(name__startswith=start).values_list("name", flat=True))


@pytest.fixture(autouse=True)
def nothing_asked():
    asked.clear()


@pytest.mark.django_db
def test_it_is_asked_once_for_each_of_its_arguments():
    Team.objects.create(name="One")
    assert [names(), names(), names("T")] == [["One"], ["One"], []]
    assert asked == ["", "T"]


@pytest.mark.django_db
def test_a_change_here_is_seen_at_once():
    assert names() == []
    team = Team.objects.create(name="One")
    assert names() == ["One"]
    team.delete()
    assert names() == []


@pytest.mark.django_db
def test_a_change_elsewhere_is_seen_a_second_later(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    assert names() == []
    Team.objects.bulk_create([Team(name="One")])  # as another process would: no signal comes
    now[0] += kept.SECONDS - 0.01
    assert names() == []
    now[0] += 0.01
    assert names() == ["One"]


def test_what_raises_is_not_remembered():
    tries = []

    @kept.kept()
    def fails():
        tries.append(1)
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            fails()
    assert len(tries) == 2

import pytest
from django.db import connection

from beforehand.lib import planner
from beforehand.team.models import Team


@pytest.fixture
def teams(db):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL counts by itself")
    Team.objects.bulk_create([Team(name=f"Team {number}") for number in range(20)])
    planner.inform()


def known():
    with connection.cursor() as cursor:
        cursor.execute("select stat from sqlite_stat1 where tbl = %s", [Team._meta.db_table])
        return {int(row[0].split()[0]) for row in cursor.fetchall()}


def test_sqlite_knows_how_many_rows_an_index_has(teams):
    assert known() == {20}


def test_a_large_table_is_counted_again_when_it_has_grown_or_everything_is(teams, monkeypatch):
    monkeypatch.setattr(planner, "FEW", 10)
    Team.objects.create(name="One more")
    planner.inform()
    assert known() == {20}
    planner.inform(everything=True)
    assert known() == {21}
    Team.objects.bulk_create([Team(name=f"New {number}") for number in range(8)])
    planner.inform()
    assert known() == {29}


def test_a_small_table_is_counted_every_time(teams):
    Team.objects.create(name="One more")
    planner.inform()
    assert known() == {21}

import pytest
from django.db import connection

from beforehand.lib import planner
from beforehand.team.models import Team


@pytest.mark.django_db
def test_sqlite_knows_how_many_rows_an_index_has():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL counts by itself")
    Team.objects.bulk_create([Team(name=f"Team {number}") for number in range(20)])
    planner.inform()
    with connection.cursor() as cursor:
        cursor.execute("select stat from sqlite_stat1 where tbl = %s", [Team._meta.db_table])
        assert {int(row[0].split()[0]) for row in cursor.fetchall()} == {20}

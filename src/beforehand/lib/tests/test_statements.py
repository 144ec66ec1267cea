"""Statements that are asked again and again read and write as any other, and are seen by who watches."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from beforehand.lib.statements import ask, tell
from beforehand.team.models import Team

pytestmark = pytest.mark.django_db


def test_rows_and_counts():
    assert (
        tell("insert into team_team (name, handing, most, back_after) values (%s, %s, 0, 0)", ["One", "by_hand"]) == 1
    )
    assert tell("update team_team set most = %s", [300]) == 1
    for least in (0, 40_000, 5_000_000_000):
        assert ask("select name from team_team where most > %s", [least]) == [("One",)] * (least < 300)


def test_after_a_fault_it_goes_on():
    Team.objects.create(pk=1, name="One")
    with pytest.raises(IntegrityError), transaction.atomic():
        tell("insert into team_team (id, name, handing, most, back_after) values (1, 'Two', 'by_hand', 0, 0)")
    assert ask("select name from team_team") == [("One",)]


def test_a_transaction_that_is_broken_takes_no_more():
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        transaction.set_rollback(True)
        ask("select 1")


def test_they_are_counted():
    with CaptureQueriesContext(
        connection,
    ) as seen:
        ask("select %s", [1])
        ask("select %s", [2])
    assert len(seen) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps what it has read by itself.")
def test_postgresql_plans_each_once():
    for number in (1, 70_000, 5_000_000_000, 2, 3):
        ask("select name from team_team where most = %s", [number])
    found = ask(
        "select generic_plans + custom_plans from pg_prepared_statements where statement like %s", ["%most = $1"]
    )
    assert len(found) == 1 and found[0][0] >= 3

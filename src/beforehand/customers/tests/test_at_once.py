"""Several that write at once give what one would have given."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection, connections

from beforehand.customers.identity import Claim, Link, connect, identify
from beforehand.customers.models import Customer, Edge, Identifier

PEOPLE = 60


@pytest.fixture
def own_connections(transactional_db, monkeypatch, tmp_path):
    """Work in threads, each with a connection of its own; SQLite in a file, as outside of tests."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(tmp_path / "record.sqlite3")) as file:
            connection.connection.backup(file)
        monkeypatch.setitem(connections.settings["default"], "NAME", str(tmp_path / "record.sqlite3"))

    def run(*jobs):
        def closing_after(job):
            try:
                return job()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(jobs)) as pool:
            return list(pool.map(closing_after, jobs))

    return run


def write(numbers):
    for start in range(0, PEOPLE, 12):
        some = list(numbers)[start : start + 12]
        ids = identify([Claim(kind, f"{kind}-{n}", True) for n in some for kind in ("user_id", "anonymous_id")])
        value = {claim.value: id for claim, id in ids.items()}
        pairs = zip(some, some[1:] + some[:1], strict=True)
        connect(
            Link(value[f"user_id-{n}"], value[f"anonymous_id-{m}"], True, Edge.Strength.SENT, n, "") for n, m in pairs
        )


def state():
    customers = {(i.kind, i.value): i.customer.name for i in Identifier.objects.select_related("customer")}
    return customers, Customer.objects.filter(current=True).count(), Edge.objects.exclude(skipped="").count()


def test_several_writers_of_the_same_people_give_what_one_gives(own_connections):
    up, down = range(PEOPLE), range(PEOPLE - 1, -1, -1)
    own_connections(*(lambda order=order: write(order) for order in (up, down, up, down)))
    (at_once,) = own_connections(state)
    assert len(at_once[0]) == 2 * PEOPLE

    def alone():
        Edge.objects.all().delete()
        Identifier.objects.all().delete()
        Customer.objects.all().delete()
        write(up)
        write(down)
        return state()

    assert own_connections(alone) == [at_once]

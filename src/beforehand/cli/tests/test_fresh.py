"""A new record is what migrating would have made of it."""

import os
import re
import subprocess
import sys

from django.db import connection
from django.db.utils import ConnectionHandler

NUMBERED = re.compile(r"(fk_|__).*\d")  # names that SQLite does not keep
NAMES = "SELECT app_label, model FROM django_content_type"
GRANTS = "SELECT codename, name FROM auth_permission"
APPLIED = "SELECT app, name FROM django_migrations"


def made(folder):
    """A record that a command has made in an empty folder."""
    own = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"BEFOREHAND_DATA": str(folder)}
    run = [sys.executable, "-W", "ignore", "-m", "beforehand", "members", "list"]
    subprocess.run(run, check=True, env=own, stdout=subprocess.DEVNULL)
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "record.sqlite3"}
    return ConnectionHandler({"default": engine})["default"]


def rows(record, query):
    with record.cursor() as cursor:
        cursor.execute(query)
        return set(cursor.fetchall())


def columns(record):
    with record.cursor() as cursor:
        look = record.introspection
        return {table: {c.name for c in look.get_table_description(cursor, table)} for table in look.table_names()}


def details(record):
    """Types, and everything that holds of a table: keys, uniqueness, checks, indexes."""
    with record.cursor() as cursor:
        look = record.introspection
        for table in look.table_names():
            types = {c.name: (c.type_code, c.null_ok, c.pk) for c in look.get_table_description(cursor, table)}
            rules = look.get_constraints(cursor, table).items()
            yield table, types, sorted(str(("" if NUMBERED.match(name) else name, rule)) for name, rule in rules)


def counts(record):
    with record.cursor() as cursor:
        for table in record.introspection.table_names():
            cursor.execute(f"SELECT count(*) FROM {table}")
            yield table, cursor.fetchone()


def plain(tables):
    """Without the search index, which each database makes in a way of its own."""
    if connection.vendor == "sqlite":
        return tables
    return {name: what for name, what in tables.items() if not name.startswith("service_search")}


def test_a_new_record_is_what_migrating_makes(db, tmp_path):
    new = made(tmp_path)
    try:
        assert plain(columns(new)) == plain(columns(connection))
        assert plain(dict(counts(new))) == plain(dict(counts(connection)))
        for query in (NAMES, GRANTS, APPLIED):
            assert rows(new, query) == rows(connection, query)
        if connection.vendor == "sqlite":
            assert sorted(details(new)) == sorted(details(connection))
    finally:
        new.close()

"""Statements that come again and again, at the least cost.

PostgreSQL reads and plans each of them once for a connection. Django writes values into the text of a statement, so it
meets a new one each time; to read and plan it costs several times what running it does. So only for statements whose
best plan does not hang on their values: rows by their keys, inserts, updates.

`prepared` and `rows` write such statements and ask them here. Use `ask` and `tell` yourself where the SQL is your own
and gives no rows of a model.

Each connection keeps one cursor for them, since Django's way to a new one costs more than most of these statements.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

MOST = 300
"""Statements that a connection keeps. The same one with other types (a null, say) counts again."""


def ask(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that it gives."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    cursor = _cursor(database)
    with database.wrap_database_errors:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def tell(statement: str, values: Sequence[Any] = ()) -> int:
    """How many rows it wrote."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    cursor = _cursor(database)
    with database.wrap_database_errors:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _cursor(database: Any) -> Any:
    """The one that is kept; in Django's clothes where somebody watches statements, or the connection may be stale."""
    if not database.in_atomic_block:
        database.close_if_health_check_failed()
        database.ensure_connection()
    opened, cursor = database.__dict__.get("repeating", (None, None))
    if opened is not database.connection or opened is None:
        database.ensure_connection()
        cursor = _preparing(database) if database.vendor == "postgresql" else database.create_cursor()
        database.__dict__["repeating"] = database.connection, cursor
    if database.queries_logged:  # PostgreSQL's prepared ones do not tell their text.
        return database.cursor()
    if database.execute_wrappers or database.needs_rollback:
        return database._prepare_cursor(cursor)
    return cursor


def _preparing(database: Any) -> Any:
    """Whole numbers are all of one type, or the same statement would be another for a small and for a large one."""
    from django.db.backends.postgresql import base
    from psycopg.types.numeric import Int8Dumper

    opened = database.connection
    opened.prepare_threshold, opened.prepared_max = 1, MOST
    cursor: Any = base.ServerBindingCursor(opened)  # type: ignore[call-arg]  # which the stubs take for psycopg2's
    cursor.adapters.register_dumper(int, Int8Dumper)
    return cursor

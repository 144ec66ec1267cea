"""Fills a record with a desk's years: conversations, messages and ledger as rows, as the verbs would have left them.

Five messages each over three years, one in 300 waits, fifty teams. Every second message has the word “parcel”, one in
200 the words “out for delivery”, twenty in all the word “quokka”.
"""

import random
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

EACH = 5
TEAMS = 50
YEARS = 3
RARE = 20
DAY = 86_400_000_000
WORDS = """order courier box size boots jacket refund invoice address street door card paid sent back week today money
yesterday colour small large broken zip tent pole stove water winter camp walk shop cork galway dublin mail phone
page photo receipt label code swap return gift letter answer waiting please thanks hello morning evening""".split()  # noqa: SIM905


def fill(conversations: int) -> None:
    from django.db import connection, transaction

    from beforehand.lib import planner
    from beforehand.service.models import Conversation, LedgerEntry, Message, Participant
    from beforehand.service.search import searching

    chance = random.Random(1)
    with _said("people"):
        context = _around(conversations)
    for model, rows in (
        (Conversation, _conversations(conversations, context, chance)),
        (Participant, _participants(conversations, context)),
        (Message, _messages(conversations, context, chance)),
        (LedgerEntry, _ledger(conversations, context)),
    ):
        with _said(model.__name__), transaction.atomic(), _indexed_afterwards(model):
            _write(model, rows)
    with _said("words"):
        searching.rebuild()
    with _said("statistics"):
        planner.inform()  # as the scheduler does, and PostgreSQL by itself
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("vacuum analyze")


@contextmanager
def _said(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def _indexed_afterwards(model: Any) -> Iterator[None]:
    """Without its indexes while it is filled; they are the same afterwards."""
    from django.db import connection

    table, postgresql = model._meta.db_table, connection.vendor == "postgresql"
    there = (
        "select indexname, indexdef from pg_indexes where tablename = %s"
        " and indexname not in (select conname from pg_constraint)"
        if postgresql
        else "select name, sql from sqlite_master where type = 'index' and tbl_name = %s and sql is not null"
    )
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute("set local session_replication_role = replica")  # Nothing is looked up in other tables.
            cursor.execute("set local maintenance_work_mem = '1GB'")
        cursor.execute(there, [table])
        indexes = cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f'drop index "{name}"')
        yield
        for _name, sql in indexes:
            cursor.execute(sql)


def _around(conversations: int) -> dict[str, Any]:
    """Members, teams, statuses and the people who write: one for three conversations."""
    from django.db import transaction

    from beforehand.channels.models import Mailbox
    from beforehand.customers.identity import Claim, identify
    from beforehand.service.models import Status
    from beforehand.team.models import Member, Team, TeamMember

    owner = Member.objects.create_user("owner@bench.example", "x", name="Olga", role="owner")
    agent = Member.objects.create_user("agent@bench.example", "x", name="Aoife", role="agent")
    teams = [Team.objects.create(name=f"Team {n}") for n in range(TEAMS)]
    TeamMember.objects.create(team=teams[7], member=agent)
    Mailbox.objects.create(address="hello@bench.example", state=Mailbox.State.LIVE)
    Status.install()
    _leave_room(conversations * EACH + 1)
    people: list[int] = []
    for first in range(0, max(1, conversations // 3), 50_000):
        last = min(first + 50_000, max(1, conversations // 3))
        with transaction.atomic():
            claims = [Claim("email", f"person{n}@example.org", True) for n in range(first, last)]
            people += identify(claims).values()
    return {
        "owner": owner.pk, "teams": [team.pk for team in teams], "people": people,
        "status": {one.category: one.pk for one in Status.objects.order_by("-position")},
        "now": time.time_ns() // 1000, "box": Mailbox.objects.get().pk,
    }  # fmt: skip


def _leave_room(number: int) -> None:
    """The ledger's ids are those of touchpoints: those that come now are numbered after it."""
    from django.db import connection

    from beforehand.customers.identity import Claim, identify
    from beforehand.journey.models import Source, Touchpoint

    source = Source.objects.create(name="bench", kind=Source.Kind.SERVER)
    (identifier,) = identify([Claim("email", "first@example.org", True)]).values()
    Touchpoint.objects.create(
        id=number, source=source, message_id="first", identifier_id=identifier, name="$First", time=0, received=0
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select setval(pg_get_serial_sequence(%s, 'id'), %s)", [Touchpoint._meta.db_table, number])


def _when(number: int, conversations: int, now: int) -> int:
    return now - (conversations - number) * (YEARS * 365 * DAY // conversations) - 60_000_000


def _conversations(conversations: int, context: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(conversations):
        opened, lot = _when(number, conversations, context["now"]), chance.random()
        old = number < conversations * 0.9
        category = "done" if old or lot < 0.8 else "waiting_customer" if lot < 0.95 else "open"
        waits = category == "open" and lot < 0.983
        yield {
            "id": number + 1, "subject": f"{WORDS[number % 50]} {WORDS[number % 47]} {number}", "channel": "email",
            "mailbox_id": context["box"], "identifier_id": context["people"][number % len(context["people"])],
            "status_id": context["status"][category], "category": category, "kept": "desk",
            "owner_id": context["owner"] if number % 40 == 0 else None, "team_id": context["teams"][number % TEAMS],
            "priority": 2, "opened": opened, "changed": opened + 5, "last_message": opened + 4_000_000, "bot": False,
            "last_by": "customer" if waits else "member", "snippet": "the last thing that was said", "language": "",
            "messages_count": EACH, "has_files": False, "waiting_since": opened if waits else None,
            "due": opened + DAY if waits else None, "due_clock": "first_response" if waits else "",
            "undelivered": False, "through": EACH * (number + 1),
        }  # fmt: skip


def _participants(conversations: int, context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    people = context["people"]
    for number in range(conversations):
        who = number % len(people)
        yield {"conversation_id": number + 1, "identifier_id": people[who], "role": "customer",
               "address": f"person{who}@example.org"}  # fmt: skip


def _messages(conversations: int, context: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    rare = {conversations * EACH * n // RARE + 3 for n in range(RARE)}
    for number in range(conversations):
        opened = _when(number, conversations, context["now"])
        for place in range(EACH):
            id = number * EACH + place + 1
            said = chance.choices(WORDS, k=24)
            said += ["parcel"] * (id % 2) + ["quokka"] * (id in rare) + (["out for delivery"] if id % 200 == 0 else [])
            inbound = place % 2 == 0
            yield {
                "id": id, "conversation_id": number + 1, "kind": "inbound" if inbound else "outbound",
                "channel": "email", "time": opened + place * 1_000_000,
                "member_id": None if inbound else context["owner"],
                "identifier_id": context["people"][number % len(context["people"])], "machine": "", "subject": "",
                "text": " ".join(said), "html": "", "headers": "{}", "touchpoint": id,
            }  # fmt: skip


def _ledger(conversations: int, context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number in range(conversations):
        opened = _when(number, conversations, context["now"])
        for place in range(EACH):
            kind = ("inbound_human", "outbound_public_human")[place % 2]
            yield {"id": number * EACH + place + 1, "conversation_id": number + 1, "time": opened + place * 1_000_000,
                   "kind": kind, "channel": "email", "message": number * EACH + place + 1, "data": "{}"}  # fmt: skip


def _write(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """As fast as the database takes them: executemany, or COPY. Columns that a row leaves out have their default."""
    from django.db import connection

    source = iter(rows)
    first = next(source)
    missing = {
        field.column: field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in first and not field.primary_key and not field.null
    }
    columns = [*first, *missing]
    table, rest = model._meta.db_table, tuple(missing.values())
    tuples = ((*row.values(), *rest) for row in _chained(first, source))
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy,
        ):
            for one in tuples:
                copy.write_row(one)
        with connection.cursor() as cursor:
            last = f"coalesce((select max(id) from {table}), 1)"
            cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
            if sequence := cursor.fetchone()[0]:
                cursor.execute(f"select setval('{sequence}', {last})")
    else:
        marks = ", ".join("?" * len(columns))
        connection.connection.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", tuples)


def _chained(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest

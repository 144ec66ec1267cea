"""The desk over a million conversations, in SQLite and in PostgreSQL, while mail comes in: list, open, answer, search.

    python -m bench.desk FOLDER fill CONVERSATIONS
    python -m bench.desk FOLDER times
    python -m bench.desk FOLDER intake    beside `times`: half the mails a second that bench/mail.py asks for

Conversations, messages and ledger are written as rows, as the verbs would have left them: five messages each over three
years, one in 300 waits, fifty teams. Every second message has the word “parcel”, one in 200 the words “out for
delivery”, twenty in all the word “quokka”.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import mail
from bench.mails import US, mails
from bench.table import Figure

EACH = 5
TEAMS = 50
YEARS = 3
RARE = 20
DAY = 86_400_000_000
RUNS = 25
WORDS = """order courier box size boots jacket refund invoice address street door card paid sent back week today money
yesterday colour small large broken zip tent pole stove water winter camp walk shop cork galway dublin mail phone
page photo receipt label code swap return gift letter answer waiting please thanks hello morning evening""".split()  # noqa: SIM905
BARS = {"list": 0.05, "list of an agent": 0.05, "open": 0.06, "answer": 0.05}
SEARCH = 0.15
INTAKE = mail.BAR // 2


def figures(folder: Path, conversations: int) -> Iterator[Figure]:
    """SQLite first, then PostgreSQL where it is installed."""
    from tests.with_postgres import server

    yield from _figures(folder / f"desk-{conversations}", conversations, "SQLite", dict(os.environ))
    with server() as address:
        environment = {**os.environ, "DATABASE_URL": address}
        yield from _figures(folder / f"desk-pg-{conversations}", conversations, "PostgreSQL", environment)


def _figures(data: Path, conversations: int, name: str, environment: dict[str, str]) -> Iterator[Figure]:
    command = [sys.executable, "-m", "bench.desk", str(data)]
    if name != "SQLite" or not (data / "done").exists():
        subprocess.run([*command, "fill", str(conversations)], check=True, env=environment)
        (data / "done").touch()
    told = subprocess.run([*command, "times"], check=True, env=environment, stdout=subprocess.PIPE).stdout
    read = json.loads(told.splitlines()[-1])
    for what, got in read["times"].items():
        bar = BARS.get(what, SEARCH)
        yield Figure(
            f"desk, {conversations:,} conversations, {name}: {what}",
            f"{got['median'] * 1000:.0f} ms, p95 {got['p95'] * 1000:.0f} ms",
            f"{bar * 1000:.0f} ms, p95 {bar * 3000:.0f} ms",
            got["median"] <= bar and got["p95"] <= 3 * bar,
            f"{got['found']}",
            f"{got['cpu'] * 1000:.0f} ms of CPU",
        )
    came = read["intake"]
    yield Figure(
        f"desk, {conversations:,} conversations, {name}: mails placed meanwhile",
        f"{came['placed'] / came['seconds']:.0f}/s", f"{INTAKE}/s", came["placed"] >= 0.95 * INTAKE * came["seconds"],
        f"{came['sent']:,} came",
    )  # fmt: skip


def fill(conversations: int) -> None:
    from django.db import connection, transaction

    from beforehand.lib import planner
    from beforehand.service.models import Conversation, LedgerEntry, Message, Participant
    from beforehand.service.search import searching

    chance = random.Random(1)
    context = _around(conversations)
    with transaction.atomic():
        for model, rows in (
            (Conversation, _conversations(conversations, context, chance)),
            (Participant, _participants(conversations, context)),
            (Message, _messages(conversations, context, chance)),
            (LedgerEntry, _ledger(conversations, context)),
        ):
            began = time.perf_counter()
            _write(model, rows)
            print(f"  {model.__name__}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    began = time.perf_counter()
    searching.rebuild()
    print(f"  index: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    planner.inform()  # as the scheduler does, and PostgreSQL by itself
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("analyze")


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


def times() -> dict[str, dict[str, Any]]:
    """Each page as a logged-in member gets it, over conversations and words that differ from call to call."""
    from django.test import Client

    from beforehand.cli.parts import look_for_garbage_rarely
    from beforehand.service.models import Conversation
    from beforehand.team.models import Member

    look_for_garbage_rarely()
    clients = {}
    for who in ("owner", "agent"):
        clients[who] = Client(headers={"host": "localhost"})
        clients[who].force_login(Member.objects.get(email=f"{who}@bench.example"))
    owner, agent = clients["owner"], clients["agent"]
    count = Conversation.objects.count()
    some = [count * n // (RUNS + 3) + 1 for n in range(RUNS + 3)]
    waiting = list(Conversation.objects.filter(waiting_since__isnull=False).order_by("pk").values_list("pk", flat=True))

    def get(client: Client, path: str) -> int:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        return answer.content.count(b'id="row-')

    def answer(number: int) -> int:
        sent = owner.post(f"/conversations/{waiting[number % len(waiting)]}/messages", {"text": "It comes tomorrow."},
                          headers={"accept": "application/json"})  # fmt: skip
        assert sent.status_code == 200, sent.content
        return 1

    def found(client: Client, words: str) -> Callable[[int], int]:
        return lambda _number: get(client, f"/desk?q={words}")

    part = {"HX-Request": "true"}
    asked: dict[str, Callable[[int], int]] = {
        "list": lambda _number: get(owner, "/desk"),
        "list of an agent": lambda _number: get(agent, "/desk"),
        "open": lambda n: owner.get(f"/conversations/{some[n]}", headers=part).content.count(b'class="msg'),
        "answer": answer,
        "search, a rare word": found(owner, "quokka"),
        "search, a word in every second message": found(owner, "parcel"),
        "search, a phrase": found(owner, '"out for delivery"'),
        "search, operators": found(owner, "status:open waiting:>4h team:Team parcel"),
        "search, operators alone": found(owner, "status:done owner:nobody after:400d"),
        "search, the common word by who may see 2 %": found(agent, "parcel"),
        "search, the rare word by who may see 2 %": found(agent, "quokka"),
        "search, by relevance": found(owner, "parcel+refund&order=relevance"),
    }
    return {name: _timed(call) for name, call in asked.items()}


@contextmanager
def _beside() -> Iterator[dict[str, Any]]:
    """Intake in a process of its own; what it says of itself stands there afterwards."""
    told: dict[str, Any] = {}
    command = [sys.executable, "-m", "bench.desk", sys.argv[1], "intake"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield told
        told |= json.loads(process.communicate()[0].splitlines()[-1])


def intake() -> dict[str, Any]:
    """Mails arrive and are read as the running server reads them, INTAKE a second, until the input ends."""
    from beforehand.channels.arriving import Came, arrive_all
    from beforehand.channels.models import Arrival, Mailbox
    from beforehand.channels.post import Post

    mailbox, seed = Mailbox.objects.filter(address=US).first() or mail.house(), time.time_ns()
    drawn, ending, over = mails(1_000_000, seed), threading.Event(), threading.Event()
    placed = Arrival.objects.filter(state=Arrival.State.PLACED)
    before, sent = placed.count(), 0
    reading = threading.Thread(target=Post().run, args=(ending,))
    reading.start()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    began = time.perf_counter()
    while not over.wait(max(0.0, began + sent / INTAKE - time.perf_counter())):
        arrive_all("email", [Came(f"INBOX/{seed}/{sent + n}", next(drawn)) for n in range(INTAKE)], mailbox)
        sent += INTAKE
        if sent == 4 * INTAKE:
            print("It comes in.", flush=True)
    took = time.perf_counter() - began
    count = placed.count() - before
    ending.set()
    reading.join()
    return {"sent": sent, "placed": count, "seconds": took}


def _timed(call: Callable[[int], int]) -> dict[str, Any]:
    found = call(RUNS)
    walls, cpus = [], []
    for number in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        call(number)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {"median": median(walls), "p95": quantiles(walls, n=20)[-1], "cpu": median(cpus), "found": f"{found} shown"}


if __name__ == "__main__":
    os.environ["BEFOREHAND_DATA"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    from beforehand.cli.ready import ready

    ready()
    if sys.argv[2] == "fill":
        fill(int(sys.argv[3]))
    elif sys.argv[2] == "intake":
        print(json.dumps(intake()))
    else:
        with _beside() as came:
            measured = times()
        print(json.dumps({"times": measured, "intake": came}))

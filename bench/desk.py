"""The desk over a million conversations, in SQLite and in PostgreSQL, while mail comes in: list, open, answer, search.

    python -m bench.desk FOLDER fill CONVERSATIONS
    python -m bench.desk FOLDER times
    python -m bench.desk FOLDER intake    beside `times`: half the mails a second that bench/mail.py asks for

What it is filled with: bench/desk_fill.py.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import desk_fill, mail
from bench.mails import US, mails
from bench.table import Figure

RUNS = 25
BARS = {"list": 0.05, "list of an agent": 0.05, "open": 0.06, "answer": 0.05}
SEARCH = 0.15
INTAKE = mail.BAR // 2


def figures(folder: Path, conversations: int) -> Iterator[Figure]:
    """SQLite first, then PostgreSQL where it is installed."""
    from tests.with_postgres import server

    yield from _figures(folder / f"desk-{conversations}", conversations, "SQLite", dict(os.environ))
    with server(lasting=True) as address:
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
    """Mails arrive and are read as the running server reads them, INTAKE a second, until the input ends; beside it,
    as there, the scheduler keeps SQLite's log small."""
    from beforehand.channels.arriving import Came, arrive_all
    from beforehand.channels.models import Arrival, Mailbox
    from beforehand.channels.post import Post
    from beforehand.cli.schedule import LONG_JOBS, Schedule

    log = "beforehand.lib.checkpoints:keep_up"
    threading.Thread(target=Schedule({log: LONG_JOBS[log]}).run, daemon=True).start()
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
        desk_fill.fill(int(sys.argv[3]))
    elif sys.argv[2] == "intake":
        print(json.dumps(intake()))
    else:
        with _beside() as came:
            measured = times()
        print(json.dumps({"times": measured, "intake": came}))

"""Mail in: raw mails onto disk, parsed, proved, threaded, on the journey, with clocks, an owner and a line to search.

    python -m bench.mail FOLDER MAILS

One thread keeps what comes, fifty at a time as the thread of a mailbox does; the reading is that of the running server.
"""

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.mails import SERVER, US, mails
from bench.table import Figure

MAILS = 2000
BAR = 50
AT_ONCE = 50


def figures(folder: Path, count: int = MAILS) -> Iterator[Figure]:
    """SQLite first, then PostgreSQL where it is installed."""
    from tests.with_postgres import server

    yield _figure(folder / f"mail-{time.time_ns()}", count, "SQLite", dict(os.environ))
    with server(lasting=True) as address:
        environment = {**os.environ, "DATABASE_URL": address}
        yield _figure(folder / f"mail-pg-{time.time_ns()}", count, "PostgreSQL", environment)


def _figure(data: Path, count: int, name: str, environment: dict[str, str]) -> Figure:
    command = [sys.executable, "-m", "bench.mail", str(data), str(count)]
    got = json.loads(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout)
    speed = got["mails"] / got["seconds"]
    return Figure(
        f"mail in, {name}: kept, understood, threaded",
        f"{speed:,.0f}/s",
        f"{BAR}/s",
        speed >= BAR,
        f"{got['mails']:,} mails, {got['conversations']:,} conversations",
        f"{got['cpu'] / got['mails'] * 1000:.1f} ms of CPU a mail, {got['cpu'] / got['seconds']:.2f} cores",
    )


def house() -> Any:
    """A mailbox whose team hands out in turn, with hours, a policy and four members."""
    from beforehand.channels.models import Mailbox
    from beforehand.lib.working import Calendar, window
    from beforehand.service.clocks.policy import Goal, Policy
    from beforehand.service.models import ServicePolicy
    from beforehand.team.models import Hours, Member, Team, TeamMember

    hour = 3_600_000_000
    week = ((window("09:00", "17:00"),),) * 5 + ((), ())
    hours = Hours.objects.create(name="Office", plain=Calendar("Europe/Berlin", week).plain())
    team = Team.objects.create(name="Orders", hours=hours, handing=Team.Handing.IN_TURN)
    for number in range(4):
        member = Member.objects.create_user(f"agent{number}@shop.example", name=f"Agent {number}", role="agent")
        TeamMember.objects.create(team=team, member=member)
    goals = (Goal("first_response", 4 * hour), Goal("next_response", 4 * hour), Goal("resolution", 24 * hour))
    ServicePolicy.objects.create(name="All", plain=Policy(goals).plain())
    return Mailbox.objects.create(address=US, team=team, state=Mailbox.State.LIVE, trusted_servers=[SERVER])


def run(count: int) -> dict[str, Any]:
    from beforehand.channels.arriving import Came, arrive_all
    from beforehand.channels.models import Arrival
    from beforehand.channels.post import Post
    from beforehand.service.models import Conversation, Message

    mailbox, drawn = house(), list(mails(count))
    post, ending = Post(), threading.Event()
    reading = threading.Thread(target=post.run, args=(ending,))
    cpu, began = _cpu(), time.perf_counter()
    reading.start()
    for first in range(0, count, AT_ONCE):
        part = drawn[first : first + AT_ONCE]
        arrive_all("email", [Came(f"INBOX/1/{first + n}", raw) for n, raw in enumerate(part)], mailbox)
    while Arrival.objects.filter(state=Arrival.State.STORED).exists():
        time.sleep(0.05)
    took = time.perf_counter() - began
    ending.set()
    reading.join()
    states = Arrival.objects.values_list("state", flat=True)
    assert list(states) == [Arrival.State.PLACED] * count, {one: list(states).count(one) for one in set(states)}
    assert Message.objects.count() == count
    return {
        "mails": count,
        "seconds": took,
        "cpu": _cpu() - cpu,
        "conversations": Conversation.objects.count(),
    }


def _cpu() -> float:
    """Seconds of processor time of this process and of those that it has started and that have ended."""
    used = [resource.getrusage(which) for which in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    os.environ["BEFOREHAND_DATA"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    from beforehand.cli.parts import look_for_garbage_rarely
    from beforehand.cli.ready import ready

    ready()
    look_for_garbage_rarely()
    print(json.dumps(run(int(sys.argv[2]))))

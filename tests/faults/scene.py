"""Collector, drain and sealer under load, killed with SIGKILL again and again. Run by test_sigkill.py.

    python -m tests.faults.scene DATA PORT SEED

Every process is forked from this one, so that starting one takes no time. A doomed process kills itself at an exact
point between two steps; the healthy ones are killed at any moment. What was acknowledged is written down by those who
sent it. At the end record and lake must hold each of it once.
"""

import http.client
import importlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

SENDERS = 4
PATIENCE = 40.0
KILLED = signal.SIGKILL

# (process, what dies, before or after which call)
POINTS = [
    ("collector", "beforehand.journey.collector:check", "before"),
    ("collector", "beforehand.journey.intake:Intake.append", "before"),
    ("collector", "beforehand.journey.intake:Intake.append", "within"),
    ("collector", "beforehand.journey.intake:Intake.append", "after"),
    ("collector", "beforehand.journey.commits:Commits._answer", "after"),
    ("drain", "beforehand.journey.drain:Drain._read", "after"),
    ("drain", "beforehand.journey.people:identify", "after"),
    ("drain", "beforehand.journey.booking:insert", "before"),
    ("drain", "beforehand.journey.booking:insert", "after"),
    ("drain", "beforehand.journey.people:People.tell", "after"),
    ("drain", "beforehand.journey.drain:Drain._settle", "after"),
    ("drain", "beforehand.journey.journeys:_follow_step", "after"),
    ("sealer", "beforehand.journey.lake.sealing:last_sequence", "after"),
    ("sealer", "beforehand.journey.lake.write:write_stage", "before"),
    ("sealer", "beforehand.journey.lake.write:write_stage", "after"),
    ("sealer", "beforehand.journey.lake.manifest:switch", "after"),
    ("sealer", "beforehand.journey.lake.sealing:_commit", "after"),
]


def die() -> None:
    os.kill(os.getpid(), KILLED)


def doom(target: str, when: str, nth: int) -> None:
    """Make this process die at the nth call of the target."""
    module, _, path = target.partition(":")
    owner = importlib.import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    original: Callable = getattr(owner, name)
    calls = 0

    def doomed(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls < nth:
            return original(*args, **kwargs)
        if when == "before":
            die()
        if when == "within":
            return original(args[0], then_die(args[1]))
        result = original(*args, **kwargs)
        die()
        return result

    setattr(owner, name, doomed)


def then_die(rows: list) -> Iterator:
    """Rows that end the process when the last of them has been taken, and nothing is committed yet."""
    yield from rows
    die()


def collector(port: int) -> None:
    from beforehand.cli.parts import run_server

    run_server("collector", "127.0.0.1", port)


def drain(port: int) -> None:
    from beforehand.cli.parts import run_drain

    run_drain()


def sealer(port: int) -> None:
    from beforehand.cli.parts import until_told
    from beforehand.journey import lake

    ending = until_told()
    while not ending.is_set():
        lake.seal()
        ending.wait(0.05)


def sender(data: Path, port: int, key: str, number: int) -> None:
    """Send batches until told to stop; a batch without an answer is sent again, with the same ids."""
    count = 0
    with (data / f"acknowledged-{number}").open("a", buffering=1) as acknowledged:
        while not (data / "stop").exists():
            ids = [f"s{number}-{count + i}" for i in range(5)]
            count += 5
            batch = [message(id, number, count) for id in ids]
            body = json.dumps({"writeKey": key, "batch": batch})
            while not post(port, body):
                time.sleep(0.01)
                if (data / "stop").exists():
                    return
            acknowledged.write("\n".join(ids) + "\n")
            time.sleep(0.01)


def message(id: str, number: int, count: int) -> dict:
    person = count // 5 % 40
    about = {"messageId": id, "anonymousId": f"b{number}-{person}", "timestamp": f"2026-03-01T10:{count % 60:02d}:00Z"}
    if count % 7 == 0:
        return about | {"type": "identify", "userId": f"u{person}", "traits": {"email": f"p{person}@x.example"}}
    return about | {"type": "track", "event": f"Step {count % 9}", "properties": {"n": count}}


def post(port: int, body: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/v1/batch", body)
        answer = connection.getresponse()
        return answer.status == 200 and answer.read() == b'{"success":true}'
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Scene:
    def __init__(self, port: int) -> None:
        self.port = port
        self.pids: dict[str, int] = {}

    def fork(self, play: Callable[[], None]) -> int:
        from django.db import connections

        connections.close_all()
        pid = os.fork()
        if pid == 0:
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                play()
            finally:
                os._exit(0)
        return pid

    def start(self, name: str, *doomed: object) -> None:
        def play() -> None:
            if doomed:
                doom(*doomed)  # type: ignore[arg-type]
            {"collector": collector, "drain": drain, "sealer": sealer}[name](self.port)

        self.pids[name] = self.fork(play)

    def kill(self, name: str) -> None:
        os.kill(self.pids[name], KILLED)
        os.waitpid(self.pids[name], 0)

    def dies_itself(self, name: str) -> bool:
        """Whether the doomed process got to its point."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pids[name], os.WNOHANG)
            if pid:
                return os.WIFSIGNALED(status) and os.WTERMSIG(status) == KILLED
            time.sleep(0.01)
        self.kill(name)
        return False


def play(data: Path, port: int, seed: int) -> dict:
    from beforehand.journey.models import WriteKey

    chance = random.Random(seed)
    scene = Scene(port)
    _key, text = WriteKey.create("Scene", "server")
    senders = [scene.fork(lambda n=n: sender(data, port, text, n)) for n in range(SENDERS)]
    for name in ("collector", "drain", "sealer"):
        scene.start(name)
    missed = []
    for name, target, when in chance.sample(POINTS, len(POINTS)):
        time.sleep(chance.uniform(0.05, 0.3))
        scene.kill(name)
        scene.start(name, target, when, chance.randint(1, 6) if name == "collector" else 1)
        if not scene.dies_itself(name):
            missed.append((target, when))
        scene.start(name)
    (data / "stop").touch()
    for pid in senders:
        os.waitpid(pid, 0)
    for name in scene.pids:
        scene.kill(name)
    return {"kills": 2 * len(POINTS) + 3, "missed": missed, **verdict(data)}


def verdict(data: Path) -> dict:
    """What was acknowledged, against what the record and the lake hold once everything has settled."""
    from beforehand.journey import lake
    from beforehand.journey.drain import drain
    from beforehand.journey.models import FailedMessage, Journey, Touchpoint

    drain()
    lake.seal()
    acknowledged = [id for file in data.glob("acknowledged-*") for id in file.read_text().split()]
    recorded = Counter(Touchpoint.objects.values_list("message_id", flat=True))
    shown = Touchpoint.objects.exclude(name__startswith="$")
    with lake.reader() as reader:
        in_lake = reader.db.execute("SELECT count(*), count(DISTINCT id) FROM touchpoints").fetchone()
    return {
        "acknowledged": len(acknowledged),
        "lost": len(set(acknowledged) - recorded.keys()),
        "twice": sum(count - 1 for count in recorded.values()),
        "never_acknowledged": len(recorded.keys() - set(acknowledged)),
        "failed": FailedMessage.objects.count(),
        "record": shown.count(),
        "lake": list(in_lake or ()),
        "journeys": sum(Journey.objects.values_list("touchpoints", flat=True)),
        "differences": [str(d) for d in lake.check() if "is in no list" not in str(d)],
    }


if __name__ == "__main__":
    folder, port, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    os.environ["BEFOREHAND_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    from beforehand.cli.ready import ready

    ready()
    print(json.dumps(play(folder, port, seed)))

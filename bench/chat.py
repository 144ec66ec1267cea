"""The chat, live: agents at the desk and visitors on pages, all connected to one web process over real sockets.

Half of the messages are visitors', half are agents' answers through the API; some type all the time. Measured is the
time from the request to the event at the other side: at every agent who may see it, or at the visitor.
"""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beforehand.lib.tests.ports import free_port
from bench.table import Figure

AGENTS, VISITORS, PER_SECOND, TYPING, SECONDS = 200, 1000, 30.0, 10, 30.0
BAR = 0.5
CONNECT_SECONDS = 60
IDLE_SECONDS = 3
WARM_SECONDS = 3.0


@dataclass
class Heard:
    """What is waited for: a conversation's next event at the agents, a text at a visitor, a typing sign at agents."""

    sent: dict[Any, float] = field(default_factory=dict)
    at_agents: list[float] = field(default_factory=list)
    at_visitors: list[float] = field(default_factory=list)
    typing: list[float] = field(default_factory=list)
    connected: int = 0
    failed: int = 0
    asked: int = 0
    idle: float = 0.0
    busy: float = 0.0


class Line:
    """A kept connection that asks one thing after the other."""

    def __init__(self, port: int) -> None:
        self.port, self.lock = port, asyncio.Lock()
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.asked = 0

    async def post(self, path: str, token: str, body: dict[str, Any]) -> int:
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        async with self.lock:
            self.asked += 1
            self.streams = self.streams or await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write(head.encode() + content)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            if "content-length: " in answer:
                await reader.readexactly(int(answer.split("content-length: ")[1].split("\r\n")[0]))
            return int(answer.split()[1])


async def listen(port: int, path: str, header: str, hear: Any, heard: Heard) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        heard.failed += 1
        return
    is_open, name = path.startswith("/desk"), ""
    heard.connected += is_open
    while line := await reader.readline():
        if not is_open and line.startswith((b"event: ", b": nothing")):
            is_open = True  # A visitor's stream is open when what was said so far is there.
            heard.connected += 1
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
        elif line.startswith(b"data: "):
            hear(name, json.loads(line[6:]), time.perf_counter())


def agent_hears(heard: Heard, team: int) -> Any:
    def hear(name: str, data: dict[str, Any], now: float) -> None:
        if name == "conversation" and (began := heard.sent.get(("said", data["conversation"]))):
            heard.at_agents.append(now - began)
        elif name == "presence" and any(one["typing"] for one in data["who"]):
            began = heard.sent.get(("typing", data["conversation"]))
            heard.typing += [now - began] if began else []

    return hear


def visitor_hears(heard: Heard) -> Any:
    def hear(name: str, data: dict[str, Any], now: float) -> None:
        if name == "message" and data["from"] == "us" and (began := heard.sent.pop(data["text"], None)):
            heard.at_visitors.append(now - began)

    return hear


async def talk(port: int, house: dict[str, Any], heard: Heard, per_second: float, seconds: float, typing: int) -> None:
    talking = [one for one in house["visitors"] if one["conversation"]]
    lines, own = [Line(port) for _line in range(16)], Line(port)
    chance, until, number = random.Random(7), time.perf_counter() + seconds, 0
    jobs: set[asyncio.Task[None]] = set()
    signs = asyncio.ensure_future(type_on(own, talking[-typing:], heard, until))
    while time.perf_counter() < until:
        number += 1
        act = say if number % 2 else reply
        job = asyncio.ensure_future(act(lines[number % 16], chance.choice(talking[:-typing]), house, heard, number))
        jobs.add(job)
        job.add_done_callback(jobs.discard)
        await asyncio.sleep(1 / per_second)
    await asyncio.wait({signs, *jobs}, timeout=20)
    await asyncio.sleep(1)
    heard.asked = sum(line.asked for line in (*lines, own))


async def say(line: Line, visitor: dict[str, Any], house: dict[str, Any], heard: Heard, number: int) -> None:
    place = ("said", visitor["conversation"])
    if place in heard.sent:
        return  # What is on its way would be taken for this one.
    heard.sent[place] = time.perf_counter()
    body = {"key": f"bench-{number}", "text": f"Said {number}"}
    status = await line.post(f"/chat/{visitor['key']}/messages", visitor["token"], body)
    heard.failed += status not in {200, 201}
    await asyncio.sleep(3)
    heard.sent.pop(place, None)


async def reply(line: Line, visitor: dict[str, Any], house: dict[str, Any], heard: Heard, number: int) -> None:
    if ("said", visitor["conversation"]) in heard.sent:
        return
    agent = next(one for one in house["agents"] if one["team"] == visitor["team"])
    text = f"Answer {number}"
    heard.sent[text] = time.perf_counter()
    path = f"/api/v1/conversations/{visitor['conversation']}/replies"
    heard.failed += await line.post(path, agent["token"], {"text": text}) != 201


async def type_on(line: Line, visitors: list[dict[str, Any]], heard: Heard, until: float) -> None:
    """Each begins and stops in turn, so that every sign is news."""
    on = True
    while time.perf_counter() < until:
        for visitor in visitors:
            place = ("typing", visitor["conversation"])
            heard.sent.pop(place, None)
            if on:
                heard.sent[place] = time.perf_counter()
            await line.post(f"/chat/{visitor['key']}/typing", visitor["token"], {"typing": on})
            await asyncio.sleep(1.5 / max(1, len(visitors)))
        on = not on


async def everybody(
    port: int, house: dict[str, Any], per_second: float, seconds: float, typing: int, process: int
) -> Heard:
    heard = Heard()
    ears = []
    for agent in house["agents"]:
        header = f"Cookie: sessionid={agent['cookie']}"
        ears.append(listen(port, "/desk/stream", header, agent_hears(heard, agent["team"]), heard))
    for visitor in house["visitors"]:
        header = f"Authorization: Bearer {visitor['token']}"
        ears.append(listen(port, f"/chat/{visitor['key']}/stream", header, visitor_hears(heard), heard))
    tasks = []
    for ear in ears:
        tasks.append(asyncio.ensure_future(ear))
        await asyncio.sleep(0.003)
    until = time.monotonic() + CONNECT_SECONDS
    while heard.connected + heard.failed < len(ears) and time.monotonic() < until:
        await asyncio.sleep(0.1)
    await talk(port, house, Heard(), per_second / 3, WARM_SECONDS, typing)  # the first requests load what they need
    before, began = seconds_of(process), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    heard.idle = (seconds_of(process) - before) / (time.perf_counter() - began)
    before = seconds_of(process)
    await talk(port, house, heard, per_second, seconds, typing)
    heard.busy = seconds_of(process) - before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return heard


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))] if values else float("inf")


def seconds_of(process: int) -> float:
    """CPU seconds of a process and its threads so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def figures(
    agents: int = AGENTS, visitors: int = VISITORS, per_second: float = PER_SECOND, seconds: float = SECONDS
) -> Iterator[Figure]:
    """SQLite first, then PostgreSQL where it is installed."""
    from tests.with_postgres import server

    yield from _figures("SQLite", "", agents, visitors, per_second, seconds)
    with server(lasting=True) as address:
        yield from _figures("PostgreSQL", address, agents, visitors, per_second, seconds)


def _figures(
    name: str, address: str, agents: int, visitors: int, per_second: float, seconds: float
) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="beforehand-chat-") as folder:
        talking = min(visitors, max(20, visitors // 5))
        command = [sys.executable, "-m", "bench.chat_house", folder, str(agents), str(visitors), str(talking)]
        environment = os.environ | {
            "BEFOREHAND_DATA": folder,
            "BEFOREHAND_CHAT_PER_ADDRESS": "0",
            "DATABASE_URL": address,
        }
        told = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout
        house = json.loads(told.splitlines()[-1])
        port = free_port()
        serve = [sys.executable, "-m", "beforehand", "serve", "web", "--bind", f"127.0.0.1:{port}"]
        process = subprocess.Popen(serve, env=environment, start_new_session=True)
        try:
            wait_for(port)
            typing = min(TYPING, talking // 2)
            heard = asyncio.run(everybody(port, house, per_second, seconds, typing, process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    among = f"{agents} agents and {visitors:,} visitors connected, {per_second:.0f} messages a second"
    each = heard.busy / max(1, heard.asked) * 1000
    cost = (
        f"{each:.0f} ms of CPU a message or sign, all who hear it included; {heard.idle:.2f} cores when nobody speaks"
    )
    for what, got in (
        ("at the agents", heard.at_agents),
        ("at the visitor", heard.at_visitors),
        ("typing", heard.typing),
    ):
        yield Figure(
            f"chat, {name}: seen {what}, p95 of {len(got):,}", f"{p95(got) * 1000:.0f} ms", f"{BAR * 1000:.0f} ms",
            p95(got) <= BAR and heard.connected == agents + visitors, among,
            f"{cost}; {heard.failed} failed",
        )  # fmt: skip


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("The server did not answer.")


if __name__ == "__main__":
    from bench.table import shown

    shown(figures(*(int(one) for one in sys.argv[1:3]), *(float(one) for one in sys.argv[3:])))

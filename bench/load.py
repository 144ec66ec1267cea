"""A load client: many keep-alive connections from one process, with bodies made before the clock starts.

It is a plain epoll loop over raw sockets, because a client that costs more than the server measures itself.
"""

import resource
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Load:
    """What a run of load saw: answers by status, seconds, the client's own CPU, and every latency in seconds."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    client_cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def good(self) -> int:
        return self.statuses.get(200, 0)

    def quantile(self, q: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def request(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """The bytes of one POST."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One keep-alive connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received = b""
        self.rest = memoryview(b"")
        self.began = 0.0

    def start(self, payload: bytes, now: float) -> None:
        self.began, self.rest, self.received = now, memoryview(payload), b""
        self.write()

    def write(self) -> bool:
        """Send what goes; whether all has gone."""
        while self.rest:
            try:
                self.rest = self.rest[self.socket.send(self.rest) :]
            except BlockingIOError:
                return False
        return True

    def read(self) -> int | None:
        """The status once the whole answer is here."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("The server closed the connection.")
        self.received += part
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        return int(head[9:12]) if len(body) >= length else None


def run(port: int, payloads: Iterator[bytes], connections: int, seconds: float, per_second: float = 0) -> Load:
    """Post payloads over so many connections for so long; `per_second` paces them, 0 sends as fast as answers come."""
    chooser, load = selectors.EpollSelector(), Load()
    everyone = [Connection(port) for _ in range(connections)]
    for connection in everyone:
        chooser.register(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)
    idle, cpu, began = list(everyone), _cpu(), time.perf_counter()
    sent = 0
    while (now := time.perf_counter()) - began < seconds or len(idle) < connections:
        while idle and now - began < seconds and (not per_second or sent < (now - began) * per_second):
            payload = next(payloads, None)
            if payload is None:
                seconds = 0
                break
            connection = idle.pop()
            connection.start(payload, time.perf_counter())
            _watch(chooser, connection)
            sent += 1
        for key, events in chooser.select(0.001 if per_second else 0.05):
            connection = key.data
            if events & selectors.EVENT_WRITE and connection.write():
                _watch(chooser, connection)
            if events & selectors.EVENT_READ and (status := connection.read()) is not None:
                load.statuses[status] = load.statuses.get(status, 0) + 1
                load.latencies.append(time.perf_counter() - connection.began)
                idle.append(connection)
    load.seconds, load.client_cpu = time.perf_counter() - began, _cpu() - cpu
    for connection in everyone:
        connection.socket.close()
    return load


def _watch(chooser: selectors.EpollSelector, connection: Connection) -> None:
    events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.rest else 0)
    chooser.modify(connection.socket, events, connection)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime

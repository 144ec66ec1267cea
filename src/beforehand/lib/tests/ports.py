"""Ports of loopback for servers that tests start."""

import contextlib
import errno
import secrets
import socket

# Below what the system hands out to whoever connects, so that no connection takes one before its server is up.
LOWEST, HIGHEST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """As many different ports, at each of which nothing listens."""
    ports: list[int] = []
    with contextlib.ExitStack() as held:
        while len(ports) < count:
            port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                ports.append(port)
    return ports


def free_port() -> int:
    return free_ports(1)[0]

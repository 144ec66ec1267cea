"""`beforehand serve`: everything in one command, or each part alone."""

import socket
import sys
from typing import TYPE_CHECKING

import click

from beforehand.lib.hosts import is_loopback

if TYPE_CHECKING:
    from beforehand.cli.processes import Supervisor

PARTS = {
    "web": "the pages",
    "collector": "what trackers send to",
    "drain": "turns what came in into touchpoints",
    "mail": "fetches mail, reads it and sends answers; run one",
    "worker": "background tasks and what is done from time to time; run one",
}


@click.command()
@click.argument("part", type=click.Choice([*PARTS, "all"]), default="all")
@click.option(
    "--bind", metavar="HOST:PORT", help="Where to listen (BEFOREHAND_BIND); 127.0.0.1:8000 if nothing is said."
)
def serve(part: str, bind: str | None) -> None:
    """Serve the pages, collect, drain and work in the background.

    Without a PART one command does it all, with pages and collector on one port. In production each part can run as a
    service of its own: web, collector, drain, mail, worker.
    """
    from django.conf import settings

    from beforehand.cli.ready import ready

    if part == "all":
        supervisor = begin(bind)
        ready()
        sys.exit(finish(supervisor))
    host, port = address(bind or settings.BIND)
    if part in {"web", "collector"}:
        refuse_taken(host, port)
        warn_open(host, settings.HTTPS)
    ready()
    from beforehand.cli import parts

    parts.run(part, host, port)


def begin(bind: str | None) -> "Supervisor":
    """All parts, getting themselves ready while the record is looked at."""
    from django.conf import settings

    from beforehand.cli.processes import Supervisor

    host, port = address(bind or settings.BIND)
    refuse_taken(host, port)
    warn_open(host, settings.HTTPS)
    return Supervisor(["pages", "drain", "mail", "worker"], host, port)


def finish(supervisor: "Supervisor") -> int:
    """Serve until told to end; the exit code."""
    host, port = supervisor.parts[0].host, supervisor.parts[0].port
    where = f"[{host}]" if ":" in host else host
    click.echo(f"Beforehand is at http://{where}:{port} (Ctrl-C ends it).")
    return supervisor.run()


def address(bind: str) -> tuple[str, int]:
    """Host and port of “127.0.0.1:8000”, “[::1]:8000” or “8000”."""
    host, _, port = bind.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise click.BadParameter(f"“{bind}” is no address. Write one like 127.0.0.1:8000.", param_hint="--bind")
    return host.strip("[]") or "127.0.0.1", int(port)


def refuse_taken(host: str, port: int) -> None:
    """Say so before anything starts when another program listens there."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.ClickException(
            f"Cannot listen on {host}:{port} ({reason}). Choose another address, such as --bind 127.0.0.1:{port + 1}."
        ) from None


def warn_open(host: str, https: bool) -> None:
    if not is_loopback(host) and not https:
        click.echo(
            "Warning: other machines can reach this address, and nothing encrypts what passes. Put a proxy with HTTPS"
            " in front and set BEFOREHAND_HTTPS=yes and BEFOREHAND_HOSTS.",
            err=True,
        )

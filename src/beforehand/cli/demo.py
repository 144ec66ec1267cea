"""`beforehand demo`: a company to look at, in one command."""

import secrets
import sys
from pathlib import Path

import click

from beforehand.cli.ready import ready

EMAIL = "owner@example.com"
LOG_IN = "demo-log-in.txt"


@click.command()
@click.option("--bind", metavar="HOST:PORT", help="Where to listen; 127.0.0.1:8000 if nothing is said.")
@click.option("--no-serve", is_flag=True, help="Only load the company.")
def demo(bind: str | None, no_serve: bool) -> None:
    """Load a simulated company into an empty data folder, and serve it.

    What is true of it lies in the folder truth. A second run starts at once with what is there. A folder that holds
    data of its own is left alone and served.
    """
    from beforehand.cli import serve

    supervisor = None if no_serve else serve.begin(bind)
    ready()
    from django.conf import settings

    from beforehand.journey.models import Touchpoint

    how = log_in(settings.DATA)
    if not Touchpoint.objects.exists():
        from beforehand.demo import opening

        click.echo("Living through five months of The Lantern Shop …")
        added = opening.open_on(opening.plan(), settings.DATA / "truth")
        click.echo(f"{added:,} touchpoints are there. Looking for what breaks and what causes contacts …")
        opening.look()
        conversations = opening.fill_desk()
        click.echo(f"{conversations} conversations are at the desk.")
    click.echo(how)
    if supervisor is not None:
        sys.exit(serve.finish(supervisor))


def log_in(data: Path) -> str:
    """How to log in. The password is made once and kept in the data folder, readable for its owner alone."""
    from beforehand.team.models import Member

    path = data / LOG_IN
    if not path.exists():
        if Member.objects.exists():
            return "Log in as one of your members (beforehand members list)."
        password = secrets.token_urlsafe(12)
        path.touch(mode=0o600)
        path.write_text(password, encoding="ascii")
        Member.objects.create_user(EMAIL, password, name="Demo Owner", role=Member.Role.OWNER)
    password = path.read_text(encoding="ascii")
    member = Member.objects.filter(email=EMAIL).first()
    if member is None or not member.check_password(password):
        return "Log in with the password that you chose."
    return f"Log in with {EMAIL} and {password}  (also in {path})"

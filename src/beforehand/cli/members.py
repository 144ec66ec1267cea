"""Members from the command line: the first owner, and everything where no mail is set up."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from beforehand.team.models import Member

ROLES = click.Choice(["owner", "manager", "agent", "viewer"])


@click.group()
def members() -> None:
    """Who can log in, and what they may do."""
    from beforehand.cli.ready import ready

    ready()


@members.command("list")
def list_members() -> None:
    """Everybody, with role and last log-in."""
    from rich.console import Console
    from rich.table import Table

    from beforehand.team.models import Member

    table = Table(box=None, header_style="dim")
    for column in ("E-mail", "Name", "Role", "State", "Last here"):
        table.add_column(column, overflow="fold")
    for member in Member.objects.order_by("-is_active", "name", "email"):
        state = "invited" if member.is_invited else "open" if member.is_active else "closed"
        seen = f"{member.last_login:%Y-%m-%d %H:%M} UTC" if member.last_login else ""
        table.add_row(member.email, member.name, member.role, state, seen)
    if table.row_count:
        Console().print(table)
    else:
        click.echo("Nobody yet. Make the first owner: beforehand members invite you@example.com --role owner")


@members.command()
@click.argument("email")
@click.option("--name", default="", help="How they are called; they can change it.")
@click.option("--role", type=ROLES, default="agent", show_default=True)
def invite(email: str, name: str, role: str) -> None:
    """Invite somebody: prints a link that lets them choose a password."""
    from beforehand.team.forms import InviteForm
    from beforehand.team.models import Member

    form = InviteForm({"email": email, "name": name or email.partition("@")[0], "role": role})
    if not form.is_valid():
        raise click.ClickException(" ".join(str(fault) for faults in form.errors.values() for fault in faults))
    data = form.cleaned_data
    _print_link(Member.objects.invite(data["email"], data["name"], data["role"]))


@members.command()
@click.argument("email")
@click.option("--second-step", is_flag=True, help="Turn off the second step, too: the phone is gone.")
def reset(email: str, second_step: bool) -> None:
    """Print a link that lets a member choose a new password."""
    from beforehand.team.models import AuditEntry

    member = _member(email)
    if not member.is_active:
        raise click.ClickException(
            f"The account of {member.email} is closed. Open it: beforehand members return {email}"
        )
    if second_step:
        member.forget_second_step()
    AuditEntry.note("made a link for", member.email)
    _print_link(member)


@members.command()
@click.argument("email")
@click.argument("role", type=ROLES)
def role(email: str, role: str) -> None:
    """Give a member another role."""
    member = _member(email)
    _attempt(lambda: member.appoint(role))
    click.echo(f"{member.email} is {role} now.")


@members.command()
@click.argument("email")
def leave(email: str) -> None:
    """Close an account: its sessions and links end at once."""
    member = _member(email)
    _attempt(member.leave)
    click.echo(f"{member.email} can no longer log in.")


@members.command("return")
@click.argument("email")
def come_back(email: str) -> None:
    """Open a closed account again."""
    member = _member(email)
    member.come_back()
    click.echo(f"{member.email} can log in again.")


def _member(email: str) -> "Member":
    from beforehand.team.models import Member

    try:
        return Member.objects.get(email__iexact=email)
    except Member.DoesNotExist:
        raise click.ClickException(f"Nobody has the address {email}. See: beforehand members list") from None


def _attempt(verb: Callable[[], None]) -> None:
    from django.core.exceptions import ValidationError

    try:
        verb()
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None


def _print_link(member: "Member") -> None:
    from beforehand.team import invitation

    click.echo(f"{invitation.origin()}{invitation.path_for(member)}")
    click.echo(f"Pass this link to {member}. It works once, for {invitation.DAYS} days.", err=True)

"""`beforehand mail`: mailboxes, what came in, what leaves, and old archives."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from beforehand.cli.ready import ready

if TYPE_CHECKING:
    from beforehand.channels.models import Mailbox


@click.group()
def mail() -> None:
    """Mail: the mailboxes, what came in and what leaves."""


@mail.command(name="list")
def list_() -> None:
    """List the mailboxes, what they do, and what troubles them."""
    ready()
    from beforehand.channels.models import Mailbox

    for mailbox in Mailbox.objects.order_by("address"):
        checked = f"{mailbox.checked:%Y-%m-%d %H:%M}" if mailbox.checked else "never"
        click.echo(f"{mailbox.address}  {mailbox.state}  fetched {checked}  {mailbox.trouble}".rstrip())
    if not Mailbox.objects.exists():
        click.echo("There is no mailbox. Add one under Settings, Mailboxes.")


@mail.command()
@click.argument("address")
def check(address: str) -> None:
    """Log in to the servers of the mailbox with this ADDRESS, and change nothing."""
    mailbox = _mailbox(address)
    from beforehand.channels.email import fetching, smtp
    from beforehand.channels.sending import NotNow

    well = True
    for what, verb in (("IMAP", fetching.try_out), ("SMTP", smtp.try_out)):
        try:
            found = verb(mailbox)
            click.echo(f"{what}: works." + (f" {found} mails lie in {mailbox.folder}." if found is not None else ""))
        except NotNow as error:
            well = False
            click.echo(f"{what}: {error}", err=True)
    if not well:
        raise SystemExit(1)


@mail.command(name="import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--mailbox", "address", required=True, help="The mailbox to which the mails came.")
def import_(path: Path, address: str) -> None:
    """Import an mbox file or a Maildir from PATH as an archive.

    The mails keep their dates and their conversations are closed. Nothing is sent and nothing is set off by it. What is
    there already is not added again, so an import that was broken off can simply be started once more.
    """
    mailbox = _mailbox(address)
    from beforehand.channels.email import archive

    def told(what: str, done: int, of: int) -> None:
        if done == of or done % 1000 < archive.AT_ONCE:
            click.echo(f"{done:>9,} of {of:,} {what}", err=True)

    done = archive.take(path, mailbox, told)
    click.echo(f"{done.found:,} mails found, {done.new:,} of them new.")
    click.echo(f"Of this mailbox's archive {done.placed:,} are in conversations, {done.waiting:,} wait in quarantine.")


@mail.command()
@click.option("--reason", default="", help="Only those that wait for this reason.")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
def again(reason: str, limit: int) -> None:
    """Process again what waits in quarantine or failed, from the raw mails."""
    ready()
    from beforehand.channels import arriving
    from beforehand.channels.models import Arrival

    rows = Arrival.objects.filter(state__in=[Arrival.State.QUARANTINE, Arrival.State.FAILED])
    rows = rows.filter(reason=reason) if reason else rows
    through = 0
    chosen = list(rows.select_related("mailbox", "raw").order_by("id")[:limit])
    for arrival in chosen:
        through += arriving.again(arrival).state == Arrival.State.PLACED
    click.echo(f"{through} of {len(chosen)} are in conversations now.")


@mail.command()
@click.option("--release", is_flag=True, help="Let everything go again.")
@click.option("--why", default="pulled from the command line", help="What everybody reads while it is pulled.")
def brake(release: bool, why: str) -> None:
    """Pull the emergency brake: nothing whatever leaves until it is released."""
    ready()
    from beforehand.channels import brake as brakes

    if release:
        brakes.release()
        click.echo("Released: what was held leaves now.")
    else:
        brakes.pull(why)
        click.echo("Pulled: nothing leaves. `beforehand mail brake --release` lets it go again.")


def _mailbox(address: str) -> "Mailbox":
    ready()
    from beforehand.channels.models import Mailbox

    found = Mailbox.objects.filter(address__iexact=address).first()
    if found is None:
        known = ", ".join(Mailbox.objects.values_list("address", flat=True)) or "none"
        raise click.ClickException(f"There is no mailbox {address}. Known: {known}.")
    return found

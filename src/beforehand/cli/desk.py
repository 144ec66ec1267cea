"""`beforehand desk`: the desk's own upkeep."""

import click

from beforehand.cli.ready import ready


@click.group()
def desk() -> None:
    """The desk: who waits, and its clocks made again from the record."""


@desk.command()
def rebuild() -> None:
    """Make ledger and clocks again out of the record. It gives what live work gave."""
    ready()
    from beforehand.service.clocks.rebuilding import rebuild as again

    count = again(lambda done: click.echo(f"{done:,} conversations …"))
    click.echo(f"Ledger and clocks of {count:,} conversations are made again.")


@desk.command()
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
def waiting(limit: int) -> None:
    """List who waits for an answer, the longest wait first."""
    ready()
    from django.utils import timezone

    from beforehand.lib.format import duration
    from beforehand.service.assigning import WAITING
    from beforehand.service.models import Conversation

    rows = Conversation.objects.filter(WAITING).select_related("owner", "team").order_by("waiting_since", "id")
    for one in rows[:limit]:
        assert one.waiting_since is not None
        waited = duration((timezone.now() - one.waiting_since).total_seconds())
        click.echo(f"{waited:>12}  #{one.pk:<8} {one.owner or one.team or 'nobody'!s:<20} {one.subject or one.snippet}")
    if not rows:
        click.echo("Nobody waits.")

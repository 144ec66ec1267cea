"""`beforehand failed`: messages that could not be understood."""

from typing import TYPE_CHECKING, TextIO

import click

from beforehand.cli.ready import ready

if TYPE_CHECKING:
    from beforehand.journey.models import FailedMessage


@click.group()
def failed() -> None:
    """The failed lane: messages that wait for somebody to look at them."""


def _of(number: int) -> "FailedMessage":
    ready()
    from beforehand.journey.models import FailedMessage

    message = FailedMessage.objects.filter(pk=number).first()
    if message is None:
        raise click.ClickException(f"There is no failed message {number}. See: beforehand failed list")
    return message


@failed.command(name="list")
@click.option("--reason", help="Only those that failed for this reason.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def list_(reason: str | None, limit: int) -> None:
    """List what waits, the newest first."""
    ready()
    from beforehand.journey.models import FailedMessage

    waiting = FailedMessage.objects.filter(state=FailedMessage.State.WAITING).select_related("source")
    if reason:
        waiting = waiting.filter(reason=reason)
    for message in waiting[:limit]:
        click.echo(f"{message.pk:>6}  {message.received:%Y-%m-%d %H:%M:%S}  {message.source}  {message}")
    count = waiting.count()
    click.echo(f"{count:,} wait." if count else "Nothing waits.")


@failed.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Show the message of this NUMBER as it came."""
    message = _of(number)
    click.echo(
        f"{message}\n{message.get_state_display()}; came to {message.path} from {message.source}\n\n{message.body}"
    )


@failed.command()
@click.argument("numbers", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that wait.")
@click.option("--reason", help="All that wait for this reason.")
@click.option("--body", type=click.File(), help="Another text for the message, from a file (“-” reads standard input).")
def replay(numbers: tuple[int, ...], everything: bool, reason: str | None, body: TextIO | None) -> None:
    """Process messages again. Doing so twice records them once."""
    ready()
    from beforehand.journey.models import FailedMessage

    if body is not None and len(numbers) != 1:
        raise click.UsageError("--body belongs to exactly one number.")
    messages = [_of(number) for number in numbers]
    if everything or reason:
        waiting = FailedMessage.objects.filter(state=FailedMessage.State.WAITING)
        messages += waiting.filter(reason=reason) if reason else waiting
    text = body.read() if body is not None else None
    through = sum([message.replay(body=text) for message in messages])
    click.echo(f"{through:,} of {len(messages):,} went through.")
    if through < len(messages):
        raise SystemExit(1)


@failed.command()
@click.argument("numbers", type=int, nargs=-1, required=True)
def dismiss(numbers: tuple[int, ...]) -> None:
    """Settle messages without recording anything."""
    for number in numbers:
        _of(number).dismiss()
    click.echo(f"{len(numbers):,} dismissed.")

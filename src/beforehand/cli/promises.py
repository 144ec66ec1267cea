"""`beforehand promises`: what was promised to whom, and which touchpoints are promises."""

import click

from beforehand.cli.ready import ready

STATES = click.Choice(["open", "kept", "kept_late", "broken", "renegotiated", "withdrawn"])


@click.group()
def promises() -> None:
    """Promises: what we said we would do, by when, and what became of it."""


@promises.command(name="list")
@click.option("--state", type=STATES, help="Only these.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def list_(state: str | None, limit: int) -> None:
    """List promises, the one that is or was due next to now first."""
    ready()
    from beforehand.journey.models import Promise
    from beforehand.journey.promises import projection

    projection.follow()
    rows = Promise.objects.select_related("customer").order_by("-due", "id")
    rows = rows.filter(state=state) if state else rows
    for promise in rows[:limit]:
        whom = f"{promise.what} to {promise.customer}"
        click.echo(f"{promise.pk:>10}  {promise.due:%Y-%m-%d %H:%M}  {promise.state:<12} {whom}")
    if not rows:
        click.echo("There is no such promise.")


@promises.command()
def rules() -> None:
    """List the rules: which touchpoint is a promise, and by which it is kept."""
    ready()
    from beforehand.journey.promises.rules import in_force

    for rule in in_force():
        kept = ", ".join(one.name for one in rule.kept_by)
        same = f" with the same {rule.key}" if rule.key else ""
        told = "is no promise" if rule.off else f"{rule.what}, kept by {kept}{same}"
        click.echo(f"{rule.name}: {told}; due at “{rule.due}”, else within {rule.within / 86_400:g} days")


@promises.command()
@click.argument("name")
@click.option("--what", default="", help="What is promised, in a few words. Else the name.")
@click.option("--kept-by", multiple=True, help="The touchpoint that keeps it; may be repeated.")
@click.option("--key", default="", help="The property of which both carry the same value, such as order_id.")
@click.option("--due", default="due", show_default=True, help="The property that says by when.")
@click.option("--within", default=7.0, show_default=True, help="Days, where the touchpoint does not say by when.")
@click.option("--off", is_flag=True, help="From now on the touchpoint is no promise.")
def rule(name: str, what: str, kept_by: tuple[str, ...], key: str, due: str, within: float, off: bool) -> None:
    """Say that the touchpoint of this NAME is a promise, from now on; the first rule of a name holds for all before."""
    ready()
    import time

    from django.core.exceptions import ValidationError

    from beforehand.journey.promises import rules as book

    now = time.time_ns() // 1000
    try:
        made = book.change(
            name, what or name, list(kept_by), now, key=key, due=due, within=within * 86_400, off=off
        )  # fmt: skip
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None
    click.echo(f"{made.name}: version {made.version}. All is looked at again with the next catching-up.")

"""`beforehand catalogue`: what the names of touchpoints mean."""

import json

import click

from beforehand.cli.ready import ready


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
@click.option("--guessed", is_flag=True, help="Only the guesses that nobody has confirmed.")
@click.pass_context
def catalogue(context: click.Context, as_json: bool, guessed: bool) -> None:
    """List what each name means: label, stage, kind, and whether that is a guess."""
    ready()
    if context.invoked_subcommand is None:
        _show(as_json, guessed)


def _show(as_json: bool, guessed: bool) -> None:
    from beforehand.journey.catalogue import in_force

    entries = [entry for entry in in_force() if entry.guessed or not guessed]
    if as_json:
        click.echo(json.dumps([entry._asdict() for entry in entries], ensure_ascii=False, indent=2))
        return
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        note = f"guess: {entry.reason or 'no word of it is known'}" if entry.guessed else ""
        click.echo(f"{entry.name:<{width}}  {entry.stage or '–':<13}  {entry.kind:<8}  {note}".rstrip())


@catalogue.command()
def guess() -> None:
    """Guess stage and kind for names in the data that nobody has catalogued."""
    from beforehand.journey.catalogue import guess_missing

    changed = guess_missing()
    click.echo(f"{changed} guesses written." if changed else "Nothing new to guess.")


@catalogue.command()
@click.argument("name")
@click.option("--label", help="What people read.")
@click.option("--stage", help="The key of a stage, or “none”.")
@click.option("--kind", help="value, wait, failure, contact, service, outreach or feedback.")
def correct(name: str, label: str | None, stage: str | None, kind: str | None) -> None:
    """Say what NAME means. Without options it confirms the guess."""
    from beforehand.journey import catalogue as verbs
    from beforehand.journey.models import Stage

    try:
        entry = verbs.correct(name, label=label, stage="" if stage == "none" else stage, kind=kind)
    except Stage.DoesNotExist:
        keys = ", ".join(Stage.objects.values_list("key", flat=True))
        raise click.ClickException(f"There is no stage “{stage}”. Use one of: {keys}, none.")
    except ValueError as error:
        raise click.ClickException(str(error))
    click.echo(f"{entry.name}: {entry.stage_id or 'no stage'}, {entry.kind}, “{entry.label}”")

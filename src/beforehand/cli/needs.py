"""`beforehand needs`: what customers try to get done, and how far they get."""

import json
from pathlib import Path
from typing import Any

import click

from beforehand.cli.ready import ready

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def needs() -> None:
    """Needs: what customers try to get done, followed from beginning to end.

    A kind of need is a YAML file: what opens it, its steps, what meets it, what counts as trouble. A running server
    follows the needs by itself.
    """


@needs.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def list_kinds(as_json: bool) -> None:
    """List the kinds of need with how many were seen, how many are open and how many stuck."""
    ready()
    from beforehand.journey.needs import counting

    rows = counting.kinds()
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("kind", "title", "version"):
        table.add_column(title, overflow="fold")
    for title in ("needs", "met", "open", "stuck", "met beforehand"):
        table.add_column(title, justify="right")
    for row in rows:
        share = "" if row.beforehand is None else f"{row.beforehand:.1%}"
        state = f"{row.version} (off)" if row.off else str(row.version)
        counts = (f"{count:,}" for count in (row.needs, row.met, row.open, row.stuck))
        table.add_row(row.kind, row.title, state, *counts, share)
    Console().print(table)


@needs.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--check", "only_check", is_flag=True, help="Say what is wrong or odd, and keep nothing.")
@click.option("--past", is_flag=True, help="Let them hold for all the past too, and trace it again.")
def load(files: tuple[Path, ...], only_check: bool, past: bool) -> None:
    """Load kinds of need from YAML FILES, all or none.

    A kind that is there already gets a new version: needs that have opened stay under theirs.
    """
    ready()
    from beforehand.journey.needs import keeping

    kinds = [kind for file in files for kind in _read(file)]
    if only_check:
        found = [(kind, one) for kind in kinds for one in keeping.findings(kind)]
        for kind, one in found:
            click.echo(f"{kind.kind}: {one.text}")
        if any(one.refused for _kind, one in found):
            raise click.ClickException("So these kinds cannot be taken.")
        return
    for kept, warnings in keeping.keep_all(kinds, since=0 if past else None):
        click.echo(f"{kept.slug}: version {kept.version}")
        for warning in warnings:
            click.echo(f"  note: {warning}")


@needs.command()
@click.argument("kinds", nargs=-1)
@click.option("--ready-made", is_flag=True, help="Those that come with Beforehand instead.")
def export(kinds: tuple[str, ...], ready_made: bool) -> None:
    """Print the KINDS as YAML, all if none is named."""
    ready()
    from beforehand.journey.needs import keeping, reading

    known = keeping.ready_made() if ready_made else keeping.definitions()
    chosen = [one for one in known if not kinds or one.kind in kinds]
    if missing := set(kinds) - {one.kind for one in chosen}:
        raise click.ClickException(f"There is no kind “{sorted(missing)[0]}”. `beforehand needs list` shows them.")
    click.echo(reading.write_yaml(chosen), nl=False)


@needs.command()
@click.argument("kind")
def off(kind: str) -> None:
    """Let no new need of the KIND open. Those that are open go on."""
    ready()
    from beforehand.journey.needs import keeping

    keeping.switch_off(kind)
    click.echo(f"{kind} is off.")


@needs.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead.")
def propose(out: Path | None) -> None:
    """Find likely kinds of need in the touchpoints and write YAML to edit and load.

    Looks for frequent beginnings and ends, long waits, and contacts in between.
    """
    ready()
    from beforehand.journey import catalogue
    from beforehand.journey.needs import propose as proposing

    catalogue.guess_missing()
    found = proposing.propose()
    if not found:
        click.echo("Nothing here looks like a need: no touchpoint leads to another often enough.", err=True)
        return
    text = proposing.as_yaml(found)
    if out is None:
        click.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"{len(found)} kinds in {out}. Edit it, then: beforehand needs preview {out}")


@needs.command()
@click.argument("file", type=FILE)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3_650), help="How far to look back.")
def preview(file: Path, days: int) -> None:
    """Say what the kinds in a YAML FILE would have found in the last days, without keeping anything."""
    ready()
    from beforehand.journey.needs import preview as previewing

    for kind in _read(file):
        seen = previewing.preview(kind, days)
        if not seen.needs:
            click.echo(f"{kind.title}: in the last {days} days this would have been no need at all.")
            continue
        sample = "" if seen.share == 1 else f" (in a sample of {seen.share:.0%} of the customers)"
        ahead = f", {seen.beforehand / seen.known:.0%} beforehand" if seen.known else ""
        click.echo(
            f"{kind.title}: in the last {days} days this would have been {seen.needs:,} needs{sample},"
            f" {seen.met / seen.needs:.0%} met{ahead}, {seen.contacted / seen.needs:.0%} with a contact."
        )


@needs.command()
def follow() -> None:
    """Catch up with the touchpoints, as a running server does by itself."""
    ready()
    from beforehand.journey.needs import upkeep

    click.echo(f"{upkeep.catch_up():,} touchpoints followed.")


@needs.command()
def rebuild() -> None:
    """Trace all needs again from all touchpoints, and learn the baselines that are missing."""
    ready()
    from beforehand.journey.needs import baselines
    from beforehand.journey.needs.rebuilding import Overtaken
    from beforehand.journey.needs.rebuilding import rebuild as again

    try:
        with _shown() as progress:
            count = again(progress)
            learned = baselines.learn()
            if learned:
                again(progress)
    except Overtaken:
        raise click.ClickException("Another process has begun to rebuild the needs; it will finish.") from None
    click.echo(f"{count:,} touchpoints traced.")
    if learned:
        click.echo(f"The usual time of {learned} steps was learned.")


def _read(file: Path) -> Any:
    from beforehand.journey.needs import reading

    try:
        return reading.read_yaml(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is no text in UTF-8.") from None


def _shown() -> Any:
    from beforehand.cli.lake import _shown as shown

    return shown()

"""`beforehand import`: a file of touchpoints into the record and the lake."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from beforehand.cli.ready import ready

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar

    from beforehand.journey.imports.columns import Columns
    from beforehand.journey.imports.run import Summary
    from beforehand.journey.imports.table import Table
    from beforehand.journey.imports.times import Reading


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--customer", metavar="COLUMN", help="Who it happened to.")
@click.option("--name", metavar="COLUMN", help="What happened.")
@click.option("--at", metavar="COLUMN", help="When it happened.")
@click.option("--channel", metavar="COLUMN", help="Through which channel: web, store, phone …")
@click.option("--place", metavar="COLUMN", help="Where in the channel: a page, a screen, a shop.")
@click.option("--actor", metavar="COLUMN", help="Who did it: customer, company or system. Else the customer.")
@click.option(
    "--property", "properties", metavar="COLUMN", multiple=True, help="Keep only these others. May be repeated."
)
@click.option("--customer-kind", type=click.Choice(["user_id", "email", "phone", "handle", "external", "anonymous_id"]))
@click.option("--source", default="import", show_default=True, help="A row is imported once for each source.")
@click.option("--encoding", help="How the text is encoded, like utf-8 or cp1252.")
@click.option("--delimiter", help="What separates the columns; write tab for a tab.")
@click.option("--time-format", metavar="FORMAT", help="How times are written, like '%d/%m/%Y %H:%M'.")
@click.option("--zone", help="The zone of times that name none. Else the company's.")
@click.option("--any-time", is_flag=True, help="Also believe times in the future, on 1970-01-01 and before 1900.")
def import_file(file: Path, at: str | None, **options: Any) -> None:
    """Import FILE: CSV, TSV, JSON lines, Parquet or XES, also packed as .gz.

    Columns that are not given are guessed and shown. Importing a file again adds nothing.
    """
    ready()
    import duckdb
    from django.db import OperationalError
    from rich.console import Console

    from beforehand.journey.imports.run import import_file as run
    from beforehand.journey.imports.table import ImportFailed

    out = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        with progress_bar(out) as bar:
            summary = run(request(file, at, options), steps(bar), lambda *plan: tell(out, *plan))
    except ImportFailed as error:
        raise click.ClickException(str(error)) from None
    except (OSError, OperationalError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        again = "Nothing is half done: run the same import again once that is mended, and it goes on where it stopped."
        raise click.ClickException(f"The import stopped: {error}\n{again}") from error
    report(summary)


def request(file: Path, at: str | None, options: dict[str, Any]) -> Any:
    from beforehand.journey.imports.run import Request

    columns = {role: options.pop(role) for role in ("customer", "name", "channel", "place", "actor")}
    delimiter = {"tab": "\t", r"\t": "\t"}.get(options["delimiter"], options.pop("delimiter"))
    properties = list(options.pop("properties")) or None
    if options["zone"]:
        _require_zone(options["zone"])
    return Request(file, columns | {"time": at}, properties, delimiter=delimiter, **options)


def _require_zone(zone: str) -> None:
    from zoneinfo import available_timezones

    if zone not in available_timezones():
        raise click.BadParameter(f"“{zone}” is no time zone. Write one like Europe/Dublin.", param_hint="--zone")


def progress_bar(out: "Console") -> "Bar":
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=out,
        transient=True,
        disable=not out.is_terminal,
    )


def steps(bar: "Bar") -> Callable[[str, int, int | None], None]:
    """One line a step; where the end is known with rate and time left."""
    task = bar.add_task("", note="", total=None)
    step = ""

    def progress(name: str, done: int, total: int | None) -> None:
        nonlocal step
        if name != step:
            step = name
            bar.reset(task, total=total, description=name, note="")
        bar.update(task, completed=done, total=total, note=_note(done, total))

    def _note(done: int, total: int | None) -> str:
        elapsed = bar.tasks[0].elapsed or 0
        if not done or not elapsed:
            return ""
        rate = done / elapsed
        left = f", {(total - done) / rate:,.0f} s left" if total else ""
        return f"{done:,}{f' of {total:,}' if total else ''}, {rate:,.0f} a second{left}"

    return progress


def tell(out: "Console", table: "Table", columns: "Columns", reading: "Reading") -> None:
    """How the file will be read, before anything is written."""
    from beforehand.journey.imports.columns import ROLES

    out.print(f"{table.format}{', ' if table.about else ''}{table.about}")
    notes = {"time": reading.label, "customer": columns.customer_kind.replace("_", " ")}
    for role in ROLES:
        if column := getattr(columns, role):
            guessed = "guessed" if role in columns.guessed else ""
            note = "; ".join(filter(None, [guessed, notes.get(role, "")]))
            out.print(f"  {role:<10} {column}{f'  ({note})' if note else ''}")
    kept = columns.properties
    if kept is None:
        rest = [column for column in table.columns if column not in columns.mapped]
        out.print(f"  properties all others: {', '.join(rest) or 'there are none'}")
    else:
        out.print(f"  properties {', '.join(kept)}")


def report(summary: "Summary") -> None:
    click.echo(f"Read {summary.read:,} rows: {summary.added:,} added, {summary.there:,} already there, ", nl=False)
    click.echo(f"{summary.rejected:,} rejected.")
    if summary.first and summary.last:
        click.echo(
            f"{summary.customers:,} customers, {summary.names:,} names,"
            f" from {summary.first:%Y-%m-%d %H:%M} to {summary.last:%Y-%m-%d %H:%M} UTC."
        )
    for reason, count in summary.reasons.most_common(5):
        click.echo(f"  rejected {count:,}: {reason}")
    if summary.rejects:
        click.echo(f"  They are in {summary.rejects}")
    if summary.mapped_otherwise:
        click.echo(
            "These rows were imported before with other columns, and stay as they were."
            " To have them again as told this time, give another --source."
        )
    click.echo("Next: beforehand report")

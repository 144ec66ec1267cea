"""`beforehand lake`: the files that measures are read from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from beforehand.cli.ready import ready

if TYPE_CHECKING:
    from beforehand.journey.lake.stage import Progress


@click.group()
def lake() -> None:
    """The lake: every touchpoint again, in files that are fast to read.

    A running server seals, compacts and folds by itself. The record holds everything, so the lake can be made again.
    """


@lake.command()
def seal() -> None:
    """Write what is new in the record into files."""
    _run("seal", "{:,} touchpoints sealed.")


@lake.command()
def compact() -> None:
    """Write the files anew of customers whose touchpoints came late or changed hands."""
    _run("compact", "{:,} customers written anew.")


@lake.command()
def fold() -> None:
    """Join small files into few large ones."""
    ready()
    from beforehand.journey import lake

    click.echo(f"{lake.fold(everything=True):,} files fewer.")


@lake.command()
def rebuild() -> None:
    """Make the whole lake again from the record."""
    _run("rebuild", "The lake is made again with {:,} touchpoints.")


@lake.command()
def check() -> None:
    """Compare the lake with the record and say where they differ."""
    ready()
    from beforehand.journey import lake

    with _shown() as progress:
        found = lake.check(progress)
    for difference in found:
        click.echo(f"{difference.where}: {difference.what}")
    if found:
        raise click.ClickException(
            "Lake and record do not agree. Run “beforehand lake rebuild” to make the lake again; nothing is lost."
        )
    click.echo("Lake and record agree.")


def _run(verb: str, said: str) -> None:
    ready()
    from beforehand.journey import lake

    with _shown() as progress:
        done = getattr(lake, verb)(progress)
    click.echo(said.format(done))


@contextmanager
def _shown() -> Iterator["Progress"]:
    """A progress bar, and errors in plain words."""
    import duckdb
    from rich.console import Console

    from beforehand.cli.imports import progress_bar, steps
    from beforehand.journey.lake import LakeBroken

    try:
        with progress_bar(Console(stderr=True)) as bar:
            yield steps(bar)
    except LakeBroken as error:
        raise click.ClickException(str(error)) from None
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise click.ClickException(f"{error}\nNothing was changed: the lake is as it was before.") from error

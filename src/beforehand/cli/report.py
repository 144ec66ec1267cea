"""`beforehand report`: where the experience breaks, and the journey in honest numbers."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from beforehand.cli import period
from beforehand.cli.ready import ready


@click.command()
@click.option("--html", type=click.Path(dir_okay=False, writable=True), help="Write one self-contained page here.")
@click.option("--json", "machine", is_flag=False, flag_value="-", type=click.Path(dir_okay=False, allow_dash=True),
              help="The numbers for machines, to this file or, without a file, to the screen.")  # fmt: skip
@period.options
def report(
    html: str | None, machine: str | None, start: datetime | None, end: datetime | None, segment: str | None
) -> None:
    """Write the experience report of a period: the worst breaks first, then the journey in numbers.

    Without --html or --json it is shown here.
    """
    ready()
    from rich.console import Console

    from beforehand.insight import report as verbs
    from beforehand.insight.query import BadQuery
    from beforehand.insight.report.terminal import show
    from beforehand.journey import lake

    aside = Console(stderr=True, highlight=False)
    try:
        with lake.reader() as reader, aside.status("Looking at the journeys") as status:
            first, last = period.days(reader, start, end)
            tell = lambda step: status.update(f"Looking at the journeys: {step}")  # noqa: E731
            found = verbs.gather(reader, first, last, period.segment_of(segment), tell)
    except BadQuery as error:
        raise click.ClickException(str(error))
    if html:
        _write(html, verbs.page(found))
        aside.print(f"Written to {html}")
    if machine:
        _write(machine, json.dumps(verbs.numbers(found), ensure_ascii=False, indent=1) + "\n")
    if not html and not machine:
        show(found, Console(highlight=False))


def _write(path: str, text: str) -> None:
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.")

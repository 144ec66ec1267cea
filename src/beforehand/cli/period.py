"""The options of commands that look at a period and a segment."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--from`, `--to` (days, both included) and `--segment key:value`."""
    for option in (
        click.option("--segment", help="Only these touchpoints, as key:value, for instance platform:mobile."),
        click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="The last day. Else that of the data."),
        click.option(
            "--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="The first day. Else that of the data."
        ),
    ):
        command = option(command)
    return command


def days(reader: Any, start: datetime | None, end: datetime | None) -> tuple[date, date]:
    """The days asked for; where nothing was, those of the data."""
    from beforehand.insight.filters import spans

    held = spans(reader)
    today = date.today()  # noqa: DTZ011
    first = start.date() if start else min((one[0] for one in held), default=today)
    last = end.date() if end else max((one[1] for one in held), default=today)
    if last < first:
        raise click.ClickException(f"The period ends ({last}) before it starts ({first}).")
    return first, last


def segment_of(text: str | None) -> Any:
    from beforehand.insight.segments import BadSegment, parse

    try:
        return parse(text or "")
    except BadSegment as error:
        raise click.ClickException(str(error))

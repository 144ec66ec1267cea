"""`beforehand measures`: what is measured, and any number of it with its interval, its SQL and its rows."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from beforehand.cli import period
from beforehand.cli.ready import ready

if TYPE_CHECKING:
    from beforehand.insight.result import Result, Rows

GROUPS_SHOWN = 40


@click.command()
@click.argument("slug", required=False)
@click.option("--by", help="Split by a column of the measure, stage, kind, or a property such as platform.")
@period.options
@click.option("--trend", type=click.Choice(["day", "week"]), help="Also over time.")
@click.option("--step", "steps", multiple=True, help="A step of a funnel; give one after the other.")
@click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
@click.option("--spark", is_flag=True, help="With --sql: in Spark's SQL.")
@click.option("--rows", "count", type=click.IntRange(1, 100_000), help="Print so many of the rows behind the number.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def measures(slug: str | None, count: int | None, as_json: bool, sql: bool, spark: bool, **asked: Any) -> None:
    """Answer the measure SLUG; without it, list all measures."""
    ready()
    from beforehand.insight.query import BadQuery

    try:
        if slug is None:
            _list(as_json)
        else:
            _one(slug, count, as_json, sql, spark, **asked)
    except BadQuery as error:
        raise click.ClickException(str(error))


def _list(as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from beforehand.insight.measures import all as all_measures

    found = all_measures().values()
    if as_json:
        fields = ("slug", "title", "unit", "good", "definition")
        click.echo(
            json.dumps(
                [{**{name: str(getattr(one, name)) for name in fields}, "version": one.version} for one in found],
                ensure_ascii=False,
            )
        )
        return
    table = Table("slug", "measure", "what it says", box=None, header_style="bold", pad_edge=False)
    for one in found:
        table.add_row(one.slug, str(one.title), str(one.definition))
    Console().print(table)


def _one(
    slug: str, count: int | None, as_json: bool, sql: bool, spark: bool, steps: tuple[str, ...],
    start: datetime | None, end: datetime | None, segment: str | None, by: str | None, trend: Any,
) -> None:  # fmt: skip
    from beforehand.insight import run, spark_sql
    from beforehand.insight.query import Query
    from beforehand.journey import lake

    with lake.reader() as reader:
        first, last = period.days(reader, start, end)
        query = Query(slug, first, last, period.segment_of(segment), by, trend, steps)
        if sql:
            text = run.statement(query, reader)
            click.echo(spark_sql.translated(text) if spark else text)
        elif count:
            _print_rows(run.rows(query, count, reader=reader), as_json)
        else:
            _print_result(run.run(query, reader), query, as_json)


def _print_rows(found: "Rows", as_json: bool) -> None:
    if as_json:
        lines = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
        click.echo(json.dumps(lines, ensure_ascii=False, default=str))
        return
    click.echo("\t".join(found.columns))
    for row in found.rows:
        click.echo("\t".join("" if part is None else str(part) for part in row))


def _print_result(result: "Result", query: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    from beforehand.insight import figures

    console = Console(highlight=False)
    about = "≈ " if result.approximate else ""
    value, ends = figures.text(result.value, result.unit), figures.interval(result.low, result.high, result.unit)
    console.print(f"[bold]{result.title}[/bold]  {about}[bold]{value}[/bold] {ends}  n = {result.n:,}", markup=True)
    console.print(f"{query.start} to {query.end}. {result.definition}\nInterval: {result.estimator}.", style="dim")
    if not result.enough:
        console.print("Too few to rank or compare.", style="dim")
    for lines in (result.groups[:GROUPS_SHOWN], result.trend):
        table = Table("", "value", "interval", "n", box=None, header_style="dim", pad_edge=False)
        for line in lines:
            name = getattr(line, "label", None) or str(getattr(line, "day", "") or "–")
            ends = figures.interval(line.low, line.high, result.unit)
            table.add_row(name, figures.text(line.value, result.unit), ends, f"{line.n:,}")
        if table.row_count:
            console.print(table)
    if len(result.groups) > GROUPS_SHOWN:
        console.print(f"and {len(result.groups) - GROUPS_SHOWN} more: --json has them all.", style="dim")

"""The report as it is read in a terminal."""

from rich.console import Console
from rich.table import Table

from beforehand.insight import figures
from beforehand.insight.report.contents import Report
from beforehand.insight.result import Group, Result
from beforehand.lib.format import number

BREAKS, LINES = 5, 8
HEADLINES = ("contact-rate", "back-and-forth", "dead-ends", "funnel")


def show(report: Report, console: Console) -> None:
    console.print(f"\n[bold]Experience report[/bold]  {report.start} to {report.end}", highlight=False)
    if report.segment:
        console.print(f"Only {report.segment}", style="dim")
    _breaks(report, console)
    _head(console, "The journey in numbers")
    console.print(
        _measures([report.results[slug] for slug in ("touchpoints", "customers", *HEADLINES)] + [report.retention])
    )
    if report.scores:
        _head(console, "What customers said")
        console.print(_measures(report.scores))
    if report.service:
        _head(console, "How long service let them wait")
        console.print(_measures(report.service))
    for slug, lines in (("transitions", _waits), ("variants", _shares), ("funnel", _shares)):
        result = report.results[slug]
        if result.groups:
            _head(console, result.title)
            console.print(lines(result))


def _head(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]")


def _breaks(report: Report, console: Console) -> None:
    _head(console, "Where it breaks")
    if not report.breaks:
        console.print("No break found: nothing in this period stands out from chance.")
    for found in report.breaks[:BREAKS]:
        console.print(f"[red]{found.rank}[/red]  {found.sentence}", highlight=False)
        for more in found.also:
            console.print(f"   also {more}", style="dim", highlight=False)
    if len(report.breaks) > BREAKS:
        console.print(f"and {len(report.breaks) - BREAKS} more", style="dim")


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", no_wrap=bool(index))
    return table


def _measures(results: list[Result]) -> Table:
    table = _table("", "", "interval", "n")
    for result in results:
        ends = figures.interval(result.low, result.high, result.unit)
        style = "" if result.enough else "dim"
        table.add_row(result.title, figures.text(result.value, result.unit), ends, number(result.n), style=style)
    return table


def _waits(result: Result) -> Table:
    table = _table("", "n", "median", "interval", "90 % within")
    for group in result.groups[:LINES]:
        ends = figures.interval(group.low, group.high, "seconds")
        p90 = figures.text(group.extra.get("p90"), "seconds")
        table.add_row(
            group.label, number(group.n), figures.text(group.value, "seconds"), ends, p90, style=_style(group)
        )
    return table


def _shares(result: Result) -> Table:
    table = _table("", "share", "interval", "n")
    for group in result.groups[:LINES]:
        ends = figures.interval(group.low, group.high, "share")
        table.add_row(group.label, figures.text(group.value, "share"), ends, number(group.n), style=_style(group))
    return table


def _style(group: Group) -> str:
    return "" if group.extra.get("enough") else "dim"

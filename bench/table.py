"""What a benchmark returns, and the table that `make bench` prints."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One line of the table. `reached` says whether the bar was met; None where there is no bar."""

    what: str
    got: str
    bar: str = ""
    reached: bool | None = None
    compared: str = ""
    cost: str = ""


def rate(count: float, seconds: float, unit: str = "/s") -> str:
    return f"{count / seconds:,.0f}{unit}"


def shown(figures: Iterator[Figure], caption: str = "") -> list[Figure]:
    """Print each figure as it comes, and all of them as a table at the end."""
    console = Console(width=170)
    got = []
    for figure in figures:
        console.print(f"  {figure.what}: [bold]{figure.got}[/] {figure.compared}", highlight=False)
        got.append(figure)
    table = Table("what", "got", "bar", "", "compared with", "cost", caption=caption)
    for f in got:
        verdict = {True: "reached", False: "missed", None: ""}[f.reached]
        table.add_row(f.what, f.got, f.bar, verdict, f.compared, f.cost)
    console.print(table)
    return got

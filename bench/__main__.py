"""`make bench`: every figure beside its limit. `python -m bench collector drain` runs some; `--large` sets the size."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from bench import chat, collector, desk, mail, visible
from bench.table import Figure, shown

BEFOREHAND = [sys.executable, "-m", "beforehand"]
HELD = (
    "A filled folder holds simulated companies (bench/fill.py), 11,000 customers and a year a million touchpoints,"
    " with the needs, contacts and promises that follow from them."
)


def timing(data: Path, name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.timing", str(data), name]
    answer: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1]
    )
    return answer


def whole(command: list[str]) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a whole process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - began, usage.ru_maxrss / 1000


def filled(folder: Path, rows: int) -> Path:
    """A data folder with so many touchpoints; made once and kept in the folder of this run."""
    data = folder / f"filled-{rows}"
    if not (data / "done").exists():
        subprocess.run([sys.executable, "-m", "bench.fill", str(data), str(rows)], check=True)
        (data / "done").touch()
    return data


def of_import(folder: Path, large: int) -> Iterator[Figure]:
    """A CSV of 2.6 million rows to a finished lake, and what reading it alone takes."""
    import duckdb

    rows, path = min(2_600_000, large), folder / "log.csv"
    duckdb.sql(f"""copy (
        select 'person-' || (hash(i) % {rows // 13}) as customer, 'Step ' || (hash(i * 7) % 40) as name,
          timestamp '2024-01-01' + interval (i * 20) second as time,
          ['web', 'mail', 'store'][1 + (hash(i * 3) % 3)::int] as channel, 'platform ' || (i % 4) as platform
        from range({rows}) numbers(i)) to '{path}' (header)""")
    began = time.perf_counter()
    duckdb.sql(f"select count(*), count(distinct customer) from read_csv('{path}')").fetchall()
    alone = time.perf_counter() - began
    mapping = ["--customer=customer", "--name=name", "--at=time", "--channel=channel", "--property=platform"]
    took, peak = whole([*BEFOREHAND, "--data", str(folder / "imported"), "import", str(path), *mapping])
    yield Figure(
        f"import of a CSV of {rows:,} rows, to a finished lake", f"{took:.1f} s, {peak:,.0f} MB", "60 s, 1,500 MB",
        took <= 60 and peak <= 1500, f"reading the file with DuckDB: {alone:.2f} s",
    )  # fmt: skip
    flows = timing(folder / "imported", "transitions")
    peer = ""
    if find_spec("pm4py"):
        peer = f"; pm4py's plain transitions: {timing(folder / 'imported', 'peer')['seconds']:.2f} s"
    yield Figure(
        f"transitions, mean and p90, over {flows['rows']:,} sealed", f"{flows['sealed']:.3f} s", "0.2 s",
        flows["sealed"] <= 0.2, f"the window over raw rows: {flows['window']:.2f} s{peer}",
    )  # fmt: skip


def of_drain(folder: Path, large: int) -> Iterator[Figure]:
    for data, bar in ((folder / "empty", 15_000), (filled(folder, large), 8_000)):
        got = timing(data, "drain")
        speed = got["events"] / got["seconds"]
        yield Figure(
            f"drain, with {got['before']:,} touchpoints there", f"{speed:,.0f}/s", f"{bar:,}/s", speed >= bar,
            f"rows the database takes by itself: {got['raw']:,.0f}/s", f"{got['cpu'] / got['seconds']:.2f} cores",
        )  # fmt: skip


def of_pages(folder: Path, large: int) -> Iterator[Figure]:
    small, big = timing(filled(folder, large // 10), "pages"), timing(filled(folder, large), "pages")
    raw = timing(filled(folder, large), "raw")
    boards = {"home": 0.1, "map": 0.3, "the busiest customer": 0.05, "a customer at random": 0.05, "customers": None}
    for name, bar in boards.items():
        yield Figure(
            f"{name} with {large:,} touchpoints", f"{big[name] * 1000:.0f} ms", f"{bar * 1000:.0f} ms" if bar else "",
            big[name] <= bar if bar else None,
            f"with a tenth of them: {small[name] * 1000:.0f} ms"
            + (f"; raw rows: {raw[name] * 1000:,.0f} ms" if name in raw else ""),
            f"{big[name + ' cpu'] * 1000:.0f} ms of CPU; with a tenth {small[name + ' cpu'] * 1000:.0f} ms",
        )  # fmt: skip


def of_rebuild(folder: Path, large: int) -> Iterator[Figure]:
    got = timing(filled(folder, large), "rebuild")
    yield Figure(
        f"lake rebuild of {large:,}",
        f"{got['seconds']:.0f} s, {got['peak_mb']:,.0f} MB",
        "120 s",
        got["seconds"] <= 120,
        cost=f"{got['cpu']:.0f} s of CPU",
    )


def of_causes(folder: Path, large: int) -> Iterator[Figure]:
    got = timing(filled(folder, large), "causes")
    yield Figure(
        f"causes of {got['contacts']:,} contacts among {large:,} touchpoints",
        f"{got['seconds']:.0f} s, {got['peak_mb']:,.0f} MB",
        "60 s",
        got["seconds"] <= 60,
        f"{got['judged']} candidates",
        f"{got['cpu']:.0f} s of CPU",
    )


def of_needs(folder: Path, large: int) -> Iterator[Figure]:
    data, bar = filled(folder, large), 180 * large / 20_000_000
    got = timing(data, "needs")
    yield Figure(
        f"rebuild of all needs over {large:,}", f"{got['seconds']:.0f} s", f"{bar:.0f} s", got["seconds"] <= bar,
        f"{got['rows']:,} of them matter to needs", f"{got['cpu']:.0f} s of CPU",
    )  # fmt: skip
    got = timing(data, "follow")
    speed = got["new"] / got["cpu"]
    yield Figure(
        f"needs followed, with {got['before']:,} touchpoints there", f"{speed:,.0f}/s of CPU", "8,000/s", speed >= 8000,
        f"{got['portion']:,} new ones at a time, nobody's past in memory", f"{got['cpu'] / got['seconds']:.2f} cores",
    )  # fmt: skip
    yield Figure(
        "a customer caught up before their page, nothing new", f"{got['page cpu'] * 1000:.2f} ms of CPU", "2 ms",
        got["page cpu"] <= 0.002, "the one with most touchpoints",
    )  # fmt: skip


def of_desk(folder: Path, large: int) -> Iterator[Figure]:
    """A conversation for twenty touchpoints, as in the large record."""
    yield from desk.figures(folder, large // 20)


BENCHES: dict[str, Callable[[Path, int], Iterator[Figure]]] = {
    "collector": lambda folder, large: collector.figures(),
    "visible": lambda folder, large: visible.figures(),
    "chat": lambda folder, large: chat.figures(),
    "mail": lambda folder, large: mail.figures(folder),
    "import": of_import,
    "drain": of_drain,
    "pages": of_pages,
    "rebuild": of_rebuild,
    "needs": of_needs,
    "causes": of_causes,
    "desk": of_desk,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
@click.option("--large", default=20_000_000, show_default=True, help="Touchpoints in the large record.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep the filled folders here.")
def main(names: tuple[str, ...], large: int, folder: Path | None) -> None:
    """Run the benchmarks and print the table."""
    with tempfile.TemporaryDirectory(prefix="beforehand-bench-") as made:
        where = folder or Path(made)
        where.mkdir(parents=True, exist_ok=True)
        shown((figure for name in names or BENCHES for figure in BENCHES[name](where, large)), HELD)


if __name__ == "__main__":
    main()

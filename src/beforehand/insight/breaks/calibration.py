"""How often a scan cries wolf, and how often it sees the wolf. Run with

    python -m beforehand.insight.breaks.calibration [--runs 100] [--power 10] [--lake]

It prints, for several logs, in how many of so many runs on data without breaks nothing was found, and the rate at which
planted breaks were found, by kind and by size. `--lake` adds the touchpoints of the data folder, shuffled. With
`--runs 0` or `--power 0` only one of the two is printed; `--customers` says how large the made-up shops are.
"""

import time
from collections.abc import Callable, Iterable

import click
import numpy as np

from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.log import Log
from beforehand.insight.breaks.planted import Planted, shop, shuffled, with_segments_exchanged
from beforehand.insight.breaks.scanning import scan_log

SIZES = {"change": (0.1, 0.2, 0.3, 0.45), "loop": (0.1, 0.2, 0.3, 0.45), "dead_end": (0.1, 0.2, 0.3, 0.45)}
SIZES["standing loop"] = (0.1, 0.2, 0.3, 0.45)
SIZES["wait"] = (1.5, 2.0, 3.0, 5.0)


def quiet_runs(log_of: Callable[[int], Log], runs: Iterable[int]) -> tuple[int, list[Found]]:
    """In how many runs nothing was found, and what was found in the others."""
    found = [scan_log(log_of(run), seed=run) for run in runs]
    return sum(not one for one in found), [one for some in found for one in some]


def random_break(kind: str, size: float, days: int, seed: int) -> Planted:
    """A break somewhere: 10 to 45 days long, in one platform or in all; a standing loop all the time, in one."""
    rng = np.random.default_rng(seed)
    if kind == "standing loop":
        return Planted("loop", 0, days, str(rng.choice(["web", "phone", "shop"])), size)
    length = int(rng.integers(10, 46))
    start = int(rng.integers(10, days - length - 5))
    return Planted(kind, start, start + length, str(rng.choice(["", "web", "phone"])), size)


def hits(found: list[Found], planted: Planted, log: Log) -> bool:
    """Whether a break was found that touches the planted step and shares at least half of its days."""
    for one in found:
        start = 0 if one.start is None else (np.datetime64(one.start) - np.datetime64(log.first_day)).astype(int)
        end = log.days if one.end is None else (np.datetime64(one.end) - np.datetime64(log.first_day)).astype(int) + 1
        shared = min(end, planted.end) - max(start, planted.start)
        whole = max(end, planted.end) - min(start, planted.start)
        if planted.step in (one.name, one.to, *one.others) and shared >= 0.5 * whole:
            return True
    return False


def detection(kind: str, size: float, runs: int, customers: int = 1500) -> tuple[int, int]:
    """In how many runs the planted break was found, and how many breaks were found that are none."""
    seen, wrong = 0, 0
    for run in range(runs):
        planted = random_break(kind, size, 180, run)
        log = shop(customers, 180, planted, seed=1000 + run)
        found = scan_log(log, seed=run)
        right = hits(found, planted, log)
        seen += right
        wrong += max(len(found) - right, 0)
    return seen, wrong


@click.command()
@click.option("--runs", default=100, help="Runs on data without breaks, for each log.")
@click.option("--power", default=10, help="Runs with a planted break, for each kind and size.")
@click.option("--customers", default=1500, help="Customers of the shops in which breaks are planted.")
@click.option("--lake", is_flag=True, help="Also shuffle the touchpoints of the data folder (BEFOREHAND_DATA).")
def main(runs: int, power: int, customers: int, lake: bool) -> None:
    """Print how often a scan finds a break where there is none, and how often it finds a planted one."""
    steady = shop(600, 180, Planted("loop", 60, 90, "phone", 0.4), seed=7)
    cases = shop(2000, 360, Planted("change", 100, 150, "", 0.4), seed=8, cases=True)
    apart = shop(600, 180, Planted("loop", 0, 180, "phone", 0.4), seed=9)
    logs: list[tuple[str, Callable[[int], Log]]] = [
        ("a shop with a break, times shuffled across it", lambda run: shuffled(steady, run)),
        ("the same, shuffled within customers", lambda run: shuffled(steady, run, within_customers=True)),
        ("a case log with a break, times shuffled", lambda run: shuffled(cases, run)),
        ("a shop with a standing loop, segments exchanged", lambda run: with_segments_exchanged(apart, run)),
        ("a new shop each time, growing, with weekends, no break", lambda run: shop(600, 180, seed=5000 + run)),
    ]
    if lake:
        own = _of_the_lake()
        logs.append(("the data folder, times shuffled", lambda run: shuffled(own, run)))
        logs.append(("the data folder, shuffled within customers", lambda run: shuffled(own, run, True)))
    for name, log_of in logs if runs else []:
        begin = time.perf_counter()
        quiet, found = quiet_runs(log_of, range(runs))
        click.echo(f"{quiet} of {runs} runs find no break: {name} ({time.perf_counter() - begin:.0f} s)")
        for one in found:
            click.echo(f"    {one.sentence}")
    if power:
        _print_power(power, customers)


def _print_power(runs: int, customers: int) -> None:
    """A table: kinds down, sizes across."""
    click.echo(f"Of {runs} planted breaks in shops of {customers:,} customers and 180 days were found:")
    others = 0
    for kind, sizes in SIZES.items():
        cells = []
        for size in sizes:
            seen, wrong = detection(kind, size, runs, customers)
            others += wrong
            cells.append(f"{seen:>3} at {_size_in_words(kind, size):<10}")
        click.echo(f"{kind:<14}" + "".join(cells))
    click.echo(f"Other breaks found beside them: {others}")


def _size_in_words(kind: str, size: float) -> str:
    return f"{size:g} times" if kind == "wait" else f"{100 * size:g} %"


def _of_the_lake() -> Log:
    from beforehand.insight.breaks.log import load
    from beforehand.insight.segments import dimensions
    from beforehand.journey import lake

    with lake.reader() as reader:
        return load(reader, dimensions(reader))


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    import django

    django.setup()
    main()

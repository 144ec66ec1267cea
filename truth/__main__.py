"""`make truth`: what the program finds beside what is true. `python -m truth causes --companies 10` is a short run."""

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

from truth import seeds
from truth.sections import one, prepare, sections
from truth.table import shown


@click.command()
@click.argument("names", nargs=-1)
@click.option("--companies", type=click.IntRange(1), help="So many instead of as many as the bars ask for.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 16))
@click.option("--tuning", is_flag=True, help="The seeds to develop on, instead of those that follow from the commit.")
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    help="Write every company's figures to this file, as JSON lines. What it holds already is not judged again.",
)
def main(names: tuple[str, ...], companies: int | None, processes: int, tuning: bool, save: Path | None) -> None:
    """Print what was found beside the bars."""
    known, kept = sections(), _kept(save)
    if unknown := set(names) - set(known):
        raise click.BadParameter(f"There is no section “{min(unknown)}”. There are: {', '.join(known)}.")
    click.echo("Seeds to develop on." if tuning else f"Seeds of commit {seeds.commit()[:12]}.")
    with tempfile.TemporaryDirectory(prefix="beforehand-truth-") as folder:
        os.environ["TRUTH_DATA"] = folder
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=prepare) as pool:
            for name in names or known:
                section = known[name]
                count = companies or section.companies
                drawn = seeds.tuning(count) if tuning else seeds.judging(name, count)
                missing = [seed for seed in drawn if (name, seed) not in kept]
                began = time.monotonic()
                for done, result in enumerate(pool.map(one, [name] * len(missing), missing), 1):
                    kept[name, result["seed"]] = result
                    if save:
                        with save.open("a", encoding="utf-8") as file:
                            file.write(json.dumps({"section": name, **result}) + "\n")
                    if sys.stderr.isatty():
                        click.echo(f"\r{name}: {done} of {len(missing)}", nl=done == len(missing), err=True)
                judged = [kept[name, seed] for seed in drawn]
                shown(section.title, section.lines(judged))
                if missing:
                    minutes = (time.monotonic() - began) / 60
                    click.echo(f"{len(missing)} companies judged in {minutes:.1f} minutes by {processes} processes.")


def _kept(save: Path | None) -> dict[tuple[str, int], dict[str, Any]]:
    """What an earlier run wrote, by section and seed."""
    if not save or not save.exists():
        return {}
    rows = [json.loads(line) for line in save.read_text(encoding="utf-8").splitlines()]
    return {(row.pop("section"), row["seed"]): row for row in rows}


if __name__ == "__main__":
    main()

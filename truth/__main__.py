"""`make truth`: what the program finds beside what is true. `python -m truth causes --companies 10` is a short run."""

import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

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
    "--save", type=click.Path(path_type=Path), help="Write every company's figures to this file, as JSON lines."
)
def main(names: tuple[str, ...], companies: int | None, processes: int, tuning: bool, save: Path | None) -> None:
    """Print what was found beside the bars."""
    known = sections()
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
                judged = []
                for done, result in enumerate(pool.map(one, [name] * count, drawn), 1):
                    judged.append(result)
                    if save:
                        with save.open("a", encoding="utf-8") as file:
                            file.write(json.dumps({"section": name, **result}) + "\n")
                    if sys.stderr.isatty():
                        click.echo(f"\r{name}: {done} of {count}", nl=done == count, err=True)
                shown(section.title, section.lines(judged))


if __name__ == "__main__":
    main()

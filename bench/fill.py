"""Fills a data folder with simulated companies, through the same verbs as everything else.

    python -m bench.fill FOLDER ROWS

Each million touchpoints is the life of 11,000 customers over the year that ends today, another seed each; what they did
comes into the record in order of time, as it would have. Needs, contacts and promises are followed, baselines learned.
"""

import os
import pickle
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

CHUNK = 250_000
COMPANY = 1_000_000  # touchpoints, a little under what its customers leave
CUSTOMERS, DAYS = 11_000, 365
WITH_DEVICES = 2 * CUSTOMERS  # a device that is never joined is somebody else
LATER = 200_000
NEXT = "next.pickle"  # the touchpoints that follow on those that were recorded
COLUMNS = "customer, epoch_us(time) AS time, name, channel, place, actor, properties"
Did = tuple[int, int, str, str, str, str, str]  # as COLUMNS


def lives(rows: int, folder: Path) -> Iterator[Path]:
    """A file of touchpoints for each company, with customers of its own."""
    from beforehand.demo.company.life import simulate
    from beforehand.demo.company.tables import register

    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    companies = max(1, -(-rows // COMPANY))
    customers = CUSTOMERS if rows >= COMPANY else max(100, rows * CUSTOMERS // COMPANY)
    for number in range(companies):
        with duckdb.connect() as db:
            register(simulate(customers, DAYS, number + 1, end=today), db)
            file = folder / f"{number}.parquet"
            db.execute("UPDATE touchpoints SET customer = customer + ?", [number * WITH_DEVICES])
            db.execute(f"COPY (SELECT {COLUMNS} FROM touchpoints) TO '{file}'")
        print(f"\r  {number + 1} of {companies} companies lived", end="", file=sys.stderr)
        yield file
    print(file=sys.stderr)


def chunks(files: list[Path], rows: int, folder: Path) -> Iterator[list[Did]]:
    """What all of them did, by time."""
    with duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(folder)}) as db:
        found = db.execute(
            "SELECT * FROM read_parquet($files) ORDER BY time, customer, name LIMIT $rows",
            {"files": [str(file) for file in files], "rows": rows},
        )
        while part := found.fetchmany(CHUNK):
            yield part


def identifiers(files: list[Path]) -> dict[int, int]:
    """The identifier of each customer."""
    from django.db import transaction

    from beforehand.customers.identity import Claim, identify

    with duckdb.connect() as db:
        query = "SELECT DISTINCT customer FROM read_parquet($files) ORDER BY customer"
        people = [one for (one,) in db.execute(query, {"files": [str(file) for file in files]}).fetchall()]
    known: dict[int, int] = {}
    for first in range(0, len(people), 100_000):
        claims = {one: Claim("user_id", f"person-{one}", True) for one in people[first : first + 100_000]}
        with transaction.atomic():
            found = identify(claims.values())
        known |= {one: found[claim] for one, claim in claims.items()}
    return known


def rows_of(did: Iterable[Did], known: dict[int, int], source: int, first: int) -> list[tuple[object, ...]]:
    """Rows as `record` takes them, numbered from `first` on."""
    return [
        (source, f"m{number}", known[customer], name, when, when, channel, place, actor, properties, "{}")
        for number, (customer, when, name, channel, place, actor, properties) in enumerate(did, first)
    ]


def fill(rows: int, data: Path) -> None:
    """Record, seal and follow so many touchpoints in the folder that the settings name. What comes next lies beside."""
    from django.db import transaction

    from beforehand.journey.models import Source
    from beforehand.journey.record import Row, record

    source, _ = Source.objects.get_or_create(name="bench", defaults={"kind": Source.Kind.SERVER})
    with tempfile.TemporaryDirectory(prefix="beforehand-fill-") as made:
        files = list(lives(rows, Path(made)))
        known = identifiers(files)
        began, number, later = time.perf_counter(), 0, list[tuple[object, ...]]()
        for chunk in chunks(files, rows + min(LATER, rows // 20), Path(made)):
            found, now = rows_of(chunk, known, source.pk, number), max(0, rows - number)
            with transaction.atomic():
                record([Row(*row) for row in found[:now]])
            later += found[now:]
            number += len(found)
            speed = number / (time.perf_counter() - began)
            print(f"\r  {number:,} of {rows:,} recorded, {speed:,.0f}/s", end="", file=sys.stderr)
        print(file=sys.stderr)
    with (data / NEXT).open("wb") as file:
        pickle.dump(later, file)
    follow()


def follow() -> None:
    """What a running server would have done by now."""
    from beforehand.demo.company.loading import catalogue_names
    from beforehand.demo.company.meanings import MEANINGS
    from beforehand.journey import journeys, lake
    from beforehand.journey.needs import upkeep
    from beforehand.journey.promises import projection as promises

    for name, follows in {
        "journeys": journeys.follow,
        "lake": lake.seal,
        "catalogue": lambda: catalogue_names(set(MEANINGS)),
        "needs": upkeep.catch_up,
        "promises": promises.follow,
    }.items():
        began = time.perf_counter()
        follows()
        print(f"  {name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    os.environ["BEFOREHAND_DATA"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    from beforehand.cli.ready import ready

    ready()
    fill(int(sys.argv[2]), Path(sys.argv[1]))

"""Fills a data folder with made-up touchpoints, through the same verbs as everything else.

    python -m bench.fill FOLDER ROWS

A customer has about 26 touchpoints over two years, of 40 names in 3 channels; the same rows for the same ROWS.
"""

import os
import sys
import time
from collections.abc import Iterator

import numpy as np

CHUNK = 250_000
PER_CUSTOMER = 26
NAMES = [f"Step {number:02d}" for number in range(36)] + ["Order placed", "Delivered", "Wrote to us", "Called us"]
CHANNELS = ["web", "mobile app", "store"]
START, SPAN = 1_700_000_000_000_000, 2 * 365 * 86_400_000_000
PROPERTIES = [f'{{"platform":"{platform}","region":"{region}"}}' for platform in ("ios", "web") for region in "NSWE"]


def chunks(rows: int, source: int, identifiers: list[int]) -> Iterator[list[tuple[object, ...]]]:
    """Rows as `record` takes them, those of one customer together and in order of time."""
    made = np.random.default_rng(7)
    for first in range(0, rows, CHUNK):
        n = min(CHUNK, rows - first)
        who = np.sort(made.integers(0, len(identifiers), n))
        when = START + made.integers(0, SPAN, n)
        order = np.lexsort((when, who))
        name, channel, extra = (made.integers(0, size, n).tolist() for size in (len(NAMES), 3, len(PROPERTIES)))
        times = when[order].tolist()
        yield [
            (source, f"m{first + i}", identifiers[customer], NAMES[name[i]], times[i], times[i], CHANNELS[channel[i]],
             "", "customer", PROPERTIES[extra[i]], "{}")
            for i, customer in enumerate(who.tolist())
        ]  # fmt: skip


def fill(rows: int) -> None:
    """Record, follow and seal so many touchpoints in the folder that the settings name."""
    from django.db import transaction

    from beforehand.customers.identity import Claim, identify
    from beforehand.journey import journeys, lake
    from beforehand.journey.models import Source
    from beforehand.journey.record import Row, record

    source, _ = Source.objects.get_or_create(name="bench", defaults={"kind": Source.Kind.SERVER})
    people = max(1, rows // PER_CUSTOMER)
    identifiers: list[int] = []
    for first in range(0, people, 100_000):
        claims = [Claim("user_id", f"person-{n}", True) for n in range(first, min(first + 100_000, people))]
        with transaction.atomic():
            found = identify(claims)
        identifiers += [found[claim] for claim in claims]
    began, done = time.perf_counter(), 0
    for chunk in chunks(rows, source.pk, identifiers):
        with transaction.atomic():
            done += record([Row(*row) for row in chunk])
        print(
            f"\r  {done:,} of {rows:,} recorded, {done / (time.perf_counter() - began):,.0f}/s", end="", file=sys.stderr
        )
    print(file=sys.stderr)
    journeys.follow()
    lake.seal()


if __name__ == "__main__":
    os.environ["BEFOREHAND_DATA"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    from beforehand.cli.ready import ready

    ready()
    fill(int(sys.argv[2]))

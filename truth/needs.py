"""Needs, needs met beforehand and stuck beside the truth, through the whole program: record, lake and measures."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from truth.table import Line, clustered, percent


def judge(seed: int) -> dict[str, Any]:
    """One company in a process with a data folder of its own."""
    with tempfile.TemporaryDirectory(prefix="beforehand-truth-") as folder:
        environment = os.environ | {"BEFOREHAND_DATA": folder}
        command = [sys.executable, "-m", "truth.record", str(seed)]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def lines(judged: Sequence[dict[str, Any]]) -> Iterable[Line]:
    yield from _keyed(judged)
    yield from _shares(judged)
    yield from _stuck(judged)


def _keyed(judged: Sequence[dict[str, Any]]) -> Iterable[Line]:
    for kind in judged[0]["keyed"]:
        total, same, lost = (sum(one["keyed"][kind][at] for one in judged) for at in range(3))
        note = f"{total:,} needs" + (f"; {lost:,} whose scan was lost are left out" if lost else "")
        yield Line(f"{kind}: opened and met as in truth", percent(same / total), "100 %", same == total, note)


def _shares(judged: Sequence[dict[str, Any]]) -> Iterable[Line]:
    """Its own count shares the chance of the company with the interval, so that it lies inside more often than it says.

    What the share is among all such companies does not: that it lies inside as often as it says.
    """
    for cohort, what in (("settled", "over"), ("young", "last 28 days, foretold")):
        for kinds, word in ((True, "a kind"), (False, "all kinds")):
            rows = [[row for row in one["shares"] if row[0] == cohort and bool(row[1]) == kinds] for one in judged]
            rows = [of for of in rows if of]
            for place, whose in ((2, "own count"), (3, "such companies")):
                inside = [[float(row[4] <= row[place] <= row[5]) for row in of] for of in rows]
                if not inside:
                    continue
                widths = [(row[5] - row[4]) / 2 for of in rows for row in of]
                off = [(row[4] + row[5]) / 2 - row[place] for of in rows for row in of]
                share, low, high = clustered(inside)
                note = f"half-width {100 * np.median(widths):.1f}, off by {100 * np.mean(off):+.1f} points"
                yield Line(
                    f"beforehand, {what}, {word}: {whose} inside", percent(share, low, high), "95 %", high >= 0.95, note
                )


def _stuck(judged: Sequence[dict[str, Any]]) -> Iterable[Line]:
    of = [one["stuck"] for one in judged]
    hits, right, episodes, found, entered, early = (
        sum(one[name] for one in of) for name in ("hits", "right", "episodes", "found", "entered", "before_contact")
    )
    leads = [lead for one in of for lead in one["leads"]]
    yield Line(
        "stuck: of those counted, held up in truth", percent(right / max(hits, 1)), "≥ 80 %", right >= 0.8 * hits
    )
    yield Line("stuck: of those held up, counted", percent(found / max(episodes, 1)), "≥ 80 %", found >= 0.8 * episodes)
    yield Line("  counted before the first contact that it caused", percent(early / max(right, 1)))
    if leads:
        yield Line(
            "  median lead where they did write later", f"{np.median(leads):.0f} hours", note=f"{len(leads)} needs"
        )
    yield Line(
        "  share of entered steps that count as stuck", percent(hits / max(entered, 1)), note=f"{entered:,} steps"
    )

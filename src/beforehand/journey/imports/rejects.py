"""The rows that were left out, in a file of their own: line, reason, and the row as it stands in the file."""

import csv
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from beforehand.journey.imports.table import Reject


def write(path: Path, rejects: Iterable[Reject]) -> Counter[str]:
    """Write them and count the reasons, each without the value that it quotes. Where there is none there is no file."""
    reasons: Counter[str] = Counter()
    rest = iter(rejects)
    first = next(rest, None)
    if first is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            out = csv.writer(file)
            out.writerow(Reject._fields)
            for reject in chain([first], rest):
                out.writerow(reject)
                reasons[reject.reason.split(": ")[0]] += 1
    return reasons

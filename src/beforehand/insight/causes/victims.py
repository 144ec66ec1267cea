"""The rows behind a cause: whom it struck last, when, and what they wrote in its days."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from beforehand.insight.causes.judging import Column, key_of

if TYPE_CHECKING:
    from beforehand.insight.causes.finding import Study, Weighed

MOST = 2_000

Row = tuple[int, int, str, int]


def victims(study: "Study", columns: Sequence[Column], of: "Weighed") -> dict[str, list[Row]]:
    """By key of the cause: (touchpoint, customer, time, contacts in the days until the customer's next trouble)."""
    wrote = np.bincount(of.pieces.trouble, of.pieces.wrote, len(study.struck.t))
    midnight = datetime.combine(study.when.first, datetime.min.time(), UTC)
    found = {}
    for column in columns:
        newest = column.troubles[np.argsort(-study.struck.t[column.troubles], kind="stable")][:MOST]
        if len(newest):
            found[key_of(study, column)] = [
                (
                    int(study.placed["id"][at]),
                    int(study.struck.customer[at]),
                    (midnight + timedelta(days=float(study.struck.t[at]))).isoformat(),
                    int(wrote[at]),
                )
                for at in newest
            ]
    return found

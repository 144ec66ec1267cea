"""The rows behind a cause: whom it struck last, when, and what they wrote in its days."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from beforehand.insight.causes.judging import Judgement, key_of

MOST = 2_000

Row = tuple[int, int, str, int]


def victims(judgements: Sequence[Judgement]) -> dict[str, list[Row]]:
    """By key of the cause: (touchpoint, customer, time, contacts in the days until the customer's next trouble)."""
    found = {}
    for one in judgements:
        wrote = np.bincount(one.of.pieces.trouble, one.of.pieces.wrote, len(one.study.struck.t))
        for n in one.speaks_for:
            troubles = one.columns[n].troubles
            newest = troubles[np.argsort(-one.study.struck.t[troubles], kind="stable")][:MOST]
            found[key_of(one.study, one.columns[n])] = [_row(one, int(at), int(wrote[at])) for at in newest]
    return found


def _row(one: Judgement, at: int, wrote: int) -> Row:
    study = one.study
    time = datetime.combine(study.when.first, datetime.min.time(), UTC) + timedelta(days=float(study.struck.t[at]))
    return int(study.placed["id"][at]), int(study.struck.customer[at]), time.isoformat(), wrote

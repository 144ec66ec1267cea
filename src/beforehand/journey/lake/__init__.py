"""The lake: every touchpoint again, as Parquet files that are fast to read. The record can always make it anew.

Verbs: `reader` (one consistent snapshot to query), `seal` (the record's new touchpoints into files), `mark_dirty`
(these customers' files no longer hold), `compact` (they hold again), `fold` (few large files out of many small ones),
`rebuild`, `check`, `forget` (an erasure), `tick` (what the scheduler does).
"""

from beforehand.journey.lake.broken import LakeBroken
from beforehand.journey.lake.check import Difference, check
from beforehand.journey.lake.compact import compact, forget
from beforehand.journey.lake.fold import fold
from beforehand.journey.lake.manifest import mark_dirty
from beforehand.journey.lake.reader import File, Reader, reader
from beforehand.journey.lake.seal import rebuild, seal
from beforehand.journey.lake.tick import tick

__all__ = [
    "Difference",
    "File",
    "LakeBroken",
    "Reader",
    "check",
    "compact",
    "fold",
    "forget",
    "mark_dirty",
    "reader",
    "rebuild",
    "seal",
    "tick",
]

"""The lake: every touchpoint again, as Parquet files that are fast to read. The record can always make it anew.

Verbs: `reader` (one consistent snapshot to query), `seal` (the record's new touchpoints into files), `mark_dirty`
(these customers' files no longer hold), `compact` (they hold again), `fold` (few large files out of many small ones),
`rebuild`, `check`, `forget` (an erasure), `tick` (what the scheduler does).
"""

from beforehand.journey.lake.broken import LakeBroken
from beforehand.journey.lake.checking import Difference, check
from beforehand.journey.lake.compaction import compact, forget
from beforehand.journey.lake.folding import fold
from beforehand.journey.lake.manifest import mark_dirty
from beforehand.journey.lake.reading import File, Reader, reader
from beforehand.journey.lake.sealing import last_sequence, rebuild, seal
from beforehand.journey.lake.ticking import tick

__all__ = [
    "Difference",
    "File",
    "LakeBroken",
    "Reader",
    "check",
    "compact",
    "fold",
    "forget",
    "last_sequence",
    "mark_dirty",
    "reader",
    "rebuild",
    "seal",
    "tick",
]

"""The lake: every touchpoint again, as Parquet files that are fast to read. The record can always make it anew.

Verbs: `reader` (one consistent snapshot to query), `seal` (the record's new touchpoints into files), `mark_dirty`
(these customers' files no longer hold), `compact` (they hold again), `fold` (few large files out of many small ones),
`rebuild`, `check`, `forget` (an erasure), `tick` (what the scheduler does).
"""

from beforehand.journey.lake.manifest import mark_dirty
from beforehand.journey.lake.reader import Reader, reader
from beforehand.journey.lake.seal import seal

__all__ = ["Reader", "mark_dirty", "reader", "seal"]

"""A customer's touchpoints into needs and contacts: a pure function, the same whatever the order of arrival.

`trace(moments, book, as_of=None) -> Traced`. The shapes are described in `shapes`. Moments of the kind contact are
linked after all needs are known as they stood at that time; see `contacting` for what is asked of `journey.contacts`.
`book.definition(kind, version) -> Definition` gives topics, owner, trouble and steps of a need's kind.
"""

from beforehand.journey.needs.shapes import (
    DAY,
    SECOND,
    UNKNOWN,
    ContactTrace,
    Moment,
    NeedTrace,
    StepTrace,
    Traced,
    Trouble,
)

__all__ = [
    "DAY",
    "SECOND",
    "UNKNOWN",
    "ContactTrace",
    "Moment",
    "NeedTrace",
    "StepTrace",
    "Traced",
    "Trouble",
]

"""The one shape that every message takes, whoever sent it."""

from typing import Any, NamedTuple

Traits = dict[str, Any]


class Refused(Exception):
    """A message that cannot be taken: a reason to sort by and a sentence about it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Message(NamedTuple):
    """A call, understood. Times are microseconds since 1970 UTC; properties and sent_as are JSON text.

    `kind` is track, identify, group or alias; a page or a screen that was seen is a track with a name of its own.
    """

    position: int
    kind: str
    message_id: str
    name: str
    time: int
    received: int
    channel: str
    place: str
    properties: str
    sent_as: str
    user_id: str = ""
    anonymous_id: str = ""
    previous_id: str = ""
    externals: tuple[tuple[str, str], ...] = ()
    group: str = ""
    traits: Traits = {}
    group_traits: Traits = {}
    token: str = ""


class Failure(NamedTuple):
    """A message that waits in the failed lane: where it stood, why it failed, its text and what stood around it."""

    position: int
    reason: str
    detail: str
    body: str
    around: dict[str, Any]

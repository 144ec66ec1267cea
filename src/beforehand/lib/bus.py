"""How a room tells the rooms above it what happened, without knowing them.

`emit` runs the listeners at once, in the caller's transaction, in the order in which they were connected, and returns
what they returned. A listener that raises undoes the whole transaction: what was reported did not happen.
"""

from collections.abc import Callable
from typing import Any

Listener = Callable[..., Any]
_listeners: dict[str, list[Listener]] = {}


def on(event: str) -> Callable[[Listener], Listener]:
    """Connect a function to an event. A room does so in its `handlers.py`."""

    def connect(listener: Listener) -> Listener:
        listeners = _listeners.setdefault(event, [])
        if listener not in listeners:
            listeners.append(listener)
        return listener

    return connect


def emit(event: str, **facts: Any) -> list[Any]:
    return [listener(**facts) for listener in _listeners.get(event, [])]

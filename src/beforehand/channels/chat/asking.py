"""Ask the room that keeps conversations: exactly one listens, or none, where that room is not installed."""

from typing import Any

from beforehand.lib import bus


def ask(event: str, otherwise: Any = None, **facts: Any) -> Any:
    answers = bus.emit(event, **facts)
    return answers[0] if answers else otherwise

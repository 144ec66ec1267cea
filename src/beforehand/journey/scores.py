"""What customers answered when they were asked for a number."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from beforehand.journey.models import Touchpoint

SCORES = ("score", "rating", "value")
TOPS = ("max", "scale", "scale_max")
MOST = 60


class Score(NamedTuple):
    """An answer on a scale that ends at `top`."""

    value: float
    top: float


class Answer(NamedTuple):
    time: datetime
    name: str
    score: Score


def score_of(properties: Any) -> Score | None:
    """The score that a touchpoint carries. A scale that it does not name is the smallest of 5, 7, 10 that holds it."""
    if not isinstance(properties, dict):
        return None
    value = next((number for key in SCORES if (number := _number(properties.get(key))) is not None), None)
    if value is None or not 0 <= value <= 100:
        return None
    top = next((number for key in TOPS if (number := _number(str(properties.get(key)).rpartition("-")[2]))), None)
    return Score(value, top or (5 if value <= 5 else 7 if value <= 7 else 10 if value <= 10 else 100))


def answers(touchpoints: QuerySet[Touchpoint], names: list[str]) -> list[Answer]:
    """The latest answers among touchpoints of these names, oldest first, on the scale that holds each name's scores."""
    if not names:
        return []
    rows = touchpoints.filter(name__in=names).order_by("-time", "-id").values_list("time", "name", "properties")[:MOST]
    found = [Answer(time, name, score) for time, name, properties in rows if (score := score_of(properties))]
    tops: dict[str, float] = {}
    for answer in found:
        tops[answer.name] = max(answer.score.top, tops.get(answer.name, 0))
    return [answer._replace(score=Score(answer.score.value, tops[answer.name])) for answer in reversed(found)]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number == number and abs(number) < 1e9 else None

"""Draws a life in one strip: five lanes over time, at two widths, so that no text is scaled."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from beforehand.journey.lifeline import HOUR, Lifeline
from beforehand.journey.models import Kind
from beforehand.journey.scores import Answer
from beforehand.lib.fields import to_micros

LANES = (
    (gettext_noop("Value"), (Kind.VALUE,)),
    (gettext_noop("Went wrong"), (Kind.FAILURE,)),
    (gettext_noop("Wrote to us"), (Kind.CONTACT,)),
    (gettext_noop("We wrote"), (Kind.SERVICE, Kind.OUTREACH)),
    (gettext_noop("Told us"), (Kind.FEEDBACK,)),
)
LANE_HEIGHT, TOP, HEIGHT, FLOOR = 20, 18, 128, 108
SPACE = 17  # two answers whose numbers can both be read are this far apart
YEAR = timedelta(days=365)
MICROSECOND = timedelta(microseconds=1)


class Mark(NamedTuple):
    x: float
    y: float
    r: float = 0.0
    text: str = ""


@dataclass(frozen=True)
class Lane:
    name: str
    y: float


@dataclass
class Strip:
    """Marks in pixels: `value` and `wrote` as dots, `wrong` as triangles, `sent` as ticks, `said` with their scores."""

    width: int
    left: int
    lanes: list[Lane]
    ticks: list[Mark]
    value: list[Mark] = field(default_factory=list)
    wrong: list[Mark] = field(default_factory=list)
    wrote: list[Mark] = field(default_factory=list)
    sent: list[Mark] = field(default_factory=list)
    said: list[Mark] = field(default_factory=list)
    height: int = HEIGHT
    floor: int = FLOOR

    @property
    def right(self) -> int:
        return self.width - 6


def draw(life: Lifeline, answers: Sequence[Answer], now: datetime) -> list[tuple[str, Strip]]:
    """The strip for wide and for narrow screens; nothing while there are not two touchpoints to compare."""
    if life.first is None or life.last is None or life.total < 2:
        return []
    end = life.last if now - life.last > (life.last - life.first) / 4 else max(life.last, now)
    span = _Span(life.first, max(end, life.first + timedelta(hours=1)))
    places = _places(life, span)
    return [("wide", _strip(places, answers, span, 1140, 92)), ("narrow", _strip(places, answers, span, 358, 74))]


class _Span:
    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def share(self, moment: datetime) -> float:
        return min(max((moment - self.start) / self.length, 0.0), 1.0)


def _places(life: Lifeline, span: "_Span") -> list[list[tuple[float, int]]]:
    """For each lane where on the span something is, as shares of it, with how many."""
    lane_of = {kind: n for n, (_name, kinds) in enumerate(LANES) for kind in kinds}
    lanes = {name: lane_of.get(Kind(meaning.kind)) for name, meaning in life.meanings.items()}
    found: list[list[tuple[float, int]]] = [[] for _lane in LANES]
    start, length = to_micros(span.start), span.length // MICROSECOND
    for cell in life.cells:
        lane = lanes[cell.name]
        if lane is not None:
            share = (cell.hour * HOUR + HOUR // 2 - start) / length
            found[lane].append((min(max(share, 0.0), 1.0), cell.n))
    return found


def _strip(
    places: list[list[tuple[float, int]]], answers: Sequence[Answer], span: _Span, width: int, left: int
) -> Strip:
    room = width - 12 - left

    def at(share: float) -> float:
        return round(left + 6 + share * room, 1)

    def x(moment: datetime) -> float:
        return at(span.share(moment))

    lanes = [Lane(str(_(name)), TOP + n * LANE_HEIGHT) for n, (name, _kinds) in enumerate(LANES)]
    strip = Strip(width, left, lanes, [Mark(x(moment), FLOOR, text=text) for moment, text in _ticks(span, width)])
    value, wrong, wrote, sent, _said_by_score = (_counts(lane, at) for lane in places)
    strip.value = [Mark(at, lanes[0].y, _radius(n)) for at, n in value]
    strip.wrong = [Mark(at, lanes[1].y) for at, _n in wrong]
    strip.wrote = [Mark(at, lanes[2].y, min(_radius(n), 5.0) + 0.4) for at, n in wrote]
    strip.sent = [Mark(at, lanes[3].y) for at, _n in sent]
    strip.said = _said(answers, lanes[4].y, x)
    return strip


def _counts(shares: Sequence[tuple[float, int]], at: Callable[[float], float]) -> list[tuple[float, int]]:
    """The places where something is, two pixels apart at least, with how many."""
    found: dict[float, int] = defaultdict(int)
    for share, n in shares:
        found[round(at(share) / 2) * 2.0] += n
    return sorted(found.items())


def _radius(n: int) -> float:
    return round(min(2.6 + math.log2(n) * 0.7, 6.0), 1)


def _said(answers: Sequence[Answer], y: float, x: Callable[[datetime], float]) -> list[Mark]:
    marks: list[Mark] = []
    for answer in answers:
        at = x(answer.time)
        crowded = bool(marks) and at - marks[-1].x < SPACE
        if crowded and at - marks[-1].x < (12 if marks[-1].text else 5):
            continue
        text = "" if crowded or answer.score.value >= 100 else _short(answer.score.value)
        text = text if len(text) < 3 else ""
        marks.append(Mark(at, y, 8 if text else 2.5, text))
    return marks


def _short(value: float) -> str:
    """9 and not 9.0."""
    return formats.number_format(int(value) if value == int(value) else round(value, 1), use_l10n=True)


def _ticks(span: _Span, width: int) -> list[tuple[datetime, str]]:
    """Where a year, a month or a day begins, as many as the width holds."""
    most = 9 if width > 600 else 4
    start = timezone.localtime(span.start)
    if span.length > 2 * YEAR:
        steps, form = [_first_of(start.year + n, 1, start) for n in range(1, 80)], _year
    elif span.length > timedelta(days=45):
        steps, form = [_month(start, n) for n in range(1, 30)], _month_name
    else:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        steps, form = [midnight + timedelta(days=n) for n in range(1, 60)], _day_name
    inside = [moment for moment in steps if span.start < moment < span.end]
    every = max(math.ceil(len(inside) / most), 1)
    return [(moment, form(moment)) for moment in inside[::every]]


def _year(moment: datetime) -> str:
    return str(moment.year)


def _month_name(moment: datetime) -> str:
    return formats.date_format(moment, "M Y" if moment.month == 1 else "M")


def _day_name(moment: datetime) -> str:
    return formats.date_format(moment, "j M")


def _month(start: datetime, n: int) -> datetime:
    month = start.month - 1 + n
    return _first_of(start.year + month // 12, month % 12 + 1, start)


def _first_of(year: int, month: int, like: datetime) -> datetime:
    return datetime(min(year, 9999), month, 1, tzinfo=like.tzinfo)


@dataclass(frozen=True)
class Curve:
    """The answers over time, 296 pixels wide: a line, its points, and what the scale reads at three heights."""

    line: str
    points: list[Mark]
    scale: list[Mark]
    first: datetime
    last: datetime


def curve(answers: Sequence[Answer]) -> Curve | None:
    """Answers on scales of different lengths are drawn as shares of theirs. Two make a line."""
    if len(answers) < 2:
        return None
    tops = {answer.score.top for answer in answers}
    top = tops.pop() if len(tops) == 1 else 0
    span = _Span(answers[0].time, max(answers[-1].time, answers[0].time + timedelta(hours=1)))
    points = [
        Mark(round(6 + span.share(answer.time) * 252, 1), round(76 - answer.score.value / answer.score.top * 66, 1))
        for answer in answers
    ]
    texts = [_short(top * share) if top else f"{share:.0%}" for share in (1, 0.5, 0)]
    scale = [Mark(0, y, text=text) for y, text in zip((10, 43, 76), texts, strict=True)]
    line = "M" + "L".join(f"{point.x} {point.y}" for point in points)
    return Curve(line, points, scale, answers[0].time, answers[-1].time)

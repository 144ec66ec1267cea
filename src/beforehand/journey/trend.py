"""How busy each stage was over time, as small charts on one scale."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from beforehand.journey.lifeline import Lifeline
from beforehand.journey.models import Stage

SPANS = 26
WIDTH, HEIGHT = 208.0, 36.0


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Course(NamedTuple):
    """Touchpoints of one stage by span of time, from the first to the last of all stages."""

    label: str
    total: int
    bars: list[Bar]
    said: str
    first: datetime
    last: datetime
    width: float = WIDTH
    height: float = HEIGHT


def by_stage(life: Lifeline, now: datetime) -> list[Course]:
    """A chart for each stage that there is, in the order of the journey; none while all happened in one day."""
    if life.first is None or life.last is None or (life.last - life.first).days < 1:
        return []
    quiet_long = now - life.last > (life.last - life.first) / 4
    first, last = life.first, life.last if quiet_long else max(life.last, now)
    counts: dict[str, Counter[int]] = {}
    for cell in life.cells:
        place = min(int((cell.time - first) / (last - first) * SPANS), SPANS - 1)
        counts.setdefault(life.meanings[cell.name].stage, Counter())[max(place, 0)] += cell.n
    highest = max((n for spans in counts.values() for n in spans.values()), default=1)
    order = [stage for stage in [*Stage.objects.values_list("label", flat=True), ""] if stage in counts]
    return [_course(stage, counts[stage], highest, first, last) for stage in order]


def _course(label: str, spans: Counter[int], highest: int, first: datetime, last: datetime) -> Course:
    step = WIDTH / SPANS
    bars = []
    for place, n in sorted(spans.items()):
        height = max(round(n / highest * (HEIGHT - 2), 1), 1.0)
        bars.append(Bar(round(place * step + 1, 1), round(HEIGHT - height, 1), round(step - 2, 1), height))
    half = SPANS // 2
    earlier = sum(n for place, n in spans.items() if place < half)
    total = spans.total()
    said = _("%(earlier)s touchpoints in the first half of the time, %(later)s in the second") % {
        "earlier": earlier, "later": total - earlier,
    }  # fmt: skip
    return Course(label, total, bars, said, first, last)

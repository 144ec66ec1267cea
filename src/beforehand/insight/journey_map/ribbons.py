"""Flows as paths: on to the right as grey ribbons, back as lines that curve below, drains as red runs to a door."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from beforehand.insight.journey_map.parts import Bar, Drain, Flow, Mark, Ribbon

REACH = 90.0
"""How far a long ribbon runs level before it turns."""
THICKEST_BACK = 3.0
BACK_DEPTH = 54.0
"""Room below the bars for lines that go back."""
LANE = 5.0
CORNER = 7.0


def ribbons(flows: Sequence[Flow], bars: dict[str, Bar], floor: float) -> list[Ribbon]:
    """Every flow as a ribbon. `floor` is the lowest edge that a line going back may touch."""
    onward = [flow for flow in flows if bars[flow.start].x < bars[flow.to].x]
    back = [flow for flow in flows if bars[flow.start].x >= bars[flow.to].x]
    most = max((flow.n for flow in back), default=1)
    far = [flow for flow in back if bars[flow.start].x > bars[flow.to].x]
    leaving = _fan(far, bars, lambda flow: (flow.start, -bars[flow.to].x, flow.to))
    reaching = _fan(far, bars, lambda flow: (flow.to, bars[flow.start].x, flow.start))
    found = _onward(onward, bars)
    for flow in back:
        width = round(max(0.8, THICKEST_BACK * (flow.n / most) ** 0.5), 1)
        start, to = bars[flow.start], bars[flow.to]
        if start is to:
            found.append(Ribbon(flow, _again(start), "again", width))
        elif start.x == to.x:
            found.append(Ribbon(flow, _beside(start, to), "back", width))
        else:
            found.append(Ribbon(flow, _back(start, leaving[flow], to, reaching[flow], floor), "back", width))
    return found


def _fan(
    flows: Sequence[Flow], bars: dict[str, Bar], ends: Callable[[Flow], tuple[str, float, str]]
) -> dict[Flow, float]:
    """Where on the lower half of its bar each line back is tied: the nearest other end highest."""
    at: dict[str, list[Flow]] = defaultdict(list)
    for flow in sorted(flows, key=ends):
        at[ends(flow)[0]].append(flow)
    return {
        flow: bars[name].y + bars[name].height * (0.5 + 0.5 * (index + 1) / (len(own) + 1))
        for name, own in at.items()
        for index, flow in enumerate(own)
    }


def _onward(flows: Sequence[Flow], bars: dict[str, Bar]) -> list[Ribbon]:
    thickness = {flow: flow.n * bars[flow.start].height / max(bars[flow.start].node.n, 1) for flow in flows}
    leaving = _slots(flows, bars, thickness, lambda flow: (flow.start, flow.to))
    reaching = _slots(flows, bars, thickness, lambda flow: (flow.to, flow.start))
    found = []
    for flow in flows:
        (top, thick), (end, thick_end) = leaving[flow], reaching[flow]
        x, to = bars[flow.start].x + bars[flow.start].width, bars[flow.to].x
        reach = min(REACH, (to - x) / 2)
        path = (
            f"M{_r(x)} {_r(top)}C{_r(x + reach)} {_r(top)} {_r(to - reach)} {_r(end)} {_r(to)} {_r(end)}"
            f"V{_r(end + thick_end)}"
            f"C{_r(to - reach)} {_r(end + thick_end)} {_r(x + reach)} {_r(top + thick)} {_r(x)} {_r(top + thick)}z"
        )
        found.append(Ribbon(flow, path, "on"))
    return found


def _slots(
    flows: Sequence[Flow], bars: dict[str, Bar], thickness: dict[Flow, float], ends: Callable[[Flow], tuple[str, str]]
) -> dict[Flow, tuple[float, float]]:
    """Where on its bar each flow begins: in the order of the bars at its other side, within the height of the bar."""
    at: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        at[ends(flow)[0]].append(flow)
    slots: dict[Flow, tuple[float, float]] = {}
    for name, own in at.items():
        bar = bars[name]
        total = sum(thickness[flow] for flow in own)
        shrink = min(1.0, bar.height / total) if total else 1.0
        edge = bar.y
        for flow in sorted(own, key=lambda flow: (bars[ends(flow)[1]].y, ends(flow)[1])):
            slots[flow] = (edge, max(thickness[flow] * shrink, 0.4))
            edge = min(edge + thickness[flow] * shrink, bar.bottom - 0.4)
    return slots


def _back(start: Bar, y: float, to: Bar, end_y: float, floor: float) -> str:
    """From the right of its start, below both bars, to the left of its end: one smooth curve."""
    x, end = start.x + start.width, to.x
    deep = min(floor, max(start.bottom, to.bottom) + 16 + 0.06 * (x - end))
    swing = 18.0
    left = max(end - swing, 1.0)
    middle = (x + end) / 2
    return (
        f"M{_r(x)} {_r(y)}C{_r(x + swing)} {_r(y)} {_r(x + swing)} {_r(deep)} {_r(middle)} {_r(deep)}"
        f"S{_r(left)} {_r(end_y)} {_r(end)} {_r(end_y)}"
    )


def _beside(start: Bar, to: Bar) -> str:
    """Between two bars of one column: a bow to the right of both."""
    x = start.x + start.width
    y, end = start.y + start.height / 2, to.y + to.height / 2
    bow = min(16 + abs(end - y) * 0.12, 48)
    return f"M{_r(x)} {_r(y)}C{_r(x + bow)} {_r(y)} {_r(x + bow)} {_r(end)} {_r(x)} {_r(end)}"


def _again(bar: Bar) -> str:
    """A touchpoint that follows itself: an ear at the right of its bar."""
    x = bar.x + bar.width
    middle = bar.y + bar.height / 3
    half = min(max(bar.height * 0.25, 3.0), 14.0)
    top, end = middle - half, middle + half
    return f"M{_r(x)} {_r(top)}C{_r(x + 15)} {_r(top - 2)} {_r(x + 15)} {_r(end + 2)} {_r(x)} {_r(end)}"


def drains(marks: Sequence[Mark], bars: dict[str, Bar], floor: float) -> list[Drain]:
    """The worst break first and lowest, each in a lane of its own, from its bar down and along to the door."""
    found = []
    lane = 0
    for mark in marks:
        start, door = bars.get(mark.name), bars.get(mark.to)
        if start is None or door is None or not door.door or start is door:
            continue
        found.append(Drain(_run(start, door, floor - lane * LANE, lane), mark))
        lane += 1
    return found


def _run(start: Bar, door: Bar, y: float, lane: int) -> str:
    x, end = start.x + start.width, door.x + door.width / 2
    down = x + 9 + 3 * lane
    # The run leaves sideways, so a door in the next column is met from the other side without a backward kink.
    turn = CORNER if end > down else -CORNER
    from_y = start.bottom - 1.5
    if y - from_y < 2 * CORNER or abs(end - down) < 2 * CORNER:
        return f"M{_r(x)} {_r(from_y)}H{_r(down)}V{_r(y)}H{_r(end)}V{_r(door.bottom)}"
    return (
        f"M{_r(x)} {_r(from_y)}H{_r(down - CORNER)}Q{_r(down)} {_r(from_y)} {_r(down)} {_r(from_y + CORNER)}"
        f"V{_r(y - CORNER)}Q{_r(down)} {_r(y)} {_r(down + turn)} {_r(y)}"
        f"H{_r(end - turn)}Q{_r(end)} {_r(y)} {_r(end)} {_r(y - CORNER)}V{_r(door.bottom)}"
    )


def _r(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")

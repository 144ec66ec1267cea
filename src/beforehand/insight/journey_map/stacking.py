"""How high each bar is and where it stands in its column: near what it is joined to, doors to us at the bottom."""

from collections import defaultdict
from collections.abc import Sequence

from beforehand.insight.journey_map.parts import DOORS, Flow, Spot

LABEL = 32.0
"""Above each bar: its name and its count."""
GAP = 10.0
THINNEST = 2.0
SWEEPS = 8
PITCH = 88.0
LOWEST, TALLEST = 360.0, 660.0


def body_height(columns: Sequence[Sequence[Spot]]) -> float:
    """The height that the fullest column wants, within limits."""
    fullest = max((len(column) for column in columns), default=0)
    return max(min(max(fullest * PITCH, LOWEST), TALLEST), fullest * (LABEL + GAP + THINNEST))


def heights(columns: Sequence[Sequence[Spot]], body: float) -> dict[str, float]:
    """Bars in one scale, as large as the fullest column and half of the drawing allow."""
    scale = min(
        ((body - len(column) * (LABEL + GAP)) / max(sum(spot.node.n for spot in column), 1) for column in columns),
        default=0.0,
    )
    largest = max((spot.node.n for column in columns for spot in column), default=1)
    scale = max(min(scale, 0.45 * body / max(largest, 1)), 0.0)
    height = {spot.name: max(spot.node.n * scale, THINNEST) for column in columns for spot in column}
    return {name: round(own, 2) for name, own in _that_fit(columns, height, body).items()}


def _that_fit(columns: Sequence[Sequence[Spot]], height: dict[str, float], body: float) -> dict[str, float]:
    """The thinnest bars are drawn larger than they are; where that overfills a column, its bars give way."""
    for column in columns:
        room = body - len(column) * (LABEL + GAP)
        wanted = sum(height[spot.name] for spot in column)
        if wanted > room:
            for spot in column:
                height[spot.name] = max(height[spot.name] * max(room, 0.0) / wanted, 0.5)
    return height


def stack(
    columns: Sequence[Sequence[Spot]], flows: Sequence[Flow], height: dict[str, float], body: float
) -> dict[str, float]:
    """The upper edge of every bar. Deterministic: the same data gives the same map."""
    beside: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for flow in flows:
        if flow.start != flow.to:
            beside[flow.start].append((flow.to, flow.n))
            beside[flow.to].append((flow.start, flow.n))
    tops: dict[str, float] = {}
    for column in columns:
        order = sorted(column, key=lambda spot: (_low(spot), -spot.node.n, spot.name))
        tops |= _apart(order, {spot.name: body / 2 for spot in column}, height, body)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = {spot.name: _pulled(spot, beside, tops, height, body) for spot in column}
            order = sorted(column, key=lambda spot: (_low(spot), middle[spot.name], spot.name))
            tops |= _apart(order, middle, height, body)
    unused = min(tops.values(), default=LABEL) - LABEL
    return {name: round(top - unused, 1) for name, top in tops.items()}


def _low(spot: Spot) -> int:
    return 2 if spot.node.kind in DOORS else 1 if spot.folded else 0


def _pulled(
    spot: Spot, beside: dict[str, list[tuple[str, int]]], tops: dict[str, float], height: dict[str, float], body: float
) -> float:
    """The middle that a bar would like: that of its neighbours; a door to us would like the bottom."""
    if spot.node.kind in DOORS:
        return body
    pulls = beside[spot.name]
    weight = sum(n for _, n in pulls)
    if not weight:
        return tops[spot.name] + height[spot.name] / 2
    return sum((tops[name] + height[name] / 2) * n for name, n in pulls) / weight


def _apart(order: Sequence[Spot], middle: dict[str, float], height: dict[str, float], body: float) -> dict[str, float]:
    """Upper edges in this order, near the wanted middles, with room for labels between, inside the body."""
    tops: list[float] = []
    edge = 0.0
    for spot in order:
        top = max(middle[spot.name] - height[spot.name] / 2, edge + LABEL)
        tops.append(top)
        edge = top + height[spot.name] + GAP
    edge = body + GAP
    for index in range(len(order) - 1, -1, -1):
        own = height[order[index].name]
        tops[index] = min(tops[index], edge - GAP - own)
        edge = tops[index] - LABEL
    return {spot.name: top for spot, top in zip(order, tops, strict=True)}

"""The journey map: names as bars sized by volume, flows as ribbons, breaks as red runs down to service.

Pure functions from counts to a drawing. One layout rule holds for any data: see columns.py. Nothing overlaps: labels
are measured (lettering.py) and given room before bars get theirs (stacking.py), and a test says so for random data.

    draw(nodes, flows, stages, marks) -> JourneyMap
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import ngettext

from beforehand.insight.journey_map.columns import divide, levels
from beforehand.insight.journey_map.folding import fold, gather, keep, visible
from beforehand.insight.journey_map.lettering import fit, fit_both_ends, width
from beforehand.insight.journey_map.parts import Bar, Box, Chip, Flow, Heading, JourneyMap, Mark, Node, Spot, Stage
from beforehand.insight.journey_map.ribbons import BACK_DEPTH, LANE, drains, ribbons
from beforehand.insight.journey_map.stacking import body_height, heights, stack

__all__ = ["Flow", "JourneyMap", "Mark", "Node", "Stage", "draw"]

WIDE, NARROWER = 1320.0, 1020.0
"""The two widths of the drawing: the whole page, and beside the panel."""
NAME_SIZE = 11.5
COLUMN, GUTTER, BAR = 100.0, 14.0, 9.0
HEAD, PLAIN_HEAD = 52.0, 4.0
NAMES, PER_COLUMN, FLOWS = 36, 7, 90


def draw(
    nodes: Sequence[Node],
    flows: Sequence[Flow],
    stages: Sequence[Stage] = (),
    marks: Sequence[Mark] = (),
    share: float = 0.05,
    width: float = WIDE,
) -> JourneyMap:
    """The map of one period. `stages` come in their order; flows below `share` of both their ends are hidden."""
    nodes = [node for node in nodes if node.n > 0]
    flows = [flow for flow in flows if flow.n > 0]
    groups, columns = _columns(nodes, flows, stages, {name for mark in marks for name in (mark.name, mark.to)}, width)
    spots = [spot for column in columns for spot in column]
    between = gather(flows, spots)
    shown = visible(between, share, FLOWS)
    pitch = max(width / max(len(columns), 1), 56.0)
    head = HEAD if groups else PLAIN_HEAD
    body = body_height(columns)
    height = heights(columns, body)
    tops = stack(columns, shown, height, body)
    used = max((tops[spot.name] + height[spot.name] for spot in spots), default=0.0)
    by_name = _marked(marks)
    bars = {
        spot.name: _bar(spot, index * pitch, head + tops[spot.name], height[spot.name], pitch, by_name)
        for index, column in enumerate(columns)
        for spot in column
    }
    bars = _told_apart(bars, pitch - GUTTER)
    floor = head + used + BACK_DEPTH
    runs = drains(marks, bars, floor + 24)
    bottom = floor + (24 + LANE + 20 if runs else 6)
    headings = [_heading(stage, first * pitch, last * pitch) for stage, first, last in groups]
    return JourneyMap(
        width=round(max(width, pitch * len(columns)), 1),
        height=round(bottom, 1),
        headings=headings,
        bars=list(bars.values()),
        ribbons=ribbons(shown, bars, floor),
        drains=runs,
        hidden_flows=len(between) - len(shown),
        folded_names=sum(len(spot.folded) for spot in spots),
        boxes=[box for heading in headings for box in heading.boxes]
        + [box for bar in bars.values() for box in bar.boxes],
    )


def _columns(
    nodes: Sequence[Node], flows: Sequence[Flow], stages: Sequence[Stage], always: set[str], width: float
) -> tuple[list[tuple[Stage, int, int]], list[list[Spot]]]:
    """The headed runs of columns (none without stages), and the spots of every column from the left."""
    by_name = {node.name: node for node in nodes}
    known = [stage for stage in stages if any(node.stage == stage.key for node in nodes)]
    keys = {stage.key: index for index, stage in enumerate(known)}
    level = levels(nodes, flows)
    kept = keep(nodes, NAMES, always)
    parts: list[list[str]] = [[] for _ in range(len(known) + 1)]
    for node in nodes:
        parts[keys.get(node.stage, len(known))].append(node.name)
    place = _between(parts[:-1], parts[-1], level, by_name)
    headed = [*known[:place], Stage("", "No stage", None), *known[place:]]
    parts.insert(place, parts.pop())
    # A stage with small names only is still a stage: its largest name is drawn.
    drawn = [
        [n for n in part if n in kept] or (part and [max(part, key=lambda n: (by_name[n].n, n))]) for part in parts
    ]
    used = [(stage, names) for stage, names in zip(headed, drawn, strict=True) if names]
    most = max(int(width // COLUMN), len(used))
    divided = divide([names for _, names in used], level, flows, most, PER_COLUMN)
    columns = [column for part in divided for column in part]
    alone = {name for column in columns for name in column}
    spots = fold(columns, [node for node in nodes if node.name not in alone], by_name, level)
    groups, edge = [], 0
    for (stage, _), part in zip(used, divided, strict=True):
        groups.append((stage, edge, edge + len(part)))
        edge += len(part)
    return groups if known else [], spots


def _between(
    stages: Sequence[Sequence[str]], rest: Sequence[str], level: dict[str, float], nodes: dict[str, Node]
) -> int:
    """Before which stage the names without one stand: after all that customers mostly meet earlier."""

    def middle(names: Sequence[str]) -> float:
        return sum(level[name] * nodes[name].n for name in names) / max(sum(nodes[name].n for name in names), 1)

    own = middle(rest)
    earlier = [index for index, names in enumerate(stages, 1) if names and middle(names) <= own]
    return max(earlier, default=0)


def _marked(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.name, []).append(mark)
    return found


def _bar(spot: Spot, x: float, y: float, height: float, pitch: float, marks: dict[str, list[Mark]]) -> Bar:
    room = pitch - GUTTER
    folded = len(spot.folded)
    others = ngettext("%(n)s other", "%(n)s others", folded) % {"n": folded}
    label = others if folded else spot.node.label
    text, count = fit(label, room, NAME_SIZE), fit(f"{spot.node.n:,}", room, 11)
    here = marks.get(spot.name, [])
    chip = _chip(here, x + width(count, 11) + 6, y - 18.5, x + room) if here else None
    boxes = [Box(x, y - 29, width(text, NAME_SIZE), 13), Box(x, y - 15.5, width(count, 11), 12)]
    if chip:
        boxes.append(Box(chip.x, y - 15.5, chip.width, 12))
    return Bar(spot, round(x, 1), round(y, 1), BAR, round(height, 1), text, count, chip, tuple(boxes))


def _told_apart(bars: dict[str, Bar], room: float) -> dict[str, Bar]:
    """Labels that were cut to the same beginning are cut in the middle instead."""
    seen = Counter(bar.text for bar in bars.values() if bar.text.endswith("…"))
    found = dict(bars)
    for name, bar in bars.items():
        if seen[bar.text] > 1:
            text = fit_both_ends(bar.node.label, room, NAME_SIZE)
            box = bar.boxes[0]._replace(width=width(text, NAME_SIZE))
            found[name] = replace(bar, text=text, boxes=(box, *bar.boxes[1:]))
    return found


def _chip(marks: list[Mark], x: float, y: float, end: float) -> Chip | None:
    """The worst break's size beside the count, or its sign alone where there is no room."""
    title = " · ".join(mark.title for mark in marks)
    text = marks[0].text
    wide = width(text, 11, bold=True) + 22
    if x + wide <= end:
        return Chip(round(x, 1), round(y, 1), round(wide, 1), text, title)
    return Chip(round(x, 1), round(y, 1), 17.0, "", title) if x + 17 <= end else None


def _heading(stage: Stage, x: float, end: float) -> Heading:
    room = end - x - 3
    text = fit(stage.label, room, 12, bold=True)
    count = "" if stage.customers is None else fit(f"{stage.customers:,}", room, 11)
    boxes = [Box(x, 3, width(text, 12, bold=True), 13), Box(x, 20, width(count, 11), 12)]
    return Heading(stage, round(x, 1), round(end - GUTTER, 1), text, count, tuple(boxes))

"""What is small stands together: two hundred names stay readable."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from beforehand.insight.journey_map.parts import DOORS, Flow, Node, Spot

OTHERS = "\x00others:"
"""A folded spot's name begins so; no touchpoint can be called that, the record holds no NUL."""


def keep(nodes: Sequence[Node], most: int, always: set[str]) -> set[str]:
    """The names that are drawn alone: those that must be, the doors to us, then the largest."""
    order = sorted(nodes, key=lambda node: (node.name not in always, node.kind not in DOORS, -node.n, node.name))
    forced = sum(node.name in always or node.kind in DOORS for node in order)
    return {node.name for node in order[: max(most, min(forced, 2 * most))]}


def fold(
    columns: Sequence[Sequence[str]], rest: Iterable[Node], nodes: dict[str, Node], level: dict[str, float]
) -> list[list[Spot]]:
    """Spots for the columns' names, and one for the rest that belong to each column by their stage and level."""
    small: dict[int, list[Node]] = defaultdict(list)
    middles = [sum(level[name] for name in names) / len(names) for names in columns]
    home = {nodes[name].stage: index for index, names in enumerate(columns) for name in names}
    for node in rest:
        own = [index for index, names in enumerate(columns) if nodes[names[0]].stage == node.stage]
        among = own or [home.get(node.stage, len(columns) - 1)]
        small[min(among, key=lambda index: (abs(middles[index] - level[node.name]), index))].append(node)
    spots = []
    for index, names in enumerate(columns):
        column = [Spot(nodes[name]) for name in names]
        spots.append(column + ([_together(index, small[index])] if small[index] else []))
    return spots


def _together(column: int, small: list[Node]) -> Spot:
    if len(small) == 1:
        return Spot(small[0])
    small = sorted(small, key=lambda node: (-node.n, node.name))
    name = f"{OTHERS}{column}"
    # Customers cannot be added up, as one person may stand in several names; the sum is not shown as customers.
    whole = Node(name, "", small[0].stage, "", sum(node.n for node in small), sum(node.customers for node in small))
    return Spot(whole, tuple(small))


def gather(flows: Iterable[Flow], spots: Iterable[Spot]) -> list[Flow]:
    """The flows between spots: what goes to and from folded names goes to and from their spot."""
    where = {node.name: spot.name for spot in spots for node in (spot.folded or (spot.node,))}
    found: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.n > 0 and flow.start in where and flow.to in where:
            found[where[flow.start], where[flow.to]].append(flow)
    return [_sum(start, to, parts) for (start, to), parts in sorted(found.items())]


def _sum(start: str, to: str, parts: list[Flow]) -> Flow:
    """The mean wait of flows together is exact; a 90th percentile cannot be added up, the longest is an upper bound."""
    n = sum(part.n for part in parts)
    return Flow(start, to, n, sum(part.mean * part.n for part in parts) / n, max(part.p90 for part in parts))


def visible(flows: Sequence[Flow], share: float, most: int) -> list[Flow]:
    """Each spot's largest way in and way out, then flows that are at least this share of what leaves their start."""
    leaves: dict[str, int] = defaultdict(int)
    out: dict[str, Flow] = {}
    into: dict[str, Flow] = {}
    ordered = sorted(flows, key=lambda flow: (-flow.n, flow.start, flow.to))
    for flow in ordered:
        leaves[flow.start] += flow.n
        if flow.start != flow.to:
            out.setdefault(flow.start, flow)
            into.setdefault(flow.to, flow)
    largest = {*out.values(), *into.values()}
    shown = [flow for flow in ordered if flow in largest or flow.n >= share * leaves[flow.start]]
    return sorted(shown, key=lambda flow: flow not in largest)[:most]

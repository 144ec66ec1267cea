"""Which column a name stands in: one rule for any data.

Every name gets a level, so that flows, weighted by how many go, are on the whole one step long: the levels h that
minimise the sum over flows of n (h_to - h_start - 1)^2 (the trophic levels of MacKay, Johnson and Sansom, "How directed
is a directed network?", 2020). They exist for any graph, loops included, and need no stages. Stages, where there are
any, come first; inside a stage the levels are cut into columns where that turns most flows into steps forward. A log
without stages is one stage without a name.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise

import numpy as np

from beforehand.insight.journey_map.parts import Flow, Node

SOLVED = 300
"""Levels are solved for this many of the largest names; the others follow their neighbours."""
WORTH = 0.02
"""A further column must make at least this share of its stage's flows a step forward."""


def levels(nodes: Sequence[Node], flows: Iterable[Flow]) -> dict[str, float]:
    """The level of every name. Flows between a name and itself say nothing and are left out."""
    core = {node.name: index for index, node in enumerate(sorted(nodes, key=_largest_first)[:SOLVED])}
    moves = [flow for flow in flows if flow.start != flow.to]
    size = len(core)
    balance, matrix = np.zeros(size), np.zeros((size, size))
    for flow in moves:
        start, to = core.get(flow.start), core.get(flow.to)
        if start is None or to is None:
            continue
        matrix[start, start] += flow.n
        matrix[to, to] += flow.n
        matrix[start, to] -= flow.n
        matrix[to, start] -= flow.n
        balance[to] += flow.n
        balance[start] -= flow.n
    # Levels are fixed but for a shift; a light pull towards zero chooses one shift, also for names without flows.
    pull = max(matrix.max(initial=0.0) * 1e-6, 1e-9)
    solved = np.linalg.solve(matrix + pull * np.eye(size), balance) if size else balance
    found = {name: round(float(solved[index]), 6) for name, index in core.items()}
    return found | _followers([node for node in nodes if node.name not in core], moves, found)


def _followers(nodes: Sequence[Node], moves: Sequence[Flow], known: dict[str, float]) -> dict[str, float]:
    """Names too small to be solved for stand one step from the neighbours that are, or at zero without any."""
    pulls: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for flow in moves:
        if flow.start in known and flow.to not in known:
            pulls[flow.to].append((known[flow.start] + 1, flow.n))
        elif flow.to in known and flow.start not in known:
            pulls[flow.start].append((known[flow.to] - 1, flow.n))
    return {
        node.name: round(sum(level * n for level, n in pulls[node.name]) / sum(n for _, n in pulls[node.name]), 6)
        if pulls[node.name]
        else 0.0
        for node in nodes
    }


def _largest_first(node: Node) -> tuple[int, str]:
    return -node.n, node.name


def cut(names: Sequence[str], level: dict[str, float], columns: int, at_most: int) -> list[list[str]]:
    """The names in `columns` runs of their levels, at most `at_most` in each, with the least spread inside the runs.

    Exact, by dynamic programming over the sorted levels.
    """
    order = sorted(names, key=lambda name: (level[name], name))
    columns = min(max(columns, -(-len(order) // at_most)), len(order))
    sums = [0.0, *accumulate(level[name] for name in order)]
    squares = [0.0, *accumulate(level[name] ** 2 for name in order)]

    def spread(first: int, last: int) -> float:
        total = sums[last] - sums[first]
        return squares[last] - squares[first] - total * total / (last - first)

    best = {0: (0.0, [0])}
    for _ in range(columns):
        following: dict[int, tuple[float, list[int]]] = {}
        for end in range(1, len(order) + 1):
            options = [
                (round(best[start][0] + spread(start, end), 9), [*best[start][1], end])
                for start in range(max(0, end - at_most), end)
                if start in best
            ]
            if options:
                following[end] = min(options)
        best = following
    cuts = best[len(order)][1] if order else [0]
    return [order[start:end] for start, end in pairwise(cuts)]


def divide(
    stages: Sequence[Sequence[str]], level: dict[str, float], flows: Sequence[Flow], most: int, at_most: int
) -> list[list[list[str]]]:
    """The columns of every stage, at most `most` in all as far as there are fewer stages than that."""

    @cache
    def into(index: int, count: int) -> list[list[str]]:
        return cut(stages[index], level, count, at_most)

    counts = [-(-len(names) // at_most) for names in stages]
    divided = [into(index, count) for index, count in enumerate(counts)]
    wholes = [max(_inside([names], flows), 1) for names in stages]
    while sum(counts) < most:
        options = []
        for index, names in enumerate(stages):
            inside = _inside(divided[index], flows)
            for more in range(1, min(most - sum(counts), len(names) - counts[index]) + 1):
                gained = inside - _inside(into(index, counts[index] + more), flows)
                options.append((gained / wholes[index] / more, -index, -more))
        gain, index, more = max(options, default=(0.0, 0, 0))
        if gain < WORTH:
            break
        counts[-index] -= more
        divided[-index] = into(-index, counts[-index])
    return divided


def _inside(columns: Sequence[Sequence[str]], flows: Sequence[Flow]) -> int:
    """How many go between names of the same column, which no arrow to the right can show."""
    where = {name: index for index, names in enumerate(columns) for name in names}
    return sum(
        flow.n for flow in flows if flow.start != flow.to and where.get(flow.start, -1) == where.get(flow.to, -2)
    )

"""Which identifiers are one person: a function of the set of edges, in plain Python without a database.

Edges are taken in an order of their own (verified ones first, then by strength, evidence time and the names of the
pair), never in the order of their arrival. An edge is skipped, with the reason, when taking it would be unsafe; what a
member said is always taken.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from beforehand.customers.models import Edge, Identifier

Kind = Identifier.Kind
LIMITS: dict[str, int] = {
    Kind.USER_ID: 1,
    Kind.EMAIL: 5,
    Kind.PHONE: 5,
    Kind.HANDLE: 5,
    Kind.EXTERNAL: 5,
    Kind.ANONYMOUS_ID: 100,
}
RANKS: dict[str, int] = {kind: rank for rank, kind in enumerate(LIMITS)}


class Node(NamedTuple):
    kind: str
    value: str
    proved: bool


class Tie(NamedTuple):
    """An edge as the decision sees it; `first` and `second` are identifiers."""

    id: int
    first: int
    second: int
    verified: bool
    strength: int
    time: int


def lead_key(node: Node) -> tuple[bool, int, str]:
    """The smallest leads: its customer is everybody's."""
    return not node.proved, RANKS[node.kind], node.value


def resolve(nodes: Mapping[int, Node], ties: Collection[Tie]) -> tuple[dict[int, int], dict[int, str]]:
    """The lead of every identifier, and the reason of every tie that was skipped and whose ends stayed apart."""
    groups = _Groups(nodes)
    skipped: dict[int, str] = {}
    for tie in sorted(ties, key=lambda tie: _weight(tie, nodes)):
        first, second = groups.root(tie.first), groups.root(tie.second)
        if first == second:
            continue
        if reason := _objection(tie, groups, first, second):
            skipped[tie.id] = reason
        else:
            groups.join(first, second)
    leads = groups.leads()
    return leads, {
        tie.id: skipped[tie.id] for tie in ties if tie.id in skipped and leads[tie.first] != leads[tie.second]
    }


def refused(
    nodes: Mapping[int, Node], group: Collection[int], held_by: Collection[Tie], ties: Collection[Tie]
) -> dict[int, str]:
    """Why these ties would all be skipped, by their ids; nothing when one of them would not.

    Each ties somebody who has no other tie to the group, which is one customer now, held together by `held_by`. When
    all of those come before, the group is what it is already when the tie's turn comes, and a tie that is skipped
    changes nothing that follows: so the answer is `resolve`'s, without looking at all that hangs on the group.
    """
    last = max((_weight(tie, nodes) for tie in held_by), default=None)
    groups = _Groups(nodes)
    first, *others = group
    for other in others:
        groups.join(groups.root(first), groups.root(other))
    reasons: dict[int, str] = {}
    for tie in ties:
        if last is not None and _weight(tie, nodes) < last:
            return {}
        reason = _objection(tie, groups, groups.root(tie.first), groups.root(tie.second))
        if not reason:
            return {}
        reasons[tie.id] = reason
    return reasons


def _weight(tie: Tie, nodes: Mapping[int, Node]) -> tuple[bool, int, int, list[Node]]:
    return not tie.verified, -tie.strength, tie.time, sorted((nodes[tie.first], nodes[tie.second]))


def _objection(tie: Tie, groups: "_Groups", first: int, second: int) -> str:
    if tie.strength == Edge.Strength.MEMBER:
        return ""
    if not tie.verified and (groups.known(first) or groups.known(second)):
        return Edge.Skipped.CLAIM
    ones, others = groups.held(first), groups.held(second)
    for kind in ones.keys() & others.keys():
        together = len(ones[kind] | others[kind])
        if together > max(LIMITS[kind], len(ones[kind]), len(others[kind])):
            return Edge.Skipped.ACCOUNTS if kind == Kind.USER_ID else Edge.Skipped.LIMIT
    return ""


class _Groups:
    """Union-find that knows what each group holds: the values by kind, whether one is proved, and the lead."""

    def __init__(self, nodes: Mapping[int, Node]) -> None:
        self.nodes = nodes
        self.parent = {id: id for id in nodes}
        self.size = dict.fromkeys(nodes, 1)
        self.lead = dict(self.parent)
        self.holdings: dict[int, dict[str, set[str]]] = {}
        self.proved = {id for id, node in nodes.items() if node.proved and node.kind != Kind.ANONYMOUS_ID}

    def root(self, id: int) -> int:
        while self.parent[id] != id:
            self.parent[id] = self.parent[self.parent[id]]
            id = self.parent[id]
        return id

    def known(self, root: int) -> bool:
        return root in self.proved

    def held(self, root: int) -> dict[str, set[str]]:
        if root not in self.holdings:
            node = self.nodes[root]
            self.holdings[root] = {node.kind: {node.value}}
        return self.holdings[root]

    def join(self, first: int, second: int) -> None:
        small, large = (first, second) if self.size[first] < self.size[second] else (second, first)
        into = self.held(large)
        for kind, values in self.held(small).items():
            into.setdefault(kind, set()).update(values)
        if small in self.proved:
            self.proved.add(large)
        self.parent[small] = large
        self.size[large] += self.size[small]
        if lead_key(self.nodes[self.lead[small]]) < lead_key(self.nodes[self.lead[large]]):
            self.lead[large] = self.lead[small]

    def leads(self) -> dict[int, int]:
        return {id: self.lead[self.root(id)] for id in self.nodes}

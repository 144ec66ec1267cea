"""What goes into the map and what comes out of it. Nothing here knows the database or the web."""

from dataclasses import dataclass, field
from typing import NamedTuple

DOORS = {"contact", "service"}
"""Kinds of touchpoints by which a customer comes to us: breaks drain to them."""


class Node(NamedTuple):
    """A name of touchpoints in the period. `n` is what its bar is sized by."""

    name: str
    label: str
    stage: str
    kind: str
    n: int
    customers: int


class Flow(NamedTuple):
    """Customers going from one name to the next: how often, and their waits in seconds."""

    start: str
    to: str
    n: int
    mean: float
    p90: float


class Stage(NamedTuple):
    key: str
    label: str
    customers: int | None


class Mark(NamedTuple):
    """A break on the map: at `name`, on its way to `to` (empty for a dead end)."""

    name: str
    to: str
    text: str
    title: str


class Box(NamedTuple):
    """The room that a text takes, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Box") -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Spot:
    """A place on the map before it is drawn: one name, or the small ones of a column together."""

    node: Node
    folded: tuple[Node, ...] = ()

    @property
    def name(self) -> str:
        return self.node.name


@dataclass(frozen=True)
class Chip:
    x: float
    y: float
    width: float
    text: str
    title: str


@dataclass(frozen=True)
class Bar:
    spot: Spot
    x: float
    y: float
    width: float
    height: float
    text: str
    count: str
    chip: Chip | None
    boxes: tuple[Box, ...]

    @property
    def node(self) -> Node:
        return self.spot.node

    @property
    def name_y(self) -> float:
        return round(self.y - 19, 1)

    @property
    def count_y(self) -> float:
        return round(self.y - 6, 1)

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def door(self) -> bool:
        return self.node.kind in DOORS


@dataclass(frozen=True)
class Ribbon:
    """A flow as a path: filled when it goes on, a line of `width` when it goes back."""

    flow: Flow
    path: str
    way: str
    width: float = 0.0


@dataclass(frozen=True)
class Heading:
    stage: Stage
    x: float
    to: float
    text: str
    count: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Drain:
    path: str
    mark: Mark


@dataclass(frozen=True)
class JourneyMap:
    width: float
    height: float
    headings: list[Heading]
    bars: list[Bar]
    ribbons: list[Ribbon]
    drains: list[Drain]
    hidden_flows: int = 0
    folded_names: int = 0
    boxes: list[Box] = field(default_factory=list)

    @property
    def note_y(self) -> float:
        return self.height - 4

"""The kinds of need in force, ready for tracing: which touchpoint means what to which kind, in which version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple

from beforehand.journey.contacts.tracing import JUDGED, Understanding
from beforehand.journey.needs.definition import Definition, Evidence, Step
from beforehand.journey.needs.shapes import SECOND, UNKNOWN, NeedTrace
from beforehand.journey.promises.tracing import VERBS, Rule

OUTCOME = "met"  # the step that is left when all others are done
PATIENCE = 2  # horizons
KIND_BITS = 10


class Version(NamedTuple):
    """A definition from a moment on (microseconds); `off` means that from then on no need of the kind opens."""

    definition: Definition
    version: int = 1
    since: int = 0
    off: bool = False


class Limit(NamedTuple):
    """What a baseline says of a step: the wait (seconds) and the goings-back from which on a customer is stuck."""

    late: float | None = None
    loops: int | None = None


Part = bool | tuple[Evidence, ...]  # False: it is none; True: it is, whatever its properties


class Roles:
    """What one touchpoint's name may be to one kind.

    `helps` says whether it is any of the last four, `only` is its step where it is evidence of one and nothing else,
    `opens_only` says that it opens the kind, whatever its properties, and is nothing else.
    """

    __slots__ = (
        "ends", "excludes", "guides", "helps", "meets", "notices", "only", "opens", "opens_only", "self_service",
        "steps", "trouble",
    )  # fmt: skip

    def __init__(self, name: str, definition: Definition, steps: Iterable[Step]) -> None:
        self.opens = _named(definition.opens, name)
        self.meets = _named(definition.meets, name)
        self.ends = _named(definition.ends, name)
        found = [(place, _named(step.evidence, name)) for place, step in enumerate(steps)]
        self.steps = tuple((place, part) for place, part in found if part is not False)
        self.trouble = _named(definition.trouble, name)
        self.notices = _named(definition.notices, name)
        self.guides = _named(definition.guides, name)
        self.self_service = _named(definition.self_service, name)
        self.excludes = _named(definition.excludes, name)
        self.helps = any((self.notices, self.guides, self.self_service, self.excludes))
        more = any((self.meets, self.ends, self.trouble, self.helps))
        self.opens_only = self.opens is True and not (self.steps or more)
        one = len(self.steps) == 1 and self.steps[0][1] is True and not (self.opens or more)
        self.only = self.steps[0][0] if one else None

    @property
    def conditional(self) -> bool:
        """Whether it hangs on properties."""
        parts = (self.opens, self.meets, self.ends, self.trouble, self.notices, self.guides, self.self_service)
        return any(isinstance(part, tuple) for part in (*parts, self.excludes, *(one for _place, one in self.steps)))


def fits(part: Part, properties: Mapping[str, Any]) -> bool:
    """Whether one of these is there; they all have the touchpoint's name."""
    return part if isinstance(part, bool) else any(one.fits(properties) for one in part)


class Way:
    """One version of a kind, compiled. Times in microseconds.

    Steps go by their places, sets of steps are numbers with a bit for each: `before[i]` are all that come before step
    i, `after[i]` those that come straight before it; `then[i]` are the places of those that come straight after it,
    `first` of those that come after none. `waits[i]` is the time in step i from which on a customer is stuck.
    """

    def __init__(self, version: Version, limits: Mapping[tuple[str, int, str], Limit]) -> None:
        definition = version.definition
        self.definition = definition
        self.kind = definition.kind
        self.version = version.version
        self.since = version.since
        self.off = version.off
        self.key = definition.key
        self.horizon = int(definition.horizon * SECOND)
        self.patience = int((definition.patience or PATIENCE * definition.horizon) * SECOND)
        self.target = None if definition.target is None else int(definition.target * SECOND)
        self.steps = steps_of(definition)
        self.names = [step.step for step in self.steps]
        self.targets = [None if step.target is None else int(step.target * SECOND) for step in self.steps]
        self.limits = [limits.get((self.kind, self.version, step.step), Limit()) for step in self.steps]
        after = [frozenset(_places(self.steps, step.after)) for step in self.steps]
        self.after = [_bits(places) for places in after]
        self.before = [_bits(_closure(after, place)) for place in range(len(self.steps))]
        self.first = [place for place, places in enumerate(after) if not places]
        self.then = [[n for n, places in enumerate(after) if place in places] for place in range(len(self.steps))]
        self.waits = [self._wait(place) for place in range(len(self.steps))]
        self.roles = {name: Roles(name, definition, self.steps) for name in definition.names()}

    def _wait(self, place: int) -> int | None:
        """The target or what the baseline says, whichever comes first."""
        late = self.limits[place].late
        known = [self.targets[place], None if late is None else int(late * SECOND)]
        return min((one for one in known if one is not None), default=None)


class Claim:
    """What a touchpoint's name is to a kind in all its versions. `keys` are the properties that tell needs apart.

    `opens` says whether it may open a need.
    """

    __slots__ = ("keys", "kind", "only", "opens", "roles", "ways")

    def __init__(self, name: str, ways: list[Way]) -> None:
        self.kind = ways[0].kind
        self.ways = ways
        self.only = ways[0] if len(ways) == 1 and not ways[0].off else None
        self.keys = tuple(dict.fromkeys(way.key for way in reversed(ways) if way.key))
        self.roles = {way.version: way.roles[name] for way in ways if name in way.roles}
        self.opens = any(roles.opens for roles in self.roles.values())


@dataclass
class Book:
    """Every kind in every version, numbered. `kinds` is the catalogue: name of a touchpoint -> its kind.

    `numbers` are the kinds' own numbers (1 to 1023; unknown needs have 0), of which the ids of needs are made. `rules`
    say which touchpoints are promises.
    """

    versions: list[Version] = field(default_factory=list)
    kinds: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[tuple[str, int, str], Limit] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def facts(self) -> dict[str, Any]:
        """What another process makes the same book of."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def ways(self) -> dict[str, list[Way]]:
        """The compiled versions of each kind, oldest first."""
        found: dict[str, list[Way]] = {}
        for version in sorted(self.versions, key=lambda one: (one.definition.kind, one.version)):
            found.setdefault(version.definition.kind, []).append(Way(version, self.limits))
        return found

    @cached_property
    def by_name(self) -> dict[str, tuple[Claim, ...]]:
        """The kinds to which a touchpoint's name means anything."""
        found: dict[str, list[Claim]] = {}
        for kind, ways in self.ways.items():
            if kind != UNKNOWN:
                for name in {name for way in ways for name in way.roles}:
                    found.setdefault(name, []).append(Claim(name, ways))
        return {name: tuple(kinds) for name, kinds in found.items()}

    @cached_property
    def way_of(self) -> dict[tuple[str, int], Way]:
        """The compiled version of a kind."""
        return {(way.kind, way.version): way for ways in self.ways.values() for way in ways}

    @cached_property
    def kinds_about(self) -> dict[str, tuple[str, ...]]:
        """The kinds whose needs a touchpoint's name may move: those of `by_name`, and the unknown that it closes."""
        found = {name: tuple(claim.kind for claim in claims) for name, claims in self.by_name.items()}
        for way in self.ways.get(UNKNOWN, [])[-1:]:
            closing = [name for name, roles in way.roles.items() if roles.meets]
            found |= {name: (*found.get(name, ()), UNKNOWN) for name in closing}
        return found

    @cached_property
    def helping(self) -> frozenset[str]:
        """The names that say how a need was met: help, messages and work of ours."""
        helps = {name for way in self.way_of.values() for name, roles in way.roles.items() if roles.helps}
        return frozenset(helps | {name for name, kind in self.kinds.items() if kind == "service"})

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that matters: those of the kinds, contacts and service."""
        spoken = {name for name, kind in self.kinds.items() if kind in {"contact", "service"}}
        unknown = {name for way in self.ways.get(UNKNOWN, []) for name in way.roles}
        promised = self.understanding.rules
        return frozenset(self.by_name.keys() | spoken | unknown | promised.making | promised.keeping | VERBS | {JUDGED})

    @cached_property
    def bare(self) -> frozenset[str]:
        """The names whose properties say nothing here: only kinds without keys and conditions ask for them."""
        asked = {JUDGED} | VERBS | self.understanding.rules.making | self.understanding.rules.keeping
        asked |= {name for name, kind in self.kinds.items() if kind in {"contact", "service"}}
        for ways in self.ways.values():
            for way in ways:
                asked |= {name for name, roles in way.roles.items() if way.key or roles.conditional}
        return self.names - asked

    @cached_property
    def understanding(self) -> Understanding:
        """What is known for linking and explaining contacts: the newest version of each kind."""
        newest = {kind: ways[-1].definition for kind, ways in self.ways.items() if not ways[-1].off}
        return Understanding(newest, self.rules)

    def definition(self, kind: str, version: int) -> Definition:
        """The definition that a need was opened with."""
        for way in self.ways.get(kind, []):
            if way.version == version:
                return way.definition
        return Definition(kind, kind)

    def id_of(self, need: NeedTrace) -> int:
        """It follows from the touchpoint that opened the need and the kind's number, so it is the same every time."""
        return need.opened_by << KIND_BITS | self.numbers.get(need.kind, 0)


def way_at(ways: list[Way], time: int) -> Way | None:
    """The version in force at a time; None when the kind was off then."""
    found = ways[0]
    for way in ways:
        if way.since <= time:
            found = way
    return None if found.off else found


def steps_of(definition: Definition) -> list[Step]:
    """The steps, and at the end one that is left when the need is met, unless a step has that evidence already."""
    steps = list(definition.steps)
    closing = {one.name for one in definition.meets}
    if not any(one.name in closing for step in steps for one in step.evidence):
        every = tuple(step.step for step in steps)
        steps.append(Step(OUTCOME, definition.desired or definition.title, definition.meets, None, every))
    return steps


def _named(part: tuple[Evidence, ...], name: str) -> Part:
    found = tuple(one for one in part if one.name == name)
    return any(not one.where for one in found) or (found or False)


def _places(steps: list[Step], wanted: tuple[str, ...]) -> list[int]:
    return [place for place, step in enumerate(steps) if step.step in wanted]


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)


def _closure(after: list[frozenset[int]], place: int) -> set[int]:
    found: set[int] = set()
    waiting = list(after[place])
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(after[one])
    return found

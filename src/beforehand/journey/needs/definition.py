"""What a kind of need is: what opens it, the steps, what meets it, what counts as trouble."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

WEEK = 7 * 86_400
DEFAULT_HORIZON = 2 * WEEK


class Evidence(NamedTuple):
    """A touchpoint's name, and the properties that it must have (each with one of the values)."""

    name: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def fits(self, properties: Mapping[str, Any]) -> bool:
        """Whether the properties are as asked; the name is not looked at."""
        return all(plain(properties.get(key)) in values for key, values in self.where)


class Help(NamedTuple):
    """Something on offer at a step: an article, a task, a guide or a person, by its slug."""

    kind: str
    slug: str


@dataclass(frozen=True)
class Step:
    """A part of the way. `evidence` says that it is done; `target` in seconds; `after` names steps that come before."""

    step: str
    title: str
    evidence: tuple[Evidence, ...]
    target: float | None = None
    after: tuple[str, ...] = ()
    help: tuple[Help, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A kind of need. Durations in seconds. `key` is the property that tells two needs of the kind apart.

    `patience`: after so long without any movement the need counts as abandoned. `notices` are messages of ours that
    may meet trouble before a contact does; `guides` and `self_service` are the help that customers use alone.
    """

    kind: str
    title: str
    current: str = ""
    desired: str = ""
    key: str = ""
    opens: tuple[Evidence, ...] = ()
    meets: tuple[Evidence, ...] = ()
    ends: tuple[Evidence, ...] = ()
    steps: tuple[Step, ...] = ()
    trouble: tuple[Evidence, ...] = ()
    notices: tuple[Evidence, ...] = ()
    guides: tuple[Evidence, ...] = ()
    self_service: tuple[Evidence, ...] = ()
    excludes: tuple[Evidence, ...] = ()
    topics: tuple[str, ...] = ()
    horizon: float = DEFAULT_HORIZON
    target: float | None = None
    patience: float | None = None
    owner: str = ""

    def names(self) -> set[str]:
        """Every touchpoint's name that matters to this kind."""
        lists = (self.opens, self.meets, self.ends, self.trouble, self.notices, self.guides, self.self_service)
        steps = [one for step in self.steps for one in step.evidence]
        return {one.name for part in (*lists, self.excludes, steps) for one in part}


def plain(value: Any) -> str:
    """A property's value as text, so that 12, 12.0 and "12" are one."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

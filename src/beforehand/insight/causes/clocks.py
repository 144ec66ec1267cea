"""The definitions of needs and the rules of promises as rows that SQL can join: which touchpoint moves which clock.

A *thread* is what one customer has under way of one kind and key (this order, this invoice). Its state is the last
thing that moved it; its clock is the time since. Kinds without a key have one thread a customer.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from beforehand.insight.segments import column

LATE = "late: "
BROKEN = "broken: "


class Mark(NamedTuple):
    """A touchpoint's name, and the properties that it must have (each with one of the values)."""

    name: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Limit(NamedTuple):
    """A step is late when `days` after something that enters it nothing has left it."""

    step: str
    title: str
    days: float
    enters: tuple[str, ...]


class Clock(NamedTuple):
    """A kind of need: the property that is its key, what moves it, what counts as trouble, which steps have limits."""

    kind: str
    title: str
    key: str
    moves: tuple[Mark, ...]
    trouble: tuple[Mark, ...]
    limits: tuple[Limit, ...]
    owner: str


class Pledge(NamedTuple):
    """A promise: the touchpoint that makes it, the property that says by when (or days from it), what keeps it."""

    name: str
    what: str
    key: str
    due: str
    days: float
    kept: tuple[Mark, ...]


def clock(definition: Any) -> Clock:
    """Of a definition of a kind of need (journey.needs.definition.Definition)."""
    steps = list(definition.steps)
    moving = [*definition.opens, *definition.meets, *definition.ends, *(e for step in steps for e in step.evidence)]
    limits, opens = [], {mark.name for mark in definition.opens}
    for at, step in enumerate(steps):
        before = [steps[n] for n in range(at)] if not step.after else [one for one in steps if one.step in step.after]
        enters = {e.name for e in before[-1].evidence} if before else opens
        if step.target:
            limits.append(Limit(step.step, step.title, step.target / 86400, tuple(sorted(enters))))
    return Clock(
        definition.kind,
        definition.title,
        definition.key,
        tuple(dict.fromkeys(Mark(e.name, e.where) for e in moving)),
        tuple(Mark(e.name, e.where) for e in definition.trouble),
        tuple(limits),
        definition.owner,
    )


def pledge(rule: Any) -> Pledge:
    """Of a rule of promises (journey.promises.tracing.Rule)."""
    kept = tuple(Mark(e.name, e.where) for e in rule.kept_by)
    return Pledge(rule.name, rule.what, rule.key, rule.due, rule.within / 86400, kept)


def fits(mark: Mark) -> str:
    """SQL: whether a row of touchpoints carries what the mark asks for beside its name."""
    if not mark.where:
        return "true"
    return " and ".join(
        f"coalesce({column(key)}, '') in ({', '.join(text(value) for value in values)})" for key, values in mark.where
    )


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def names(marks: Iterable[Mark]) -> str:
    """SQL: a list of names."""
    return "(" + (", ".join(sorted({text(mark.name) for mark in marks})) or "''") + ")"


def matching(marks: Sequence[Mark]) -> str:
    """SQL: whether a row of touchpoints is any of the marks."""
    plain = [mark for mark in marks if not mark.where]
    parts = [f"t.name in {names(plain)}"] if plain else []
    parts += [f"(t.name = {text(mark.name)} and {fits(mark)})" for mark in marks if mark.where]
    return "(" + (" or ".join(parts) or "false") + ")"


def keyed(key: str) -> str:
    """SQL: the key's value in a row of touchpoints."""
    return f"coalesce({column(key)}, '')" if key else "''"


def clocks_of(definitions: Iterable[Any]) -> list[Clock]:
    """Of all kinds of needs that something moves."""
    return [made for made in (clock(one) for one in definitions) if made.moves]


def pledges_of(rules: Iterable[Any]) -> list[Pledge]:
    """The newest rule of each name."""
    newest = {rule.name: rule for rule in sorted(rules, key=lambda rule: rule.since)}
    return [pledge(rule) for rule in newest.values() if not rule.off and rule.kept_by]

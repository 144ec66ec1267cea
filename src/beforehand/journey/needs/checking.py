"""What can be wrong with a kind of need, said before it is kept."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from beforehand.journey.needs.definition import Definition, Evidence
from beforehand.journey.needs.shapes import UNKNOWN

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_STEPS = 40
LONGEST_OWNER = 60
Said = tuple[str, str]


class Finding(NamedTuple):
    """Something about a kind. It is refused, or only pointed out where it may be meant.

    `where` is the part that it is about: a name of the definition's, or "steps.packed" for the step “packed”.
    """

    refused: bool
    text: str
    where: str = ""


def check(definition: Definition, others: Iterable[Definition] = (), seen: Collection[str] = ()) -> list[Finding]:
    """Everything that is wrong or odd. `others` are the other kinds in force, `seen` the names that are known."""
    refused = [*_form(definition), *_steps(definition), *_meeting(definition)]
    warned = [*_odd(definition), *_unseen(definition, seen)]
    for other in others:
        if other.kind != definition.kind:
            refused += _same(definition, other)
            warned += _shared(definition, other)
    return [Finding(True, text, where) for where, text in refused] + [
        Finding(False, text, where) for where, text in warned
    ]


def _form(definition: Definition) -> Iterator[Said]:
    if not SLUG.fullmatch(definition.kind) or len(definition.kind) > 60:
        yield "kind", _("“kind” is a short name in small letters, digits and hyphens, like “receive-my-order”.")
    if not definition.title:
        yield "title", _("It has no title.")
    if len(definition.owner) > LONGEST_OWNER:
        yield "owner", _("The name of its owner has at most %(most)d signs.") % {"most": LONGEST_OWNER}
    for name in ("horizon", "target", "patience"):
        seconds = getattr(definition, name)
        if seconds is not None and seconds <= 0:
            yield name, _("“%(name)s” is zero, so that it would be over before it began.") % {"name": name}


def _meeting(definition: Definition) -> Iterator[Said]:
    if not definition.opens and definition.kind != UNKNOWN:
        yield "opens", _("Nothing opens it: name a touchpoint that does (“opens”).")
    if not definition.meets:
        yield "meets", _("It can never be met: name a touchpoint that meets it (“meets”).")
    for one in definition.meets:
        if one in definition.opens:
            yield "meets", _("“%(name)s” opens and meets it, so it would never be open.") % {"name": one.name}
        if one in definition.ends:
            yield "ends", _("“%(name)s” both meets and ends it; ending means that it was not met.") % {"name": one.name}
    if definition.meets and all(_never(one) for one in definition.meets):
        yield "meets", _("It can never be met: no property has a value out of an empty list.")


def _steps(definition: Definition) -> Iterator[Said]:
    names = [step.step for step in definition.steps]
    if len(names) > MOST_STEPS:
        yield (
            "steps",
            _("It has %(count)d steps; %(most)d are as many as anybody can follow.")
            % {
                "count": len(names),
                "most": MOST_STEPS,
            },
        )
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"steps.{name}", _("Two steps are called “%(step)s”.") % {"step": name}
    for step in definition.steps:
        if not SLUG.fullmatch(step.step) or len(step.step) > 60:
            yield (
                f"steps.{step.step}",
                _("“%(step)s” is no name of a step: use small letters, digits and hyphens.") % {"step": step.step},
            )
        if not step.evidence:
            yield (
                f"steps.{step.step}",
                _("Nothing shows that the step “%(step)s” is done: name the touchpoint that does (“evidence”).")
                % {"step": step.step},
            )
        if step.target is not None and step.target <= 0:
            yield f"steps.{step.step}", _("The target of “%(step)s” is zero.") % {"step": step.step}
        for other in step.after:
            if other not in names:
                yield (
                    f"steps.{step.step}",
                    _("“%(step)s” comes after “%(other)s”, which is no step.") % {"step": step.step, "other": other},
                )
    if circle := _circle({step.step: step.after for step in definition.steps}):
        yield "steps", _("The steps go round in a circle: %(circle)s.") % {"circle": " → ".join(circle)}


def _circle(after: dict[str, tuple[str, ...]]) -> list[str]:
    """Steps that come after themselves, in the order of the circle; empty when there are none."""
    clear: set[str] = set()

    def walk(step: str, way: list[str]) -> list[str]:
        if step in way:
            return [*way[way.index(step) :], step]
        if step in clear or step not in after:
            return []
        for before in after[step]:
            if found := walk(before, [*way, step]):
                return found
        clear.add(step)
        return []

    return next((found[::-1] for step in after if (found := walk(step, []))), [])


def _odd(definition: Definition) -> Iterator[Said]:
    if definition.target is not None and definition.target > definition.horizon:
        yield "target", _("Its target is later than its horizon: whoever is on target counts as too late.")
    if definition.patience is not None and definition.patience < definition.horizon:
        yield "patience", _("It counts as abandoned before its horizon is over.")
    closing = {one.name for one in definition.meets}
    for step in definition.steps[:-1]:
        if closing & {one.name for one in step.evidence} and not any(
            step.step in other.after for other in definition.steps if closing & {one.name for one in other.evidence}
        ):
            yield (
                f"steps.{step.step}",
                _("“%(step)s” has the evidence that meets the need, but other steps stand behind it.")
                % {"step": step.step},
            )
    for one in definition.trouble:
        if one in definition.meets:
            yield "trouble", _("“%(name)s” is trouble and meets it.") % {"name": one.name}


def _unseen(definition: Definition, seen: Collection[str]) -> Iterator[Said]:
    if not seen:
        return
    for name, part, said in (
        ("opens", definition.opens, _("opens it")),
        ("meets", definition.meets, _("meets it")),
    ):
        if part and not any(one.name in seen for one in part):
            names = ", ".join(f"“{one.name}”" for one in part)
            yield name, _("No touchpoint that %(said)s was ever seen: %(names)s.") % {"said": said, "names": names}


def _same(definition: Definition, other: Definition) -> Iterator[Said]:
    """Two kinds that open, go by key and are met alike would count each need twice."""
    if (
        definition.opens
        and set(definition.opens) == set(other.opens)
        and set(definition.meets) == set(other.meets)
        and definition.key == other.key
    ):
        yield (
            "opens",
            _("“%(other)s” is opened and met by the same touchpoints: each need would count twice.")
            % {"other": other.kind},
        )


def _shared(definition: Definition, other: Definition) -> Iterator[Said]:
    for name in sorted({one.name for one in definition.opens if _claimed(one, other.opens)}):
        yield (
            "opens",
            _("“%(name)s” opens “%(other)s” too: both needs will open.") % {"name": name, "other": other.kind},
        )


def _claimed(one: Evidence, others: tuple[Evidence, ...]) -> bool:
    """Whether a touchpoint could be both: the same name, and no property that would have to differ."""
    for other in others:
        if other.name == one.name:
            wanted = dict(other.where)
            if all(set(values) & set(wanted.get(key, values)) for key, values in one.where):
                return True
    return False


def _never(one: Evidence) -> bool:
    return any(not values for _key, values in one.where)

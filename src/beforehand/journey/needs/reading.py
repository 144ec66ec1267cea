"""A kind of need out of the plain data that a YAML file or a form gives, and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import yaml
from django.utils.translation import gettext as _

from beforehand.journey.needs.definition import DEFAULT_HORIZON, Definition, Evidence, Help, Step, plain
from beforehand.journey.needs.durations import duration_text, seconds_in
from beforehand.lib.text import storable
from beforehand.lib.trouble import Trouble

TEXTS = ("kind", "title", "current", "desired", "key", "owner")
LISTS = ("opens", "meets", "ends", "trouble", "notices", "guides", "self_service", "excludes")
DURATIONS = ("horizon", "target", "patience")
KEYS = (*TEXTS, *LISTS, *DURATIONS, "steps", "topics")
STEP_KEYS = ("step", "title", "evidence", "target", "after", "help")
LARGEST = 1 << 20
LONGEST = 200
MOST = 200
"""Touchpoints, words or steps in one list."""
SAID = 60
LONGEST_TIME = 10 * 366 * 86_400


class BadKind(Trouble):
    """A kind of need that cannot be; says every reason that was found."""

    def __init__(self, kind: str, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        named = _("“%(kind)s” cannot be taken:") % {"kind": kind or "?"}
        super().__init__("\n".join([named, *(f"- {reason}" for reason in reasons)]))


def read_yaml(text: str) -> list[Definition]:
    """The kinds in a YAML text: one, or several as a list or as documents. `BadKind` says what is wrong where."""
    if len(text) > LARGEST:
        raise BadKind("", [_("The file is larger than 1 MB, which no list of kinds is.")])
    try:
        documents = [document for document in yaml.safe_load_all(text) if document is not None]
    except (yaml.YAMLError, RecursionError) as error:
        raise BadKind("", [_("It is no YAML: %(error)s") % {"error": " ".join(str(error).split())}]) from None
    found = [one for document in documents for one in (document if isinstance(document, list) else [document])]
    if not found:
        raise BadKind("", [_("There is no kind of need in it.")])
    return [read(one) for one in found]


def read(data: object) -> Definition:
    """A definition from plain data; `BadKind` with all reasons where it cannot be read."""
    if not isinstance(data, Mapping):
        raise BadKind("", [_("A kind of need is a list of “name: value” lines.")])
    reading = _Reading()
    return reading.definition(data)


class _Reading:
    """Collects what is wrong while it reads."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def definition(self, data: Mapping[Any, Any]) -> Definition:
        self.known(data, KEYS, "")
        facts: dict[str, Any] = {name: self.text(data, name) for name in TEXTS}
        facts |= {name: self.evidence(data.get(name), name) for name in LISTS}
        facts |= {name: self.duration(data.get(name), name) for name in DURATIONS}
        if facts["horizon"] is None:
            facts["horizon"] = float(DEFAULT_HORIZON)
        facts["topics"] = tuple(self.words(self.listed(data.get("topics"), "topics"), "topics"))
        facts["steps"] = tuple(self.steps(data.get("steps")))
        if self.reasons:
            raise BadKind(facts["kind"] or facts["title"], self.reasons)
        return Definition(**facts)

    def steps(self, data: object) -> Iterator[Step]:
        before = ""
        for number, one in enumerate(self.listed(data, "steps"), 1):
            where = _("step %(number)d") % {"number": number}
            if not isinstance(one, Mapping):
                self.reasons.append(_("%(where)s: is no list of “name: value” lines.") % {"where": where})
                continue
            self.known(one, STEP_KEYS, f"{where}: ")
            name = self.text(one, "step")
            after = self.listed(one["after"], where) if "after" in one else [before] if before else []
            yield Step(
                name,
                self.text(one, "title") or name,
                self.evidence(one.get("evidence"), where),
                self.duration(one.get("target"), where),
                tuple(self.words(after, where)),
                tuple(self.help(one.get("help"), where)),
            )
            before = name

    def help(self, data: object, where: str) -> Iterator[Help]:
        for one in self.listed(data, where):
            if isinstance(one, Mapping) and one.get("kind") and one.get("slug") and len(one) == 2:
                yield Help(*self.words([one["kind"], one["slug"]], where))
            else:
                self.reasons.append(_("%(where)s: help is written as {kind: article, slug: …}.") % {"where": where})

    def evidence(self, data: object, where: str) -> tuple[Evidence, ...]:
        found = []
        for one in self.listed(data, where):
            name, wanted = (one.get("name"), one.get("where") or {}) if isinstance(one, Mapping) else (one, {})
            if not isinstance(name, str) or not name.strip() or not isinstance(wanted, Mapping):
                self.reasons.append(
                    _("%(where)s: write the name of a touchpoint, or {name: …, where: {property: value}}.")
                    % {"where": where}
                )
                continue
            values = {plain(key): value if isinstance(value, list) else [value] for key, value in wanted.items()}
            conditions = [(key, tuple(self.words(value, where))) for key, value in sorted(values.items())]
            found.append(Evidence(self.whole(name.strip(), where), tuple(conditions)))
        return tuple(found)

    def duration(self, value: object, where: str) -> float | None:
        if value is None:
            return None
        value = plain(value) if isinstance(value, (str, int, float)) else "…"
        seconds = 0.0 if value.strip() in {"0", "0.0"} else seconds_in(value)
        if seconds is None:
            said = {"where": where, "value": shortened(value)}
            self.reasons.append(
                _("%(where)s: “%(value)s” is no duration. Write one like “2 days” or “36 hours”.") % said
            )
        elif seconds > LONGEST_TIME:
            self.reasons.append(_("%(where)s: ten years is the longest that can be set.") % {"where": where})
        elif seconds <= 0:
            self.reasons.append(_("%(where)s: a duration of zero is over before it began.") % {"where": where})
        return seconds

    def text(self, data: Mapping[Any, Any], name: str) -> str:
        value = data.get(name)
        if isinstance(value, (list, Mapping)):
            self.reasons.append(_("%(name)s: is one line of text.") % {"name": name})
            return ""
        return self.whole(storable(plain(value)).strip(), name)

    def whole(self, text: str, where: str) -> str:
        """The text, of which nothing is cut off: what is too long is said."""
        if len(text) > LONGEST:
            said = {"where": where, "most": LONGEST, "text": shortened(text), "count": len(text)}
            self.reasons.append(_("%(where)s: at most %(most)d signs; “%(text)s” has %(count)d.") % said)
        return text

    def words(self, values: Iterable[object], where: str) -> list[str]:
        """Plain values as text."""
        found = []
        for value in values:
            if isinstance(value, (list, Mapping)):
                self.reasons.append(_("%(where)s: a list stands where a word should.") % {"where": where})
            else:
                found.append(self.whole(plain(value), where))
        return found

    def listed(self, value: object, where: str) -> list[Any]:
        if value is None:
            return []
        if isinstance(value, (str, Mapping)):
            return [value]
        if isinstance(value, list):
            if len(value) > MOST:
                said = {"where": where, "most": MOST, "count": len(value)}
                self.reasons.append(_("%(where)s: at most %(most)d entries; there are %(count)d.") % said)
            return value[:MOST]
        self.reasons.append(_("%(where)s: is no list.") % {"where": where})
        return []

    def known(self, data: Mapping[Any, Any], keys: Sequence[str], where: str) -> None:
        for key in data:
            if key not in keys:
                close = get_close_matches(str(key), keys, 1)
                hint = _(" Did you mean “%(close)s”?") % {"close": close[0]} if close else ""
                said = {"where": where, "key": shortened(key)}
                self.reasons.append(_("%(where)s“%(key)s” means nothing here.") % said + hint)


def shortened(value: object) -> str:
    """As much of it as a message needs."""
    text = plain(value) if isinstance(value, (str, int, float)) else "…"
    return text if len(text) <= SAID else f"{text[:SAID]}…"


def data_of(definition: Definition) -> dict[str, Any]:
    """The definition as plain data, as short as it can be written; `read` gives the same definition again."""
    found: dict[str, Any] = {name: getattr(definition, name) for name in ("kind", "title", "current", "desired")}
    found["key"] = definition.key
    found |= {name: _evidence(getattr(definition, name)) for name in ("opens", "meets", "ends")}
    found["steps"] = list(_steps(definition.steps))
    found |= {name: _evidence(getattr(definition, name)) for name in LISTS[3:]}
    found["topics"] = list(definition.topics)
    for name in DURATIONS:
        seconds = getattr(definition, name)
        found[name] = duration_text(seconds) if seconds else ""
    found["owner"] = definition.owner
    return {name: value for name, value in found.items() if value}


def write_yaml(definitions: Sequence[Definition]) -> str:
    """Kinds as YAML documents."""
    parts = (
        yaml.safe_dump(data_of(one), sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
        for one in definitions
    )
    return "---\n".join(parts)


def _steps(steps: Sequence[Step]) -> Iterator[dict[str, Any]]:
    before: tuple[str, ...] = ()
    for step in steps:
        found: dict[str, Any] = {"step": step.step, "title": step.title, "evidence": _evidence(step.evidence)}
        if step.target:
            found["target"] = duration_text(step.target)
        if step.after != before:
            found["after"] = list(step.after)
        if step.help:
            found["help"] = [{"kind": one.kind, "slug": one.slug} for one in step.help]
        yield found
        before = (step.step,)


def _evidence(part: Sequence[Evidence]) -> list[Any]:
    found: list[Any] = []
    for one in part:
        where = {key: list(values) if len(values) > 1 else values[0] for key, values in one.where}
        found.append({"name": one.name, "where": where} if where else one.name)
    return found

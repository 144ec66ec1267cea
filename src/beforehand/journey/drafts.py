"""A kind of need as it is typed: every field as text, what is wrong with each, and the definition once nothing is.

A touchpoint is a line: `Order Completed`, or with conditions `Payment Failed [platform=ios|android, tries=3]`. What
cannot be read stays as it was typed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _

from beforehand.journey.needs.definition import Definition, Evidence
from beforehand.journey.needs.keeping import findings
from beforehand.journey.needs.reading import DURATIONS, LISTS, TEXTS, BadKind, data_of, read
from beforehand.lib.text import storable

SPARE = 2
STEP = ("step", "title", "evidence", "target", "after", "help")
CONDITION = re.compile(r"(?P<name>[^\[\]]+?)\s*(?:\[(?P<where>[^\[\]]*)\])?")
NUMBERED = re.compile(r"\D*(?P<number>\d+)\D*")


@dataclass
class StepDraft:
    """A step as it is typed, and what is wrong with it."""

    texts: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not any(self.texts.values())


@dataclass
class Draft:
    """A kind of need as it is typed. `errors` by field, `notes` are only pointed out."""

    texts: dict[str, str] = field(default_factory=dict)
    steps: list[StepDraft] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def empty(cls) -> "Draft":
        return cls({"horizon": "14 days"}, [StepDraft() for _n in range(SPARE + 1)])

    @classmethod
    def of(cls, definition: Definition) -> "Draft":
        """What one would type to get this definition."""
        data = data_of(definition)
        texts = {name: str(data.get(name, "")) for name in (*TEXTS, *DURATIONS)}
        texts |= {name: lines(getattr(definition, name)) for name in LISTS}
        texts["topics"] = ", ".join(definition.topics)
        steps = [StepDraft(_step_texts(step)) for step in data.get("steps", [])]
        for draft, step in zip(steps, definition.steps, strict=True):
            draft.texts["evidence"] = lines(step.evidence)
        return cls(texts, [*steps, StepDraft()])

    @classmethod
    def sent(cls, form: QueryDict, kind: str = "") -> "Draft":
        """What was typed into the form. `kind` is given where it cannot be changed any more."""
        names = (*TEXTS, *LISTS, *DURATIONS, "topics")
        texts = {name: _clean(form.get(name, "")) for name in names}
        texts["kind"] = kind or texts["kind"] or slugify(texts["title"])[:60]
        columns = [form.getlist(f"step-{name}") for name in STEP]
        count = max((len(column) for column in columns), default=0)
        rows = [
            {name: _clean(_at(column, n)) for name, column in zip(STEP, columns, strict=True)} for n in range(count)
        ]
        return cls(texts, [StepDraft(row) for row in rows])

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong, as one list."""
        return [text for texts in self.errors.values() for text in texts] + [
            text for step in self.steps for text in step.errors
        ]

    def with_room(self) -> "Draft":
        """The same with empty steps at the end, to be filled."""
        spare = sum(step.empty for step in self.steps)
        self.steps += [StepDraft() for _n in range(max(SPARE - spare, 0))]
        return self

    def definition(self) -> Definition | None:
        """The definition; None where it cannot be, and then `errors` say why. Odd things are in `notes`."""
        filled = [step for step in self.steps if not step.empty]
        for step in filled:
            if any(":" not in one for one in words_in(step.texts.get("help", ""))):
                step.errors.append(_("Help is written as article:where-is-it, a kind and a short name."))
        try:
            definition = read(self._data(filled))
        except BadKind as problem:
            for reason in problem.reasons:
                self._place_reading(reason, filled)
            return None
        for finding in findings(definition):
            if finding.refused:
                self._place(finding.where, finding.text, filled)
            else:
                self.notes.append(finding.text)
        return None if self.errors or any(step.errors for step in self.steps) else definition

    def _data(self, filled: Sequence[StepDraft]) -> dict[str, Any]:
        data: dict[str, Any] = {name: self.texts.get(name, "") for name in TEXTS}
        data |= {name: evidence_in(self.texts.get(name, "")) for name in LISTS}
        data |= {name: self.texts[name] for name in DURATIONS if self.texts.get(name)}
        data["topics"] = words_in(self.texts.get("topics", ""))
        data["steps"] = [_step_data(step.texts) for step in filled]
        return data

    def _place_reading(self, reason: str, filled: Sequence[StepDraft]) -> None:
        where, colon, text = reason.partition(": ")
        number = NUMBERED.fullmatch(where)
        if colon and where in {*TEXTS, *LISTS, *DURATIONS, "topics"}:
            self.errors.setdefault(where, []).append(_sentence(text))
        elif colon and number and 0 < int(number["number"]) <= len(filled):
            filled[int(number["number"]) - 1].errors.append(_sentence(text))
        else:
            self.errors.setdefault("general", []).append(reason)

    def _place(self, where: str, text: str, filled: Sequence[StepDraft]) -> None:
        _part, dot, step = where.partition(".")
        own = next((one for one in reversed(filled) if dot and _name_of(one.texts) == step), None)
        if own is not None:
            own.errors.append(text)
        else:
            self.errors.setdefault("steps" if dot else where, []).append(text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def lines(part: Sequence[Evidence]) -> str:
    """Evidence as one types it, a line each."""
    return "\n".join(_line(one) for one in part)


def _line(one: Evidence) -> str:
    where = ", ".join(f"{key}={'|'.join(values)}" for key, values in one.where)
    return f"{one.name} [{where}]" if where else one.name


def evidence_in(text: str) -> list[Any]:
    """Lines as plain data: a name, or {name, where}."""
    found: list[Any] = []
    for line in (line.strip() for line in text.splitlines()):
        parts = CONDITION.fullmatch(line) if line else None
        if parts is None:
            found += [line] if line else []
        elif parts["where"] is None:
            found.append(parts["name"])
        else:
            found.append({"name": parts["name"], "where": _where(parts["where"])})
    return found


def _where(text: str) -> dict[str, list[str]]:
    pairs = (pair.partition("=") for pair in text.split(",") if pair.strip())
    return {key.strip(): [one.strip() for one in values.split("|") if one.strip()] for key, _sign, values in pairs}


def words_in(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.replace("\n", ",").split(",")) if word]


def _step_texts(step: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: str(step.get(name, "")) for name in ("step", "title", "target")}
    texts["after"] = ", ".join(step["after"]) or _("nothing") if "after" in step else ""
    texts["help"] = ", ".join(f"{one['kind']}:{one['slug']}" for one in step.get("help", []))
    return texts


def _step_data(texts: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {"step": _name_of(texts), "title": texts.get("title", "")}
    data["evidence"] = evidence_in(texts.get("evidence", ""))
    if texts.get("target"):
        data["target"] = texts["target"]
    if after := texts.get("after", ""):
        data["after"] = [] if after in {_("nothing"), "nothing"} else words_in(after)
    if texts.get("help"):
        data["help"] = [_help(one) for one in words_in(texts["help"]) if ":" in one]
    return data


def _help(text: str) -> dict[str, str]:
    kind, _colon, slug = text.partition(":")
    return {"kind": kind.strip(), "slug": slug.strip()}


def _name_of(texts: Mapping[str, str]) -> str:
    return texts.get("step") or slugify(texts.get("title", ""))[:60]


def _clean(text: str) -> str:
    return storable(text).replace("\r\n", "\n").strip()


def _at(column: Sequence[str], n: int) -> str:
    return column[n] if n < len(column) else ""

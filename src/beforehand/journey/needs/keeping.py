"""The kinds of need that a company keeps: checked at save, in versions, out to YAML and back."""

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from beforehand.journey.contacts.tracing import heard_by
from beforehand.journey.lake import manifest
from beforehand.journey.models import CatalogueEntry, Contact, Need, NeedKind, StepBaseline
from beforehand.journey.needs.book import Book, Limit, Version, steps_of
from beforehand.journey.needs.checking import Finding, check
from beforehand.journey.needs.definition import Definition
from beforehand.journey.needs.reading import BadKind, data_of, read, read_yaml
from beforehand.journey.needs.shapes import UNKNOWN
from beforehand.journey.promises import rules
from beforehand.journey.promises.tracing import Rule
from beforehand.lib.bus import emit
from beforehand.lib.fields import to_micros
from beforehand.lib.trouble import Trouble
from beforehand.team.models import AuditEntry, Member

READY_MADE = Path(__file__).parent / "kinds"
MOST_KINDS = 1023
Rows = tuple[tuple[Any, ...], ...]


def ready_made() -> list[Definition]:
    """The kinds that come with the house."""
    return [one for path in sorted(READY_MADE.glob("*.yaml")) for one in read_yaml(path.read_text(encoding="utf-8"))]


def install_ready_made() -> None:
    """A new record has the ready-made kinds. Does nothing where any kind is kept."""
    if NeedKind.objects.exists():
        return
    kinds = ready_made()
    numbers = _numbers(kinds)
    NeedKind.objects.bulk_create(
        [
            NeedKind(slug=one.kind, number=numbers[one.kind], title=one.title, definition=data_of(one), since=0)
            for one in kinds
        ],
        ignore_conflicts=True,
    )


def in_force() -> list[NeedKind]:
    """The newest version of each kind, by title; kinds that are off too."""
    newest: dict[str, NeedKind] = {}
    for kind in NeedKind.objects.order_by("slug", "version"):
        newest[kind.slug] = kind
    return sorted(newest.values(), key=lambda one: (one.slug == UNKNOWN, one.title))


def definitions() -> list[Definition]:
    """The definitions in force, without the kinds that are off."""
    return [read(one.definition) for one in in_force() if not one.off]


def step_titles() -> dict[tuple[str, str], str]:
    """(kind, step) -> what the newest version that has such a step calls it."""
    kept = NeedKind.objects.order_by("slug", "version")
    return {(kind.slug, step.step): step.title for kind in kept for step in steps_of(read(kind.definition))}


def findings(definition: Definition) -> list[Finding]:
    """What is wrong or odd with a kind, seen beside the others that are kept and the names that are known."""
    return check(definition, definitions(), _seen())


def keep(definition: Definition, by: Member | None = None, since: int | None = None) -> tuple[NeedKind, list[str]]:
    """Keep a kind, in a new version if it is there already; `BadKind` when it cannot be. Gives it and the warnings.

    Needs stay under the version they were opened with: the new one holds from `since` (microseconds), from now on if
    that is not said. A kind that has no need yet holds for all the past, and the past is traced again; so it is when
    contacts are judged by other words.
    """
    found = findings(definition)
    if reasons := [one.text for one in found if one.refused]:
        raise BadKind(definition.kind, reasons)
    kind = _write(definition, by, since)
    return kind, [one.text for one in found if not one.refused]


def keep_all(
    kinds: Iterable[Definition], by: Member | None = None, since: int | None = None
) -> list[tuple[NeedKind, list[str]]]:
    """Keep several kinds, all or none."""
    with transaction.atomic():
        return [keep(one, by, since) for one in kinds]


@transaction.atomic
def switch_off(slug: str, by: Member | None = None) -> NeedKind:
    """From now on no need of the kind opens; those that are open go on."""
    last = _last(slug)
    if last is None:
        raise Trouble(_("There is no kind of need “%(kind)s”.") % {"kind": slug})
    if last.off:
        return last
    off = _version(last.definition, last, by, manifest.now(), off=True)
    AuditEntry.note("switched off need kind", slug, by)
    emit("needs.kinds_changed")
    return off


@transaction.atomic
def _write(definition: Definition, by: Member | None, since: int | None) -> NeedKind:
    from beforehand.journey.needs.projection import trace_everything_again

    last = _last(definition.kind)
    data = data_of(definition)
    reaches_back = since is not None and last is not None and since < to_micros(last.since)
    if since is None and not Need.objects.filter(kind=definition.kind).exists():
        since = 0
    if last is not None and last.definition == data and not last.off and not reaches_back:
        return last
    if last is None:
        kind = NeedKind.objects.create(
            slug=definition.kind,
            number=_numbers([definition])[definition.kind],
            title=definition.title,
            definition=data,
            since=since or 0,
            member=by,
        )
    else:
        kind = _version(data, last, by, manifest.now() if since is None else since)
    AuditEntry.note("kept need kind", definition.kind, by, version=kind.version)
    if since is not None or (last is not None and changes_causes(read(last.definition), definition)):
        trace_everything_again()
    emit("needs.kinds_changed")
    return kind


def changes_causes(before: Definition, after: Definition) -> bool:
    """Whether contacts are linked or explained otherwise: they are judged by the newest words of a kind, so all that
    were made are judged again."""
    return Contact.objects.exists() and heard_by(before) != heard_by(after)


def _version(data: dict[str, Any], last: NeedKind, by: Member | None, since: int, off: bool = False) -> NeedKind:
    return NeedKind.objects.create(
        slug=last.slug,
        version=last.version + 1,
        number=last.number,
        title=data["title"],
        definition=data,
        since=since,
        off=off,
        member=by,
    )


def _last(slug: str) -> NeedKind | None:
    return NeedKind.objects.select_for_update().filter(slug=slug).order_by("-version").first()


def _numbers(kinds: Collection[Definition]) -> dict[str, int]:
    """Numbers for kinds that are new. That of unknown needs is 0."""
    taken = NeedKind.objects.aggregate(most=Max("number"))["most"] or 0
    fresh = [one.kind for one in kinds if one.kind != UNKNOWN]
    if taken + len(fresh) > MOST_KINDS:
        raise Trouble(_("There can be %(most)d kinds of need at most.") % {"most": MOST_KINDS})
    return {UNKNOWN: 0} | {kind: taken + place for place, kind in enumerate(fresh, 1)}


def _seen() -> set[str]:
    """Every name that is catalogued, which is every one that was ever seen and the starter vocabulary."""
    return set(CatalogueEntry.objects.values_list("name", flat=True).distinct())


def book() -> Book:
    """Everything that tracing needs to know, as it stands: the same book, compiled once, until something changes."""
    kinds = NeedKind.objects.order_by("slug", "version").annotate(text=Cast("definition", TextField()))
    return _book(
        tuple(kinds.values_list("slug", "version", "number", "since", "off", "text")),
        tuple(CatalogueEntry.objects.order_by("version").values_list("name", "kind")),
        tuple(StepBaseline.objects.order_by("id").values_list("kind", "version", "step", "late", "loops")),
        tuple(rules.in_force()),
    )


@lru_cache(2)
def _book(kinds: Rows, catalogued: Rows, limits: Rows, promised: tuple[Rule, ...]) -> Book:
    return Book(
        versions=[
            Version(read(json.loads(text)), version, to_micros(since), off)
            for _slug, version, _number, since, off, text in kinds
        ],
        kinds=dict(catalogued),
        limits={(kind, version, step): Limit(late, loops) for kind, version, step, late, loops in limits},
        numbers={slug: number for slug, _version, number, *_rest in kinds},
        rules=promised,
    )

"""What the names of touchpoints mean: the starter catalogue, guesses for the rest, and corrections by people.

The highest version of a name is in force. A guess says that it is one, and why; a person's word replaces it and is
never overwritten by a guess. Stage and kind are joined when data is read, so a correction rewrites no data.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from beforehand.journey.guess import Flow, guess_all, readable
from beforehand.journey.models.catalogue import CatalogueEntry, Kind, Stage
from beforehand.lib.bus import emit
from beforehand.lib.text import storable
from beforehand.team.models import AuditEntry, Member

STARTER_REASON = "starter catalogue"


class Entry(NamedTuple):
    """What a name means now. `stage` is the key of a stage or None; `position` is the stage's."""

    name: str
    label: str
    stage: str | None
    position: int | None
    kind: str
    guessed: bool
    reason: str = ""


def install_starter() -> None:
    """The eight stages and the names of the Segment vocabulary. Does nothing where a catalogue is already there."""
    if Stage.objects.exists() or CatalogueEntry.objects.exists():
        return
    starter = json.loads((Path(__file__).parent / "vocabulary.json").read_text(encoding="utf-8"))
    with transaction.atomic():
        Stage.objects.bulk_create(
            [Stage(position=position, **stage) for position, stage in enumerate(starter["stages"], 1)],
            ignore_conflicts=True,
        )
        CatalogueEntry.objects.bulk_create(
            [
                CatalogueEntry(
                    name=entry["name"],
                    label=entry["label"],
                    stage_id=entry["stage"],
                    kind=entry["kind"],
                    reason=STARTER_REASON,
                )
                for entry in starter["entries"]
            ],
            ignore_conflicts=True,
        )


def in_force() -> list[Entry]:
    """The entry in force of every catalogued name, by name."""
    positions = dict(Stage.objects.values_list("key", "position"))
    rows = CatalogueEntry.objects.order_by("name", "version").values_list(
        "name", "label", "stage_id", "kind", "guessed", "reason"
    )
    entries = {
        name: Entry(
            name, label or readable(name), stage, positions.get(stage) if stage else None, kind, guessed, reason
        )
        for name, label, stage, kind, guessed, reason in rows
    }
    return list(entries.values())


def correct(
    name: str,
    by: Member | None = None,
    label: str | None = None,
    stage: str | None = None,
    kind: str | None = None,
) -> CatalogueEntry:
    """A person's word on a name: a new version. What is not given stays as it was; `stage=""` takes the stage away.

    Raises Stage.DoesNotExist or ValueError for a stage or kind that there is not. Called with the name alone, it
    confirms a guess.
    """
    if kind is not None and kind not in Kind.values:
        raise ValueError(f"“{kind}” is no kind. Use one of: {', '.join(Kind.values)}.")
    with transaction.atomic():
        last = CatalogueEntry.objects.select_for_update().filter(name=name).order_by("-version").first()
        entry = CatalogueEntry(
            name=name,
            version=last.version + 1 if last else 1,
            label=last.label if last else readable(name),
            stage=last.stage if last else None,
            kind=last.kind if last else Kind.VALUE,
            member=by,
        )
        if label is not None:
            entry.label = storable(label).strip()[:200] or readable(name)
        if stage is not None:
            entry.stage = Stage.objects.get(key=stage) if stage else None
        if kind is not None:
            entry.kind = kind
        entry.save()
        AuditEntry.note("catalogued", name, by, label=entry.label, stage=entry.stage_id, kind=entry.kind)
        emit("catalogue.changed")
    return entry


def guess_missing() -> int:
    """Guess stage and kind for the names in the data that nobody has catalogued. Returns how many entries changed.

    Earlier guesses that nobody has confirmed are made again with them, since more names and more journeys are better
    evidence; where a guess comes out the same, nothing is written.
    """
    in_data = _names()
    entries = {entry.name: entry for entry in in_force()}
    if all(name in entries for name in in_data):
        return 0
    flows = _flows()
    open_names = [name for name in in_data if name not in entries or entries[name].guessed]
    starter = _by_words(entries.values())
    stages = {name: entry.stage for name, entry in entries.items() if not entry.guessed and name in in_data}
    alike = {name: starter[_plain(name)] for name in open_names if _plain(name) in starter}
    guesses = guess_all(
        [name for name in open_names if name not in alike],
        stages | {name: entry.stage for name, entry in alike.items()},
        flows,
    )
    fresh = [
        CatalogueEntry(
            name=name, label=readable(name), stage_id=guess.stage, kind=guess.kind, reason=guess.reason[:200]
        )
        for name, guess in guesses.items()
    ] + [
        CatalogueEntry(
            name=name,
            label=entry.label,
            stage_id=entry.stage,
            kind=entry.kind,
            reason=(_("written like “%s”") % entry.name)[:200],
        )
        for name, entry in alike.items()
    ]
    return _write(fresh, entries)


def _names() -> set[str]:
    """The names in the data."""
    from beforehand.journey import lake

    with lake.reader() as reader:
        return {name for (name,) in reader.db.execute("select distinct name from touchpoints").fetchall()}


def _flows() -> list[Flow]:
    from beforehand.journey import lake

    with lake.reader() as reader:
        rows = reader.db.execute(
            "select previous, name, count(*) from touchpoints where previous is not null group by previous, name"
        )
        return [Flow(*row) for row in rows.fetchall()]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().lower()


def _by_words(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Entries that a person or the starter vouches for, by their name without case and punctuation."""
    return {_plain(entry.name): entry for entry in entries if not entry.guessed}


def _write(fresh: list[CatalogueEntry], entries: dict[str, Entry]) -> int:
    """Write guesses as new versions where they say something new and nobody has had a word on the name meanwhile."""
    with transaction.atomic():
        names = [entry.name for entry in fresh]
        versions: dict[str, CatalogueEntry] = {}
        for entry in CatalogueEntry.objects.filter(name__in=names).order_by("version"):
            versions[entry.name] = entry
        changed = []
        for entry in fresh:
            last = versions.get(entry.name)
            if last is None or (last.guessed and _says(last) != _says(entry)):
                entry.guessed, entry.version = True, last.version + 1 if last else 1
                changed.append(entry)
        CatalogueEntry.objects.bulk_create(changed, ignore_conflicts=True)
        if changed:
            emit("catalogue.changed")
    return len(changed)


def _says(entry: CatalogueEntry) -> tuple[str | None, str, str]:
    return entry.stage_id, entry.kind, entry.reason

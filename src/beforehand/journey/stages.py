"""The stages of the journey: added, renamed, moved and removed. Names keep their other meanings when a stage goes."""

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from beforehand.journey.models import Stage
from beforehand.lib.bus import emit
from beforehand.lib.text import storable
from beforehand.team.models import AuditEntry, Member

MOST = 20


class BadStage(ValueError):
    """The stage cannot be made so; the message says why."""


def add(label: str, by: Member | None = None) -> Stage:
    """A new stage at the end of the journey."""
    label = _checked(label)
    key = slugify(label)[:40] or f"stage-{Stage.objects.count() + 1}"
    if Stage.objects.filter(key=key).exists():
        raise BadStage(_("There is a stage “%(label)s” already.") % {"label": label})
    if Stage.objects.count() >= MOST:
        raise BadStage(_("More than %(most)d stages cannot be told apart. Remove one first.") % {"most": MOST})
    last = Stage.objects.aggregate(last=Max("position"))["last"] or 0
    with transaction.atomic():
        stage = Stage.objects.create(key=key, label=label, position=last + 1)
        _note("added a stage", stage, by)
    return stage


def rename(stage: Stage, label: str, by: Member | None = None) -> None:
    stage.label = _checked(label)
    with transaction.atomic():
        stage.save(update_fields=["label"])
        _note("renamed a stage", stage, by)


def move(stage: Stage, earlier: bool, by: Member | None = None) -> None:
    """One place earlier or later; at the end of the row nothing happens."""
    with transaction.atomic():
        ordered = list(Stage.objects.order_by("position", "key"))
        at = ordered.index(stage)
        to = at - 1 if earlier else at + 1
        if not 0 <= to < len(ordered):
            return
        ordered[at], ordered[to] = ordered[to], ordered[at]
        for position, one in enumerate(ordered, 1):
            one.position = position
        Stage.objects.bulk_update(ordered, ["position"])
        _note("moved a stage", stage, by)


def remove(stage: Stage, by: Member | None = None) -> None:
    """The stage goes; the names in it are without a stage until somebody gives them another."""
    with transaction.atomic():
        _note("removed a stage", stage, by)
        stage.delete()


def _checked(label: str) -> str:
    label = " ".join(storable(label).split())
    if not label:
        raise BadStage(_("A stage needs a name."))
    if len(label) > 60:
        raise BadStage(_("A name of at most 60 signs, please."))
    return label


def _note(verb: str, stage: Stage, by: Member | None) -> None:
    AuditEntry.note(verb, stage.key, by, label=stage.label)
    emit("catalogue.changed")

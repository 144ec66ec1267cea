"""The sample of contacts that people judge, and how far they agree with the machine.

The sample is random within each cause that the machine gave, so that rare causes are judged too; every contact drawn
stands for as many as its cause has per contact drawn. People see the contact without the machine's word. Shares have
Wilson's interval for the effective number of contacts (L. Kish 1965, Survey Sampling); kappa is J. Cohen's (1960,
Educational and Psychological Measurement 20) over the weighted table.
"""

import itertools
import random
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.journey.contacts import judging
from beforehand.journey.contacts.causes import CAUSES
from beforehand.journey.models import AuditDraw, AuditItem, Contact, Need
from beforehand.lib.fields import to_micros
from beforehand.lib.statistics import Interval
from beforehand.lib.statistics.proportion import wilson
from beforehand.team.models import Member

SIZE = 100
BANDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)


class Judged(NamedTuple):
    """One contact that a person judged: what the machine had said, how surely, and what the person says."""

    machine: str
    probability: float
    person: str
    weight: float
    need_right: bool | None = None


class Band(NamedTuple):
    """Contacts whose probability lay in a band: its mean, and how often the machine was right."""

    low: float
    high: float
    n: int
    said: float
    right: Interval


class Agreement(NamedTuple):
    """How far people agree with the machine. `share` stands for all contacts of the period; `kappa` is None when
    chance alone would agree always; `causes` by the machine's cause; `bands` are the calibration."""

    drawn: int
    judged: int
    share: Interval
    kappa: float | None
    needs: Interval
    causes: dict[str, tuple[int, Interval]]
    bands: list[Band]


def draw(
    first: datetime, last: datetime, size: int = SIZE, by: Member | None = None, seed: int | None = None
) -> AuditDraw:
    """Draw contacts of a period (`last` left out) to judge: as many of each cause, or all where there are fewer."""
    if size < 1:
        raise ValidationError(_("Draw at least one contact."))
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    strata = _strata(first, last)
    if not strata:
        raise ValidationError(_("There is no contact in this period."))
    chance = random.Random(seed)  # noqa: S311
    with transaction.atomic():
        made = AuditDraw.objects.create(member=by, first=to_micros(first), last=to_micros(last), seed=seed)
        items = []
        for cause, n in allot({cause: len(ids) for cause, ids in strata.items()}, size).items():
            drawn = chance.sample(strata[cause], n)
            items += _items(made, cause, drawn, len(strata[cause]) / n if n else 0.0)
        AuditItem.objects.bulk_create(items, batch_size=500)
    return made


def verdict(item: AuditItem, by: Member, cause: str, need_right: bool | None = None, need: Need | None = None) -> None:
    """A person's word on a drawn contact: kept with the sample, and said of the contact itself."""
    with transaction.atomic():
        contact = Contact.objects.filter(pk=item.contact).first()
        if contact is None:
            raise ValidationError(_("This contact is no longer in the record."))
        judging.judge(contact, by, cause=cause, need=need)
        item.verdict, item.need_right = cause, False if need is not None else need_right
        item.judged, item.judged_by = timezone.now(), by
        item.save(update_fields=["verdict", "need_right", "judged", "judged_by"])


def agreement(draws: Sequence[AuditDraw]) -> Agreement:
    """How far the people who judged these samples agree with the machine."""
    items = list(AuditItem.objects.filter(draw__in=draws))
    judged = [
        Judged(item.stratum, item.probability, item.verdict, item.weight, item.need_right)
        for item in items
        if item.verdict
    ]
    return agreement_of(judged, len(items))


def agreement_of(judged: Sequence[Judged], drawn: int) -> Agreement:
    """The same from the judged contacts themselves."""
    asked = [one for one in judged if one.need_right is not None]
    by_cause = {cause: [one for one in judged if one.machine == cause] for cause in CAUSES}
    return Agreement(
        drawn,
        len(judged),
        _share(judged, [one.person == one.machine for one in judged]),
        kappa(judged),
        _share(asked, [bool(one.need_right) for one in asked]),
        {
            cause: (len(those), _share(those, [one.person == cause for one in those]))
            for cause, those in by_cause.items()
        },
        [band for low, high in itertools.pairwise(BANDS) if (band := _band(judged, low, high)).n],
    )


def kappa(judged: Sequence[Judged]) -> float | None:
    total = sum(one.weight for one in judged)
    if not total:
        return None
    observed = sum(one.weight for one in judged if one.machine == one.person) / total
    chance = 0.0
    for cause in CAUSES:
        machine = sum(one.weight for one in judged if one.machine == cause) / total
        chance += machine * sum(one.weight for one in judged if one.person == cause) / total
    return None if chance >= 1 else (observed - chance) / (1 - chance)


def allot(sizes: dict[str, int], size: int) -> dict[str, int]:
    """How many to draw of each: as many of each as possible, what the small ones leave shared among the others."""
    given = dict.fromkeys(sizes, 0)
    left = min(size, sum(sizes.values()))
    while left:
        open_ = [cause for cause in sorted(sizes, key=lambda one: (sizes[one], one)) if given[cause] < sizes[cause]]
        each = max(1, left // len(open_))
        for cause in open_:
            more = min(each, sizes[cause] - given[cause], left)
            given[cause] += more
            left -= more
    return given


def _strata(first: datetime, last: datetime) -> dict[str, list[int]]:
    """The contacts of a period by the cause that the machine gave, also where a person said otherwise since."""
    rows = Contact.objects.filter(time__gte=first, time__lt=last).order_by("id").values_list("id", "cause", "evidence")
    strata: dict[str, list[int]] = {}
    for id, cause, evidence in rows.iterator():
        strata.setdefault(evidence.get("machine", {}).get("cause", cause), []).append(id)
    return strata


def _items(made: AuditDraw, cause: str, drawn: Sequence[int], weight: float) -> list[AuditItem]:
    contacts = {one.pk: one for one in Contact.objects.filter(pk__in=drawn)}
    needs = {one.pk: one for one in Need.objects.filter(pk__in=[one.need for one in contacts.values()])}
    items = []
    for id in drawn:
        contact = contacts[id]
        need = needs.get(contact.need)
        items.append(
            AuditItem(
                draw=made,
                contact=id,
                stratum=cause,
                weight=weight,
                probability=contact.evidence.get("machine", {}).get("probability", contact.probability),
                need_kind=need.kind if need else "",
                need_opened_by=need.opened_by if need else 0,
            )
        )
    return items


def _share(judged: Sequence[Judged], right: Sequence[bool]) -> Interval:
    total = sum(one.weight for one in judged)
    share = sum(one.weight for one, so in zip(judged, right, strict=True) if so) / total if total else 0.0
    effective = total**2 / sum(one.weight**2 for one in judged) if total else 0.0
    return wilson(min(share, 1.0) * effective, effective)


def _band(judged: Sequence[Judged], low: float, high: float) -> Band:
    inside = [one for one in judged if low <= one.probability < high or (high == 1.0 and one.probability == 1.0)]
    total = sum(one.weight for one in inside)
    said = sum(one.weight * one.probability for one in inside) / total if total else 0.0
    return Band(low, high, len(inside), said, _share(inside, [one.person == one.machine for one in inside]))

"""What members know about breaks: one that is known is shown muted, also when the next search finds it again."""

from datetime import date

from django.db import transaction

from beforehand.insight.breaks.found import Found
from beforehand.insight.models import KnownBreak
from beforehand.team.models import AuditEntry, Member

SAME_DAYS = 0.5


def know(found: Found, why: str, by: Member | None = None) -> KnownBreak:
    """Keep a member's word why this break needs nobody's attention; a later word takes the place of an earlier."""
    with transaction.atomic():
        for known in [known for known in KnownBreak.objects.select_for_update() if is_of(known, found)]:
            known.delete()
        start, end = found.days
        known = KnownBreak.objects.create(
            kind=found.kind, name=found.name, to=found.to, segment=found.segment, start=start, end=end,
            why=why, member=by,
        )  # fmt: skip
        AuditEntry.note("dismissed break at", found.name, by, why=why, break_=_where(found))
    return known


def forget(found: Found, by: Member | None = None) -> bool:
    """Take the word back: the break counts again. Returns whether there was one."""
    with transaction.atomic():
        there = [known for known in KnownBreak.objects.select_for_update() if is_of(known, found)]
        for known in there:
            known.delete()
        if there:
            AuditEntry.note("counts again break at", found.name, by, break_=_where(found))
    return bool(there)


def is_of(known: KnownBreak, found: Found) -> bool:
    """Whether what is known is this break: the same kind, steps and segment, and most of its days."""
    same = (known.kind, known.name, known.to, known.segment) == (found.kind, found.name, found.to, found.segment)
    if not same:
        return False
    (start, end), (first, last) = _days(known.start, known.end), _days(*found.days)
    return min(end, last) - max(start, first) + 1 >= SAME_DAYS * (min(end - start, last - first) + 1)


def known_of(found: Found, known: list[KnownBreak]) -> KnownBreak | None:
    return next((one for one in known if is_of(one, found)), None)


def _days(start: date | None, end: date | None) -> tuple[int, int]:
    return (start or date.min).toordinal(), (end or date.max).toordinal()


def _where(found: Found) -> str:
    return " ".join(part for part in (found.kind, found.to, found.segment, found.start, found.end) if part)

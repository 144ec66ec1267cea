"""The emergency brake: pulled by a person, or by too many messages in an hour. Nothing whatever leaves meanwhile."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels.models import Brake, Outgoing
from beforehand.lib.fields import to_micros
from beforehand.lib.kept import kept
from beforehand.lib.prepared import Prepared
from beforehand.team.models import AuditEntry, Member

HOUR = timedelta(hours=1)


def standing() -> Brake | None:
    """The brake that is pulled, or None."""
    return _standing.first()


_standing = Prepared(lambda: Brake.objects.filter(released__isnull=True).select_related("pulled_by").order_by("id")[:1])


@kept("channels.Brake")
def known() -> Brake | None:
    """The same for a page: a second old at most."""
    return standing()


def pull(why: str, by: Member | None = None) -> Brake:
    """Stop everything that leaves. Pulling it twice is pulling it once."""
    with transaction.atomic():
        if brake := standing():
            return brake
        AuditEntry.note("pulled", "the brake", by, why=why[:200])
        return Brake.objects.create(why=why[:300], pulled_by=by)


def release(by: Member | None = None) -> None:
    """Let go again: what it held goes back into the queue. The hour is counted anew from here."""
    with transaction.atomic():
        if Brake.objects.filter(released__isnull=True).update(released=timezone.now(), released_by=by):
            AuditEntry.note("released", "the brake", by)
            held = Outgoing.objects.filter(state=Outgoing.State.HELD, held="brake")
            held.update(state=Outgoing.State.QUEUED, held="", reason="")
    known.forget()


def watch(now: datetime) -> Brake | None:
    """The brake that is pulled; it is pulled here and now when too much left within an hour."""
    if brake := standing():
        return brake
    most = settings.SENDS_AN_HOUR
    if most <= 0 or _sent_since(max(now - HOUR, _last_release())) < most:
        return None
    return pull(_("More than %d messages left within an hour.") % most)


def _sent_since(moment: datetime) -> int:
    """Without pushes: they reach members' own devices alone."""
    return Outgoing.objects.filter(sent__gte=to_micros(moment)).exclude(channel="push").count()


def _last_release() -> datetime:
    last = Brake.objects.filter(released__isnull=False).order_by("-released").values_list("released", flat=True).first()
    return last or datetime(1970, 1, 1, tzinfo=UTC)

"""Which guards stand before which purpose, in one table, and what they say about one message.

Replies, transactional and legal messages pass by consent, quiet hours, caps and hold-outs. Nothing passes by the brake.
"""

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from beforehand.channels.models import Brake, Mailbox, Outgoing
from beforehand.customers import consent, whereabouts
from beforehand.customers.models import Identifier
from beforehand.lib import bus
from beforehand.lib.fields import to_micros
from beforehand.team.models import Workspace

Purpose = Outgoing.Purpose
LONGEST_WAIT = timedelta(days=14)


class Guards(NamedTuple):
    """`caps`: (days, most) over all guarded purposes of all rooms together. `leave`: may be left with one click."""

    consent: bool = False
    quiet: bool = False
    caps: tuple[tuple[int, int], ...] = ()
    hold_out: bool = False
    leave: bool = False


FREE = Guards()
TABLE: dict[str, Guards] = {
    Purpose.REPLY: FREE,
    Purpose.TRANSACTIONAL: FREE,
    Purpose.LEGAL: FREE,
    Purpose.OPERATIONAL: FREE,
    Purpose.NOTICE: Guards(consent=True, quiet=True, caps=((1, 3), (7, 7)), hold_out=True, leave=True),
    Purpose.OUTREACH: Guards(consent=True, quiet=True, caps=((1, 1), (7, 3)), hold_out=True, leave=True),
    Purpose.SURVEY: Guards(consent=True, quiet=True, caps=((1, 1), (7, 3)), hold_out=True, leave=True),
}
GUARDED = [purpose for purpose, guards in TABLE.items() if guards.caps]


class Word(NamedTuple):
    """What the guards say. `verdict`: go, wait (until `until`), hold (for a person) or refuse (for good)."""

    verdict: str
    guard: str = ""
    reason: str = ""
    until: datetime | None = None


GO = Word("go")


def look(outgoing: Outgoing, now: datetime, brake: Brake | None) -> Word:
    """The first guard that objects to this message now."""
    guards = TABLE[outgoing.purpose]
    if brake is not None:
        return Word("hold", "brake", _("The brake is pulled: %s") % brake.why)
    if word := _mailbox(outgoing.mailbox):
        return word
    if guards is FREE:
        return GO
    assert outgoing.identifier_id is not None
    customer = Identifier.objects.only("customer_id").get(pk=outgoing.identifier_id).customer_id
    if guards.leave and outgoing.channel == "email" and not settings.URL.startswith("https://"):
        return Word("hold", "no_url", _("Set BEFOREHAND_URL to an https address: the link to unsubscribe needs it."))
    if guards.consent and not consent.may(customer, outgoing.purpose, outgoing.channel):
        return Word("refuse", "consent", _("This customer has not given leave for it."))
    if guards.hold_out and any(bus.emit("outgoing.hold_out", outgoing=outgoing, customer=customer)):
        return Word("refuse", "hold_out", _("This customer is in a hold-out."))
    if any(bus.emit("outgoing.overtaken", outgoing=outgoing)):
        return Word("refuse", "overtaken", _("What happened since has made it needless."))
    return _quiet(customer, now) if guards.quiet and _is_quiet(customer, now) else _caps(outgoing, customer, now)


def _mailbox(mailbox: Mailbox | None) -> Word | None:
    if mailbox is None or mailbox.state == Mailbox.State.LIVE:
        return None
    if mailbox.state == Mailbox.State.OFF:
        return Word("hold", "off", _("The mailbox %s is off.") % mailbox.address)
    return Word("hold", "watching", _("The mailbox %s only watches so far.") % mailbox.address)


def zone_of(customer: int, now: datetime) -> tzinfo:
    """The customer's own zone as far as it is known, else the company's."""
    return whereabouts.zone_of(customer, now) or Workspace.own().tzinfo


def _is_quiet(customer: int, now: datetime) -> bool:
    start, end = settings.QUIET_FROM, settings.QUIET_TO
    hour = now.astimezone(zone_of(customer, now)).hour
    return start <= hour < end if start <= end else hour >= start or hour < end


def _quiet(customer: int, now: datetime) -> Word:
    local = now.astimezone(zone_of(customer, now))
    until = local.replace(hour=settings.QUIET_TO, minute=0, second=0, microsecond=0)
    until = until if until > local else until + timedelta(days=1)
    return Word("wait", "quiet", _("It is night at the customer's."), until)


def _caps(outgoing: Outgoing, customer: int, now: datetime) -> Word:
    """Wait until enough of what was sent has grown old."""
    caps = TABLE[outgoing.purpose].caps
    since = to_micros(now - timedelta(days=max(days for days, _most in caps)))
    sent = Outgoing.objects.filter(identifier__customer=customer, purpose__in=GUARDED, sent__gte=since)
    times = [row.sent for row in sent.exclude(pk=outgoing.pk).order_by("-sent").only("sent") if row.sent]
    until = now
    for days, most in caps:
        within = [time for time in times if time > now - timedelta(days=days)]
        if len(within) >= most:
            until = max(until, within[most - 1] + timedelta(days=days))
    if until == now:
        return GO
    if until - outgoing.created > LONGEST_WAIT:
        return Word("refuse", "cap", _("This customer was written to as often as is allowed."))
    return Word("wait", "cap", _("This customer was written to often enough for now."), until)

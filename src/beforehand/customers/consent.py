"""Whether a customer may be written to, for a purpose and on a channel."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beforehand.customers.models import Consent, Customer, Identifier
from beforehand.team.models import AuditEntry, Member

PURPOSES = {"notice": _("notices"), "outreach": _("outreach"), "survey": _("surveys")}
"""What leave is asked for. Replies, transactional and legal messages need none."""


class Standing(NamedTuple):
    """The word that holds for one purpose on one channel (`""` for any), and the record that says so."""

    purpose: str
    channel: str
    given: bool
    record: Consent

    @property
    def purpose_name(self) -> str:
        return str(PURPOSES.get(self.purpose, self.purpose))


def note(
    identifier: Identifier,
    purpose: str,
    given: bool,
    time: datetime,
    channel: str = "",
    evidence: str = "",
    by: Member | None = None,
) -> Consent:
    """Keep that this person gave or withdrew leave."""
    return Consent.objects.create(
        identifier=identifier,
        purpose=purpose,
        channel=channel,
        given=given,
        time=time,
        evidence=evidence[:300],
        member=by,
    )


def say(
    customer: Customer, purpose: str, given: bool, source: str, remark: str = "", by: Member | None = None
) -> list[Consent]:
    """Keep what a customer told a member, on any channel: that they give leave, or withdraw it.

    It is kept on every identifier that has a word on this purpose, since one that withdrew outweighs all that gave; on
    the leading one where none has. `source` is how they told us.
    """
    evidence = ": ".join(part for part in (source.strip(), remark.strip()) if part)
    with transaction.atomic():
        identifiers = Identifier.objects.filter(customer=customer).order_by("pk")
        spoken = list(identifiers.filter(consents__purpose=purpose).distinct()) or list(identifiers[:1])
        now = timezone.now()
        channels = set(Consent.objects.filter(identifier__in=spoken, purpose=purpose).values_list("channel", flat=True))
        kept = [
            note(identifier, purpose, given, now, channel, evidence, by)
            for identifier in spoken
            for channel in sorted(channels | {""})
        ]
        verb = "noted consent of" if given else "noted withdrawal of"
        AuditEntry.note(verb, f"customer {customer.pk}", by, purpose=purpose, source=evidence)
    return kept


def standing(customer_id: int) -> list[Standing]:
    """What holds now. The latest word on each identifier counts, and one that withdrew outweighs all that gave."""
    latest: dict[tuple[str, str, int], Consent] = {}
    records = Consent.objects.filter(identifier__customer=customer_id).select_related("member")
    for record in records.order_by("time", "-given", "id"):
        latest[record.purpose, record.channel, record.identifier_id] = record
    holds: dict[tuple[str, str], Consent] = {}
    for (purpose, channel, _identifier), record in latest.items():
        other = holds.get((purpose, channel))
        if other is None or (record.given, -record.time.timestamp()) < (other.given, -other.time.timestamp()):
            holds[purpose, channel] = record
    return [Standing(*place, record.given, record) for place, record in sorted(holds.items())]


def may(customer_id: int, purpose: str, channel: str) -> bool:
    """Whether leave was given for this purpose on this channel and not withdrawn, there or for every channel."""
    words = [word.given for word in standing(customer_id) if word.purpose == purpose and word.channel in {channel, ""}]
    return bool(words) and all(words)

"""Whether a customer may be written to, for a purpose and on a channel."""

from datetime import datetime
from typing import NamedTuple

from beforehand.customers.models import Consent, Identifier
from beforehand.team.models import Member


class Standing(NamedTuple):
    """The word that holds for one purpose on one channel (`""` for any), and the record that says so."""

    purpose: str
    channel: str
    given: bool
    record: Consent


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


def standing(customer_id: int) -> list[Standing]:
    """What holds now. The latest word on each identifier counts, and one that withdrew outweighs all that gave."""
    latest: dict[tuple[str, str, int], Consent] = {}
    records = Consent.objects.filter(identifier__customer=customer_id).select_related("member")
    for record in records.order_by("time", "-given", "id"):
        latest[record.purpose, record.channel, record.identifier_id] = record
    holds: dict[tuple[str, str], Consent] = {}
    for (purpose, channel, _), record in latest.items():
        other = holds.get((purpose, channel))
        if other is None or (record.given, -record.time.timestamp()) < (other.given, -other.time.timestamp()):
            holds[purpose, channel] = record
    return [Standing(*place, record.given, record) for place, record in sorted(holds.items())]


def may(customer_id: int, purpose: str, channel: str) -> bool:
    """Whether leave was given for this purpose on this channel and not withdrawn, there or for every channel."""
    words = [word.given for word in standing(customer_id) if word.purpose == purpose and word.channel in {channel, ""}]
    return bool(words) and all(words)

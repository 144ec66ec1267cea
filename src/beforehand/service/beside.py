"""What stands beside a conversation: whose it is, what they want done, what we promised, who has the same trouble."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.utils import timezone

from beforehand.customers import consent, whereabouts
from beforehand.customers.models import Customer
from beforehand.journey import person, standing
from beforehand.journey.labels import called
from beforehand.journey.models import Contact, Journey
from beforehand.service.clocks.ledger import Category
from beforehand.service.models import Conversation, Field, FieldValue, Message, Participant, Tagging
from beforehand.team.models import Member

RECENT = 500
FACES = 5
MOST_MERGES = 4
SURE = 0.6


class There(NamedTuple):
    """Where a customer is: the zone, and what the clock on the wall says."""

    zone: str
    time: datetime


@dataclass(frozen=True)
class Others:
    """Open conversations of today that came of the same trouble."""

    trouble: str
    customers: list[Customer]
    conversations: list[int]

    @property
    def more(self) -> int:
        return max(0, len(self.customers) - FACES)


def of(head: Conversation, member: Member) -> dict[str, Any]:
    """Everything for the panel, for a template."""
    customer = head.identifier.customer
    needs = standing.of_customer(customer.pk)
    contact = _contact(head)
    values = dict(FieldValue.objects.filter(conversation=head).values_list("field_id", "value"))
    return {
        "customer": customer,
        "there": _there(customer.pk),
        "shown": _may_show(head),
        "journey": Journey.objects.filter(pk=customer.pk).first(),
        "needs": needs,
        "linked": next((one for one in needs.open if one.need.pk == head.need), None),
        "companies": person.companies_of(customer.pk),
        "consents": consent.standing(customer.pk),
        "contact": contact,
        "others": _others(head, contact, member),
        "merges": _merges(head, member),
        "fields": [
            (field, values.get(field.pk, "")) for field in Field.objects.filter(off=False).order_by("position", "id")
        ],
        "tags": [one.tag for one in Tagging.objects.filter(conversation=head).select_related("tag")],
        "participants": list(Participant.objects.filter(conversation=head).select_related("identifier__customer")),
        "sides": list(Conversation.objects.reachable_by(member).filter(about=head).select_related("status")),
    }


def _there(customer: int) -> There | None:
    """Their own time, where it is known and another than the reader's."""
    now = timezone.localtime()
    zone = whereabouts.zone_of(customer, now)
    if zone is None or now.astimezone(zone).utcoffset() == now.utcoffset():
        return None
    return There(zone.key, now.astimezone(zone).replace(tzinfo=None))


def _may_show(head: Conversation) -> bool:
    """Nothing of a journey is shown beside mail whose sender is proven false."""
    last = Message.objects.filter(conversation=head, kind=Message.Kind.INBOUND).order_by("-time", "-id").first()
    proof = (last.headers or {}).get("proof", "") if last else ""
    return (proof.get("verdict") if isinstance(proof, dict) else proof) != "fail"


def _contact(head: Conversation) -> Contact | None:
    """The latest contact of the conversation with what is taken for its cause."""
    said = Message.objects.filter(conversation=head, kind=Message.Kind.INBOUND, touchpoint__isnull=False)
    return Contact.objects.filter(pk__in=said.values("touchpoint")).order_by("-time").first()


def _others(head: Conversation, contact: Contact | None, member: Member) -> Others | None:
    """Who else came today because of the same touchpoint, with a conversation that is not done."""
    if contact is None or not contact.origin_name:
        return None
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    recent = Conversation.objects.reachable_by(member).filter(
        kept=Conversation.Kept.DESK, head__isnull=True, last_message__gte=midnight - timedelta(days=1)
    )
    recent = recent.exclude(category=Category.DONE).exclude(identifier__customer=contact.customer_id)
    ids = list(recent.order_by("-last_message").values_list("pk", flat=True)[:RECENT])
    same = Contact.objects.filter(pk=OuterRef("touchpoint"), origin_name=contact.origin_name)
    said = Message.objects.filter(Exists(same), conversation__in=ids, kind=Message.Kind.INBOUND)
    found = Conversation.objects.filter(pk__in=said.values("conversation")).select_related("identifier__customer")
    rows = list(found.order_by("waiting_since", "pk"))
    people = {one.identifier.customer_id: one.identifier.customer for one in rows}
    if not rows:
        return None
    trouble = called({contact.origin_name}).get(contact.origin_name, contact.origin_name)
    return Others(trouble, list(people.values()), [one.pk for one in rows])


def _merges(head: Conversation, member: Member) -> list[Conversation]:
    """Other conversations of the same customer that are not done: probably about the same."""
    found = Conversation.objects.reachable_by(member).filter(
        identifier__customer=head.identifier.customer_id,
        head__isnull=True,
        kept=Conversation.Kept.DESK,
        about__isnull=True,
    )
    found = found.exclude(pk=head.pk).exclude(category=Category.DONE)
    return list(found.select_related("status").order_by("-last_message")[:MOST_MERGES])

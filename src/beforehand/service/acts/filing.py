"""What a conversation is about: fields, the need, the cause of the contact."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.journey.contacts import judging
from beforehand.journey.models import Contact, Need
from beforehand.journey.needs import projection
from beforehand.lib.trouble import Trouble
from beforehand.service.acts import acting
from beforehand.service.clocks.ledger import Kind
from beforehand.service.models import Conversation, Field, FieldValue, LedgerEntry
from beforehand.team.models import Member

LONGEST = 300


def fill(conversation: Conversation, field: Field, value: str, by: Member | None) -> None:
    """Answer a question of the company's own about it; an empty value takes the answer away."""
    value = read(field, value)
    with acting.act(conversation, by) as doing:
        known = FieldValue.objects.filter(conversation=doing.head, field=field).first()
        if (known.value if known else "") == value:
            return
        if not value and known:
            known.delete()
        else:
            facts = {"value": value, "time": timezone.now(), "by": by}
            FieldValue.objects.update_or_create(conversation=doing.head, field=field, defaults=facts)
        doing.add("filled", thread=doing.head.pk, field=field.slug, value=value)


def read(field: Field, value: str) -> str:
    """A value as its field stores it. Raises Trouble for one that it cannot take."""
    value = " ".join(str(value).split())[:LONGEST]
    if not value:
        return ""
    wrong = {"label": field.label, "value": value}
    if field.kind == Field.Kind.CHOICE and value not in field.choices:
        raise Trouble(_("“%(value)s” is no choice of %(label)s.") % wrong)
    if field.kind == Field.Kind.YES_NO and value not in {"yes", "no"}:
        raise Trouble(_("%(label)s is answered with yes or no.") % wrong)
    if field.kind == Field.Kind.NUMBER:
        try:
            number = Decimal(value.replace(",", "."))
        except InvalidOperation:
            raise Trouble(_("%(label)s is a number, and “%(value)s” is none.") % wrong) from None
        if not number.is_finite():
            raise Trouble(_("%(label)s is a number, and “%(value)s” is none.") % wrong)
        return format(number, "f")
    if field.kind == Field.Kind.DATE:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise Trouble(_("%(label)s is a date, such as 2026-12-24.") % wrong) from None
    return value


def link(conversation: Conversation, need: int | None, by: Member | None) -> None:
    """Say which need of the customer it is about; None takes the word back."""
    with acting.act(conversation, by) as doing:
        head = doing.head
        if head.need == need:
            return
        row = None
        if need is not None:
            row = Need.objects.filter(pk=need, customer=head.identifier.customer_id).first()
            if row is None:
                raise Trouble(_("This need is another customer's. Choose one of theirs."))
        doing.add("linked", thread=head.pk, need=need)
        head.need = need
        first = contacts(head)[:1]
    if row is not None and first:
        judging.judge(first[0], by, need=row)


def contacts(head: Conversation) -> list[Contact]:
    """The contacts that this conversation is on the journey, the first one first. The journey catches up before."""
    projection.catch_up(head.identifier.customer_id)
    asked = LedgerEntry.objects.filter(conversation=head, kind=Kind.INBOUND_HUMAN)
    numbers = [entry.data.get("contact", entry.pk) for entry in asked]
    return list(Contact.objects.filter(pk__in=numbers).order_by("time", "id"))


def set_cause(conversation: Conversation, cause: str, by: Member | None) -> Contact:
    """Say why the customer had to come: of the last contact of this conversation."""
    head = conversation.head or conversation
    found = contacts(head)
    if not found:
        raise Trouble(_("There is no contact here whose cause could be said."))
    if cause not in Contact.Cause.values:
        raise Trouble(_("“%(cause)s” is no cause. Choose one of the list.") % {"cause": cause[:40]})
    with acting.act(conversation, by) as doing:
        doing.add("caused", thread=head.pk, about=found[-1].pk, cause=cause)
    return judging.judge(found[-1], by, cause)

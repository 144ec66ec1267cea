"""“Is it solved?” once more, by mail, to whoever has not said: the same question, so it counts as the same asking.

It is not put where anything was said since, by whatever way the customer came: then it is not solved, or they have
other things to say to us.
"""

from django.db import transaction
from django.db.models import Q

from beforehand.channels.models import Delivery, Outgoing
from beforehand.journey.models import Contact
from beforehand.service.acts import acting, asking
from beforehand.service.models import AskedShare, Conversation, Message, SolvedCheck


def keep_up() -> int:
    """Put the questions once more that are due for it; how many were."""
    due = SolvedCheck.objects.filter(remind_at__lte=acting.now()).order_by("remind_at")
    return sum(remind(number) for number in list(due.values_list("pk", flat=True)[: asking.AT_ONCE]))


def remind(number: int) -> bool:
    """Let a question leave once more, unless it is over; whether it does."""
    with transaction.atomic():
        row = SolvedCheck.objects.select_for_update().filter(pk=number, remind_at__isnull=False).first()
        if row is None:
            return False
        mail = None if is_over(row) else asking.send(row.conversation, asking.AGAIN)
        row.remind_at, row.reminder = None, mail.pk if mail else None
        row.save(update_fields=["remind_at", "reminder"])
    return mail is not None


def is_over(row: SolvedCheck) -> bool:
    """Whether it was answered or did not arrive, the case is not done or in the sample any more, or somebody said
    something since."""
    if row.answered is not None or not asking.is_chosen(row.conversation_id, AskedShare.own().percent):
        return True
    return _came_back(row) or not asking.is_settled(row.conversation) or _was_heard_of(row)


def is_overtaken(outgoing: Outgoing) -> bool:
    """Whether a reminder that waits to leave, for the morning say, should not any more."""
    row = SolvedCheck.objects.filter(reminder=outgoing.pk).first() if outgoing.pk else None
    return row is not None and is_over(row)


def _came_back(row: SolvedCheck) -> bool:
    lost = [Delivery.State.BOUNCED, Delivery.State.FAILED]
    return Delivery.objects.filter(outgoing=row.outgoing, state__in=lost).exists()


def _was_heard_of(row: SolvedCheck) -> bool:
    """Whether the customer came to us since, or a person wrote to them."""
    customer = row.conversation.identifier.customer_id
    theirs = Q(conversation__identifier__customer=customer)
    in_case = Q(conversation__in=Conversation.objects.of_case(row.conversation_id))
    said = Message.objects.filter(time__gt=row.put, machine="").exclude(kind=Message.Kind.NOTE)
    contacts = Contact.objects.filter(customer=customer, time__gt=row.put)
    return contacts.exists() or said.filter(theirs).exists() or said.filter(in_case).exists()

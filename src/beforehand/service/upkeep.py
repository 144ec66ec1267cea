"""What the desk does by itself from time to time."""

from datetime import timedelta

from django.utils import timezone

from beforehand.service import assigning, notifying, unopened
from beforehand.service.acts import asking, colleagues, moving, reminding
from beforehand.service.models import Conversation, Notification

SOON = timedelta(minutes=30)


def keep_up() -> None:
    """Wake what slept until now, take back what nobody opens, hand out what waits, tell owners what is due soon, ask
    whether it is solved."""
    moving.wake_due()
    unopened.keep_up()
    assigning.keep_up()
    remind()
    asking.keep_up()
    reminding.keep_up()
    colleagues.keep_up()


def remind() -> int:
    """Tell whoever has a conversation that something of it is due soon, once."""
    moment = timezone.now()
    due = Conversation.objects.filter(assigning.AT_DESK, due__lte=moment + SOON, due__gte=moment - SOON)
    told = Notification.objects.filter(kind=Notification.Kind.DUE, time__gte=moment - 4 * SOON).values("conversation")
    count = 0
    for conversation in due.filter(owner__isnull=False, snoozed_until=None).exclude(pk__in=told)[:500]:
        assert conversation.owner_id is not None
        notifying.notify(conversation.owner_id, conversation, Notification.Kind.DUE)
        count += 1
    return count

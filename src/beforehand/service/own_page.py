"""The customer's own page of a conversation: a signed link, no log-in. It shows what was said in it, nothing else."""

import time

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from beforehand.lib.signing import check, own_keys, sign
from beforehand.service import chats
from beforehand.service.models import Conversation, Message

PURPOSE = "service.own_page"
DAY = 86_400
GOOD_FOR_DAYS = 365


def token_of(conversation: Conversation) -> str:
    days = int(time.time()) // DAY
    return sign(PURPOSE, conversation.pk.to_bytes(8, "big") + days.to_bytes(3, "big"), own_keys())


def address(conversation: Conversation) -> str:
    """The link; whole where the settings say under which address customers reach us."""
    return settings.URL + reverse("service:own_page", args=[token_of(conversation)])


def conversation_of(token: str) -> Conversation | None:
    """What a link is for; None for one that we did not sign or that is older than a year."""
    payload = check(PURPOSE, token, own_keys())
    if payload is None or len(payload) != 11:
        return None
    made = int.from_bytes(payload[8:], "big")
    if int(time.time()) // DAY - made > GOOD_FOR_DAYS:
        return None
    return (
        Conversation.objects.filter(pk=int.from_bytes(payload[:8], "big")).select_related("head", "identifier").first()
    )


def shown_with(conversation: Conversation) -> QuerySet[Conversation]:
    """The conversation, and what it was merged with as far as that is the same customer's."""
    head = conversation.head_id or conversation.pk
    same = Conversation.objects.filter(about=None, identifier__customer=conversation.identifier.customer_id)
    return same.filter(Q(pk=conversation.pk) | Q(pk=head) | Q(head=head))


def messages(conversation: Conversation) -> list[Message]:
    found = chats.visible(shown_with(conversation)).select_related("member").prefetch_related("attachments__file")
    return list(found.order_by("time", "pk"))

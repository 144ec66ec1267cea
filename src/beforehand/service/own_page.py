"""The customer's own page of a conversation: a signed link, no log-in. It shows what was said in it, nothing else."""

import time
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from beforehand.channels.email.addresses import key_of
from beforehand.lib.signing import check, own_keys, sign
from beforehand.service.models import Conversation, Message, Participant
from beforehand.team.models import Workspace

PURPOSE = "service.own_page"
DAY = 86_400
GOOD_FOR_DAYS = 365


def token_of(conversation: Conversation) -> str:
    days = int(time.time()) // DAY
    return sign(PURPOSE, conversation.pk.to_bytes(8, "big") + days.to_bytes(3, "big"), own_keys())


def address(conversation: Conversation) -> str:
    """The link; whole where the settings say under which address customers reach us."""
    return settings.URL + reverse("service:own_page", args=[token_of(conversation)])


def offered(conversation: Conversation, addresses: Sequence[str]) -> list[str]:
    """Words and address that stand under an answer to these; nothing unless its mailbox wants that. Only the customer
    alone is given the link: whoever has it reads all of the conversation and writes in it."""
    box = conversation.mailbox
    wanted = box is not None and box.settings.get("own_page") and settings.URL.startswith("https://")
    if not wanted or conversation.about_id or len(addresses) != 1 or not _is_theirs(conversation, addresses[0]):
        return []
    with translation.override(conversation.language or Workspace.own().language or settings.LANGUAGE_CODE):
        return [_("Everything that was said, and what happens next:"), address(conversation)]


def _is_theirs(conversation: Conversation, written_to: str) -> bool:
    """Whether an address is the customer's own, and who wrote last from it was not proven false."""
    role, key = Participant.Role.CUSTOMER, key_of(written_to)
    if not conversation.participants.filter(role=role, address=key).exists():
        return False
    last = conversation.messages.filter(kind=Message.Kind.INBOUND, machine="").order_by("-time", "-id").first()
    return last is None or dict(last.headers.get("proof") or {}).get("verdict") != "fail"


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

"""An answer in a chat that was not read follows its customer by mail, once, where they left an address and are gone.

All unread answers go in one mail, with the link of the customer's own page. An answer to the mail comes into the same
conversation.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from beforehand.channels import outbox
from beforehand.channels.models import Delivery, Mailbox, Outgoing, Visitor
from beforehand.customers.models import Identifier
from beforehand.lib.fields import to_micros
from beforehand.lib.trouble import Trouble
from beforehand.service import own_page
from beforehand.service.acts import acting
from beforehand.service.acts.answering import LEAVING
from beforehand.service.chats import first_name
from beforehand.service.models import Conversation, Message

GONE = timedelta(minutes=3)
"""An open page says that it is there once a minute."""
FRESH = timedelta(days=2)
"""What is older was not read for another reason than a closed page."""
AT_ONCE = 500


def keep_up(now: datetime | None = None) -> int:
    """Mail what is due; how many mails that were."""
    now = now or timezone.now()
    return sum(follow(conversation, now) is not None for conversation in _candidates(now)[:AT_ONCE])


def _candidates(now: datetime) -> QuerySet[Conversation]:
    """Chats in which we had the last word, whose customers left an address and no mail was after that."""
    theirs = Visitor.objects.filter(identifier=OuterRef("identifier"))
    mailed = Message.objects.filter(conversation=OuterRef("pk"), machine="own", time__gt=OuterRef("last_message"))
    return (
        Conversation.objects.filter(
            channel="chat",
            kept=Conversation.Kept.DESK,
            last_by="member",
            last_message__gte=now - FRESH,
            widget__follow_up__gt=0,
            widget__mailbox__state=Mailbox.State.LIVE,
        )
        .filter(Exists(theirs.filter(asked__has_key="email")) | Q(identifier__proved=True), ~Exists(mailed))
        .exclude(Exists(theirs.filter(last_seen__gt=to_micros(now - GONE))))
        .select_related("widget__mailbox", "identifier")
        .order_by("last_message", "id")
    )


def follow(conversation: Conversation, now: datetime) -> Outgoing | None:
    """Mail what is unread in a chat, if anything is and its visitor is gone."""
    visitor = Visitor.objects.filter(identifier=conversation.identifier_id).order_by("-last_seen").first()
    address = _address(visitor) if visitor else ""
    if visitor is None or not address or visitor.last_seen > now - GONE:
        return None
    with transaction.atomic():
        acting.hold([conversation.pk])
        answers = list(unread(conversation, now))
        if not answers or not any(_is_due(one, conversation, now) for one in answers):
            return None
        with translation.override(visitor.language or "en"):
            content = _content(conversation, answers, visitor.name, address)
        assert conversation.widget is not None
        try:
            return outbox.send(
                f"unread:{conversation.pk}:{answers[-1].pk}",
                Outgoing.Purpose.TRANSACTIONAL,
                "email",
                conversation.identifier,
                content,
                conversation.widget.mailbox,
                automatic=True,
            )
        except Trouble:
            return None  # The address is none: there is nobody to write to.


def unread(conversation: Conversation, now: datetime) -> QuerySet[Message]:
    """Our answers since the customer's last word that nobody read and no mail had."""
    before = Outgoing.objects.filter(key__startswith=f"unread:{conversation.pk}:").order_by("-id").first()
    heard = Message.objects.filter(conversation=conversation, kind=Message.Kind.INBOUND).order_by("-pk").first()
    read = Delivery.objects.filter(state=Delivery.State.READ).values("outgoing")
    return (
        Message.objects.filter(
            conversation=conversation,
            kind=Message.Kind.OUTBOUND,
            channel="chat",
            machine="",
            pk__gt=max(heard.pk if heard else 0, before.content["through"] if before else 0),
            outgoing__state__in=LEAVING,
            outgoing__not_before__lte=to_micros(now),
        )
        .exclude(outgoing__in=read)
        .annotate(left=F("outgoing__not_before"))
        .select_related("member")
        .order_by("pk")
    )


def _is_due(answer: Message, conversation: Conversation, now: datetime) -> bool:
    assert conversation.widget is not None
    return bool(answer.left <= now - timedelta(minutes=conversation.widget.follow_up))  # type: ignore[attr-defined]


def _address(visitor: Visitor) -> str:
    """What they typed themselves; of whom the company's page vouched for, the address that is known of them."""
    if typed := str(visitor.asked.get("email", "")):
        return typed
    if not visitor.is_signed:
        return ""
    known = Identifier.objects.filter(
        Q(proved=True), customer=visitor.identifier.customer_id, kind=Identifier.Kind.EMAIL
    )
    return known.order_by("-id").values_list("value", flat=True).first() or ""


def _content(conversation: Conversation, answers: list[Message], name: str, address: str) -> dict[str, object]:
    said = "\n\n".join(f"{first_name(str(one.member or ''))}:\n{one.text.strip()}" for one in answers)
    parts = [_("You have left our chat before you saw our answer. Here it is:"), said]
    if settings.URL:
        parts.append(_("The whole conversation: %s") % own_page.address(conversation))
    parts.append(_("Simply answer this mail to go on."))
    return {
        "subject": _("Our answer: %s") % (conversation.subject or _("your conversation")),
        "text": "\n\n".join(parts),
        "to": [[name, address]],
        "conversation": conversation.pk,
        "machine": "auto-generated",
        "reply_token": True,
        "through": answers[-1].pk,
    }

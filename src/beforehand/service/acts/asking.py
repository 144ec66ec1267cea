"""“Is it solved?”, asked of a sample of those whose case is done: what we see is checked by what customers say.

Which conversations are in the sample follows from their numbers, so that nobody chooses. The question is put a day
after the case became done and stayed so: by mail where one may be sent (it is a survey, with a survey's guards), in the
chat, and on the customer's own page. One click answers it, and what was said last holds. A mail that nobody answers is
followed by one more (`reminding.py`).
"""

import hashlib
import time
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.channels import outbox
from beforehand.channels.models import Mailbox, Outgoing
from beforehand.lib import rows
from beforehand.lib.signing import check, own_keys, sign
from beforehand.lib.trouble import Trouble
from beforehand.service import assigning
from beforehand.service.acts import acting, messages, moving
from beforehand.service.acts.recipients import Address, own_addresses, suggested
from beforehand.service.arrivals.receiving import speak
from beforehand.service.clocks.cases import SETTLED
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import AskedShare, ClockRow, Conversation, Message, SolvedCheck
from beforehand.service.vocabulary import ASKED, REMINDED, SOLVED, UNSOLVED
from beforehand.team.models import Workspace

AFTER = timedelta(days=1)
NOT_AGAIN = timedelta(days=60)
"""A customer is asked about one case in so many days."""
REMIND_AFTER = timedelta(days=5)
"""Over any weekend, and while they still know what it was about."""
GOOD_FOR_DAYS = 60
DAY = 86_400
AT_ONCE = 200
PURPOSE = "service.solved"


class Asking(NamedTuple):
    """One way to put the question by mail: `key` makes it leave once for a conversation, `name` is its touchpoint's."""

    key: str
    name: str
    says: Promise


FIRST = Asking(
    "solved %d", ASKED,
    gettext_lazy("A few days ago you wrote to us: “%(subject)s”. We believe that it is done. Is it solved?"),
)  # fmt: skip
AGAIN = Asking(
    "solved %d again", REMINDED,
    gettext_lazy(
        "A few days ago we asked you whether “%(subject)s” is solved, and have not heard from you. "
        "We ask this once more, and then not again."
    ),
)  # fmt: skip


def is_chosen(conversation: int, percent: int) -> bool:
    """Whether a conversation is in the sample. A larger share keeps those who were in the smaller one."""
    digest = hashlib.blake2b(f"is it solved {conversation}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % 10_000 < percent * 100


def follow(head: Conversation) -> None:
    """A case that is done is asked about later; one that is not done any more is not."""
    if head.category == Category.NEW:
        return
    if head.category == Category.DONE and is_chosen(head.pk, AskedShare.own().percent) and is_settled(head):
        SolvedCheck.objects.get_or_create(conversation=head, defaults={"due": timezone.now() + AFTER})
    elif head.category != Category.DONE or not _is_case(head):
        _ask_not(head)


def _ask_not(head: Conversation) -> None:
    """What has not been put yet is not put."""
    for row in rows.found(SolvedCheck, "conversation_id = %s and put is null", head.pk):
        mail = Outgoing.objects.filter(pk=row.outgoing or 0).first()
        if mail is None:
            row.delete()
        else:
            outbox.take_back(mail)


def is_settled(head: Conversation) -> bool:
    """Done after the customer had come, and nobody waits. Spam, archives, merged and side threads are no cases."""
    done = head.category == Category.DONE and head.waiting_since is None
    return _is_case(head) and done and ClockRow.objects.filter(conversation=head, name=SETTLED, ended=None).exists()


def _is_case(head: Conversation) -> bool:
    return head.kept == Conversation.Kept.DESK and head.head_id is None and head.about_id is None


def keep_up() -> int:
    """Put the questions that are due; how many were."""
    due = SolvedCheck.objects.filter(put=None, outgoing=None, due__lte=acting.now()).order_by("due")
    return sum(put(one.conversation) for one in due.select_related("conversation__mailbox")[:AT_ONCE])


def put(conversation: Conversation) -> bool:
    """Ask now; whether it was. Who cannot be asked is out of the sample."""
    with transaction.atomic():
        row = SolvedCheck.objects.select_for_update().filter(conversation=conversation, put=None, outgoing=None).first()
        if row is None:
            return False
        if not is_settled(conversation) or _asked_lately(conversation):
            row.delete()
            return False
        if conversation.channel == "chat":
            _stands(row, conversation.channel)
            return True
        mail = send(conversation, FIRST)
        if mail is None:
            row.delete()
            return False
        row.outgoing = mail.pk
        row.save()
        moved(mail)
    return SolvedCheck.objects.filter(pk=row.pk).exists()


def _asked_lately(conversation: Conversation) -> bool:
    customer = conversation.identifier.customer_id
    of_theirs = SolvedCheck.objects.filter(conversation__identifier__customer=customer)
    return of_theirs.filter(put__gt=timezone.now() - NOT_AGAIN).exists()


def send(conversation: Conversation, asking: Asking) -> Outgoing | None:
    """Let the question leave by mail; None where none may be sent."""
    box = conversation.mailbox
    to = _address(conversation)
    if box is None or box.state != Mailbox.State.LIVE or not settings.URL.startswith("https://") or to is None:
        return None
    with translation.override(conversation.language or Workspace.own().language or settings.LANGUAGE_CODE):
        question = _("Is it solved?")
        text = str(asking.says) % {"subject": conversation.subject or f"#{conversation.pk}"}
        click = _("One click answers, for you and for us:")
        subject = f"{question} – {conversation.subject}" if conversation.subject else question
    content = {
        "subject": subject,
        "text": f"{text}\n\n{click}\n{address(conversation)}\n",
        "shown": text,
        "name": asking.name,
        "to": [list(to)],
        "conversation": conversation.pk,
        "reply_token": True,
    }
    key, survey = asking.key % conversation.pk, Outgoing.Purpose.SURVEY
    try:
        return outbox.send(key, survey, "email", conversation.identifier, content, box, automatic=True)
    except Trouble:
        return None


def _address(conversation: Conversation) -> Address | None:
    """Where the customer is asked: the address that they wrote from, if it is not in doubt and none of ours."""
    theirs = Message.objects.filter(conversation=conversation, kind=Message.Kind.INBOUND, machine="")
    last = theirs.order_by("-time", "-id").first()
    if last is None or dict(last.headers.get("proof") or {}).get("verdict") == "fail":
        return None
    found = [one for one in suggested(conversation, last).to if one[1].lower() not in own_addresses()]
    return found[0] if found else None


def moved(outgoing: Outgoing) -> None:
    """What becomes of a question that goes by mail: it is put once it left; one that never leaves was never asked."""
    row = SolvedCheck.objects.filter(outgoing=outgoing.pk).first()
    if row is None:
        return
    if outgoing.state in {Outgoing.State.FAILED, Outgoing.State.CANCELLED}:
        row.delete()
    elif outgoing.sent is not None and row.put is None:
        row.put, row.remind_at = outgoing.sent, outgoing.sent + REMIND_AFTER
        row.save()


def _stands(row: SolvedCheck, channel: str) -> None:
    """It stands before the customer from now on."""
    row.put = timezone.now()
    row.save()
    with acting.act(row.conversation) as doing:
        doing.add("asked", name=ASKED, channel=channel, actor="system")


def open_for(conversation: Conversation) -> SolvedCheck | None:
    """The question that stands before a customer and has no answer yet."""
    head = conversation.head_id or conversation.pk
    return SolvedCheck.objects.filter(conversation=head, answered=None).exclude(put=None).first()


def say(conversation: Conversation, solved: bool) -> bool:
    """The customer's answer. That it is not solved opens the case again, and they wait from then on; whether there was
    a question. Who calls it solved before they were asked has answered."""
    head = conversation.head or conversation
    with transaction.atomic():
        row = SolvedCheck.objects.select_for_update().filter(conversation=head).first()
        if row is None or (row.put is None and not solved):
            return False
        if row.solved == solved:
            return True
        if row.put is None:
            _stands(row, conversation.channel)
        row.answered, row.solved = timezone.now(), solved
        row.save()
        (_solved if solved else _unsolved)(head)
    return True


def _solved(head: Conversation) -> None:
    with acting.act(head) as doing:
        doing.add("said_solved", name=SOLVED, channel=head.channel, actor="customer", shown={"solved": True})


def _unsolved(head: Conversation) -> None:
    """Their word stands in the thread. It answers us, and so is no contact; the clocks run as after any message."""
    with acting.act(head) as doing:
        message = messages.put(doing, Message.Kind.INBOUND, _("It is not solved."), headers={"by": "solved check"})
        message.touchpoint = number = doing.add(
            Kind.INBOUND_HUMAN,
            name=UNSOLVED,
            time=message.time,
            message=message.pk,
            channel=message.channel,
            actor="customer",
            shown={"solved": False},
        )
        moving.take_up(doing, number)
        assigning.hand_out(doing)
        speak(doing, message, "customer")


def address(conversation: Conversation) -> str:
    """The link under which one click answers."""
    return settings.URL + reverse("service:solved", args=[token_of(conversation)])


def token_of(conversation: Conversation) -> str:
    days = int(time.time()) // DAY
    return sign(PURPOSE, conversation.pk.to_bytes(8, "big") + days.to_bytes(3, "big"), own_keys())


def asked_by(token: str) -> Conversation | None:
    """What a link asks about; None for one that we did not sign or that is too old."""
    payload = check(PURPOSE, token, own_keys())
    if payload is None or len(payload) != 11:
        return None
    if int(time.time()) // DAY - int.from_bytes(payload[8:], "big") > GOOD_FOR_DAYS:
        return None
    rows = SolvedCheck.objects.select_related("conversation__head", "conversation__identifier")
    row = rows.filter(conversation=int.from_bytes(payload[:8], "big")).first()
    return row.conversation if row else None

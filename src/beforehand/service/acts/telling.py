"""What lists show of a conversation, worked out again from its messages: after a merge, a parting, an erasure."""

from beforehand.service.arrivals.receiving import LONGEST_SNIPPET, new_part
from beforehand.service.models import Attachment, Conversation, Message

WHO: dict[str, str] = {Message.Kind.OUTBOUND: "member", Message.Kind.BOT: "bot"}


def retell(head: Conversation) -> None:
    """Count, last message and snippet over the whole case. Saves the row."""
    messages = Message.objects.filter(conversation__in=Conversation.objects.of_case(head.pk)).order_by("time", "id")
    spoken = messages.exclude(kind=Message.Kind.NOTE)
    last = spoken.last()
    head.messages_count = spoken.count()
    head.has_files = Attachment.objects.filter(message__in=spoken.values("pk")).exists()
    if last is not None:
        head.last_message, head.last_by = last.time, "system" if last.machine else WHO.get(last.kind, "customer")
        head.snippet = " ".join(new_part(last).split())[:LONGEST_SNIPPET]
    head.save(update_fields=["messages_count", "has_files", "last_message", "last_by", "snippet"])

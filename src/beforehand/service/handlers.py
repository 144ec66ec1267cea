"""What the desk does when channels tell it that something came in, left or arrived."""

from collections.abc import Collection, Sequence
from typing import Any

from beforehand.channels.email.authenticating import Authentication
from beforehand.channels.email.classifying import Verdict
from beforehand.channels.email.parsed import Parsed
from beforehand.channels.handles import Handed
from beforehand.channels.models import Arrival, ChatWidget, Delivery, Outgoing, Visitor
from beforehand.channels.reading import Outcome
from beforehand.insight import measures, segments
from beforehand.lib.bus import on
from beforehand.service import assigning, chats, forgetting
from beforehand.service.acts import answering, asking, pushing, reminding
from beforehand.service.arrivals import arriving, written_in
from beforehand.service.clocks import facts as facts  # its table is offered when it is imported
from beforehand.service.models import Conversation, Notification
from beforehand.team.models import Availability, Member

measures.register("beforehand.service.measures")
segments.add_table("service_clocks")


@on("mail.arrived")
def mail_arrived(arrival: Arrival, mail: Parsed, verdict: Verdict, proof: Authentication) -> Outcome:
    return arriving.place(arrival, mail, verdict, proof)


@on("mail.placed_by_hand")
def mail_placed(
    arrival: Arrival, mail: Parsed, verdict: Verdict, proof: Authentication, conversation: int | None, by: Member
) -> Outcome:
    return arriving.place_by_hand(arrival, mail, verdict, proof, conversation, by)


@on("customers.export")
def export(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    return forgetting.export(identifiers)


@on("customers.erase")
def erase(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    return forgetting.erase(identifiers)


@on("availability.changed")
def availability_changed(member: Member, state: str) -> None:
    if state == Availability.State.GONE:
        assigning.give_back(member.pk)


@on("outgoing.changed")
def outgoing_changed(outgoing: Outgoing) -> None:
    answering.outgoing_changed(outgoing)
    asking.moved(outgoing)


@on("outgoing.overtaken")
def outgoing_overtaken(outgoing: Outgoing) -> bool:
    return reminding.is_overtaken(outgoing)


@on("conversation.changed")
def conversation_changed(conversation: Conversation) -> None:
    asking.follow(conversation)


@on("notification.made")
def notification_made(notification: Notification) -> None:
    pushing.follow(notification)


@on("delivery.changed")
def delivery_changed(delivery: Delivery) -> None:
    answering.delivery_changed(delivery)


@on("chat.said")
def chat_said(
    visitor: Visitor, arrival: Arrival | None, text: str, files: Sequence[Handed], page: dict[str, str]
) -> dict[str, Any]:
    return chats.said(visitor, arrival, text, files, page)


@on("chat.history")
def chat_history(visitor: Visitor, after: int = 0) -> list[dict[str, Any]]:
    return chats.history(visitor, after)


@on("chat.state")
def chat_state(visitor: Visitor) -> dict[str, Any]:
    return chats.state(visitor)


@on("chat.outlook")
def chat_outlook(widget: ChatWidget) -> dict[str, Any]:
    return chats.outlook(widget)


@on("chat.presence")
def chat_presence(visitor: Visitor, typing: bool) -> None:
    chats.signs(visitor, typing)


@on("chat.read")
def chat_read(visitor: Visitor, through: int) -> None:
    chats.read(visitor, through)


@on("chat.solved")
def chat_solved(visitor: Visitor, solved: bool) -> None:
    chats.solve(visitor, solved)


@on("chat.person")
def chat_person(visitor: Visitor) -> None:
    chats.want_person(visitor)


@on("chat.form")
def chat_form(
    widget: ChatWidget, arrival: Arrival, answers: dict[str, str], text: str, files: Sequence[Handed], is_machine: bool
) -> str:
    return written_in.take(widget, arrival, answers, text, files, is_machine)

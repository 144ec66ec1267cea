"""The API of the desk. Every look-up goes through what the token's member may reach; every verb is the desk's own."""

import uuid
from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from beforehand.channels.models import Mailbox
from beforehand.lib.text import storable
from beforehand.service import reach
from beforehand.service.acts import drafting
from beforehand.service.acts.beginning import Letter, write_to
from beforehand.service.api_files import attached
from beforehand.service.api_files import router as files_router
from beforehand.service.arrivals import bringing
from beforehand.service.lists import listing
from beforehand.service.lists.desk_views import BY_SLUG
from beforehand.service.models import Conversation, Message
from beforehand.service.search.query import parse
from beforehand.team.api import May, Moment, me, refuse
from beforehand.team.models import ApiToken, Member, Team

router = Router(tags=["conversations"])
router.add_router("", files_router)
READ, WRITE = May(ApiToken.Scope.READ), May(ApiToken.Scope.WRITE)
RECEIVE = May(ApiToken.Scope.RECEIVE)
LONGEST_TEXT = 100_000
LONGEST_NAME = 320
LAST = 10**9


class ConversationOut(Schema):
    """A conversation. `customer` is the customer's number; `through` goes up with everything that happens in it."""

    id: int
    subject: str
    channel: str
    customer: int
    customer_name: str
    status: str
    category: str
    owner: str | None
    team: str | None
    priority: int
    tags: list[str]
    opened: datetime
    last_message: datetime
    last_by: str
    snippet: str
    waiting_since: datetime | None
    due: datetime | None
    snoozed_until: datetime | None
    merged_into: int | None
    through: int


class ConversationsOut(Schema):
    """`next` is the cursor of the next page; empty at the end."""

    items: list[ConversationOut]
    next: str


class FileOut(Schema):
    """`id`: GET /files/ID gives the bytes."""

    id: int
    name: str
    type: str
    size: int


class MessageOut(Schema):
    """`kind`: inbound, outbound, note or bot. `state`: how far an answer got."""

    id: int
    conversation: int
    kind: str
    channel: str
    time: datetime
    author: str
    text: str
    machine: str
    state: str
    files: list[FileOut]


class MessagesOut(Schema):
    items: list[MessageOut]
    next: str


class ReplyIn(Schema):
    """`based_on`: the `through` that was read; the reply is refused (`thread_changed`) when somebody wrote since.
    `files`: what POST /files gave."""

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    to: list[str] | None = Field(None, max_length=50)
    cc: list[str] = Field([], max_length=50)
    bcc: list[str] = Field([], max_length=50)
    files: list[str] = Field([], max_length=drafting.MOST_FILES)
    then: Literal["open", "done", "waiting_customer", "waiting_us"] | None = None
    based_on: int | None = None


class LetterIn(Schema):
    """A conversation that we begin. `mailbox`: the address it comes from; without it the member's own team's. `files`:
    what POST /files gave."""

    to: list[str] = Field(min_length=1, max_length=50)
    subject: str = Field(min_length=1, max_length=300)
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    cc: list[str] = Field([], max_length=50)
    bcc: list[str] = Field([], max_length=50)
    files: list[str] = Field([], max_length=drafting.MOST_FILES)
    mailbox: str | None = Field(None, max_length=LONGEST_NAME)
    team: str | None = Field(None, max_length=LONGEST_NAME)
    then: Literal["open", "done", "waiting_customer", "waiting_us"] = "waiting_customer"


class NoteIn(Schema):
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class ChangeIn(Schema):
    """What is not named stays. `owner`: a member's address, `team`: a team's name; null takes either away. `status`: a
    name or a category (new, open, waiting_customer, waiting_us, done)."""

    status: str | None = Field(None, max_length=LONGEST_NAME)
    owner: str | None = Field(None, max_length=LONGEST_NAME)
    team: str | None = Field(None, max_length=LONGEST_NAME)
    priority: int | None = Field(None, ge=1, le=4)
    snoozed_until: Moment | None = None


class TagIn(Schema):
    name: str = Field(min_length=1, max_length=60)


class MergeIn(Schema):
    into: int = Field(ge=1, lt=1 << 63)


class SenderIn(Schema):
    kind: Literal["user_id", "email", "phone", "handle", "external"]
    value: str = Field(min_length=1, max_length=200)
    name: str = Field("", max_length=200)


class BroughtIn(Schema):
    """A message of a customer that came to you and shall be at the desk. With `conversation` it goes on there; else it
    begins one. `key` is your own name for it: the same one twice is one message. `files`: what POST /files gave."""

    sender: SenderIn
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    key: str = Field(min_length=1, max_length=100)
    subject: str = Field("", max_length=300)
    time: Moment | None = None
    conversation: int | None = Field(None, ge=1, lt=1 << 63)
    team: str | None = Field(None, max_length=LONGEST_NAME)
    files: list[str] = Field([], max_length=drafting.MOST_FILES)


@router.get("/conversations", response=ConversationsOut, auth=READ)
def conversations(
    request: HttpRequest,
    q: str = Query("", max_length=500),
    view: str = Query("all", max_length=20),
    cursor: str = Query("", max_length=60),
    limit: int = Query(50, ge=1, le=100),
) -> Any:
    """A page of a view (waiting, mine, nobody, all, …) or of what a search finds, in the desk's own language."""
    search = parse(q)
    if search.faults:
        refuse("search_not_understood", "; ".join(f"{one.text}: {one.said}" for one in search.faults))
    if view not in BY_SLUG:
        refuse("no_such_view", _("There is no such view. There are: %s.") % ", ".join(BY_SLUG))
    page = listing.page(me(request), BY_SLUG[view], search or None, after=cursor, size=limit)
    return {"items": [shown(one) for one in page.conversations(me(request))], "next": page.after}


@router.post("/conversations", response={201: MessageOut}, auth=WRITE)
def write_first(request: HttpRequest, said: LetterIn) -> Any:
    """Write to somebody who did not write to us. It becomes a conversation of the token's member."""
    letter = Letter(
        said.to, said.subject, said.text, said.cc, said.bcc, attached(said.files), _mailbox(said.mailbox),
        _team(said.team), said.then,
    )  # fmt: skip
    return Status(201, message_shown(write_to(letter, me(request), uuid.uuid4().hex)))


@router.get("/conversations/{int:pk}", response=ConversationOut, auth=READ)
def conversation(request: HttpRequest, pk: int) -> Any:
    """One conversation."""
    return shown(reached(request, pk))


@router.patch("/conversations/{int:pk}", response=ConversationOut, auth=WRITE)
def change(request: HttpRequest, pk: int, said: ChangeIn) -> Any:
    """Change status, owner, team, priority or snooze: what the body names."""
    one, by, named = reached(request, pk), me(request), said.model_fields_set
    to: dict[str, Any] = {}
    if "owner" in named:
        to["owner"] = _member(said.owner)
    if "team" in named:
        to["team"] = _team(said.team)
    if to:
        one.assign(by, **to)
    if said.priority is not None:
        one.prioritise(said.priority, by)
    if said.status is not None:
        one.set_status(said.status, by)
    if "snoozed_until" in named:
        one.snooze(said.snoozed_until, by) if said.snoozed_until else one.wake(by)
    return shown(reached(request, pk))


@router.get("/conversations/{int:pk}/messages", response=MessagesOut, auth=READ)
def messages(
    request: HttpRequest, pk: int, cursor: int = Query(0, ge=0, le=LAST), limit: int = Query(50, ge=1, le=100)
) -> Any:
    """What was said, oldest first, over everything that was merged; notes too."""
    found = reached(request, pk).thread().select_related("member", "identifier__customer", "outgoing")
    rows = list(found.prefetch_related("attachments__file")[cursor : cursor + limit + 1])
    more = str(cursor + limit) if len(rows) > limit else ""
    return {"items": [message_shown(one) for one in rows[:limit]], "next": more}


@router.post("/conversations/{int:pk}/replies", response={201: MessageOut}, auth=WRITE)
def reply(request: HttpRequest, pk: int, said: ReplyIn) -> Any:
    """Answer the customer. It leaves as an answer from the desk does, after the time in which it can be taken back."""
    more: dict[str, Any] = {"to": said.to, "cc": said.cc, "bcc": said.bcc, "files": attached(said.files)}
    written = reached(request, pk).answer(said.text, me(request), then=said.then, based_on=said.based_on, **more)
    return Status(201, message_shown(written))


@router.post("/conversations/{int:pk}/notes", response={201: MessageOut}, auth=WRITE)
def note(request: HttpRequest, pk: int, said: NoteIn) -> Any:
    """Write for the team only."""
    return Status(201, message_shown(reached(request, pk).write_note(said.text, me(request))))


@router.post("/conversations/{int:pk}/tags", response={201: ConversationOut}, auth=WRITE)
def tag(request: HttpRequest, pk: int, said: TagIn) -> Any:
    """Put a tag on it."""
    reached(request, pk).tag(said.name, me(request))
    return Status(201, shown(reached(request, pk)))


@router.delete("/conversations/{int:pk}/tags/{name}", response=ConversationOut, auth=WRITE)
def untag(request: HttpRequest, pk: int, name: str) -> Any:
    """Take a tag off."""
    reached(request, pk).untag(storable(name), me(request))
    return shown(reached(request, pk))


@router.post("/conversations/{int:pk}/merge", response={201: ConversationOut}, auth=WRITE)
def merge(request: HttpRequest, pk: int, said: MergeIn) -> Any:
    """Let it go on in another one. Nothing moves: DELETE undoes it."""
    reached(request, pk).merge(reached(request, said.into), me(request))
    return Status(201, shown(reached(request, pk)))


@router.delete("/conversations/{int:pk}/merge", response=ConversationOut, auth=WRITE)
def unmerge(request: HttpRequest, pk: int) -> Any:
    """Let them be two again."""
    reached(request, pk).unmerge(me(request))
    return shown(reached(request, pk))


@router.post(
    "/messages", response={200: MessageOut, 201: MessageOut}, auth=May(ApiToken.Scope.RECEIVE), tags=["messages"]
)
def bring(request: HttpRequest, said: BroughtIn) -> Any:
    """Bring in a message of a customer. 201 when it is new, 200 when it was brought before."""
    into = reached(request, said.conversation) if said.conversation else None
    brought = bringing.Brought(
        said.sender.kind, said.sender.value, said.sender.name, said.text, said.subject, said.time, _team(said.team),
        attached(said.files),
    )  # fmt: skip
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    message, is_new = bringing.bring(f"{token.pk}:{said.key}", brought, into)
    return Status(201 if is_new else 200, message_shown(message))


def reached(request: HttpRequest, pk: int) -> Conversation:
    """A conversation that the token's member may see; any other is not there."""
    found = reach.find(min(pk, (1 << 63) - 1), me(request))
    if found is None:
        raise Http404
    return found


def shown(one: Conversation) -> dict[str, Any]:
    plain = (
        "subject", "channel", "category", "priority", "opened", "last_message", "last_by", "snippet", "waiting_since",
        "due", "snoozed_until", "through",
    )  # fmt: skip
    return {name: getattr(one, name) for name in plain} | {
        "id": one.pk,
        "customer": one.identifier.customer_id,
        "customer_name": str(one.identifier.customer),
        "status": one.status.name,
        "owner": one.owner.email if one.owner else None,
        "team": one.team.name if one.team else None,
        "tags": sorted(each.tag.name for each in one.taggings.select_related("tag")),
        "merged_into": one.head_id,
    }


def message_shown(one: Message) -> dict[str, Any]:
    who = str(one.member) if one.member else str(one.identifier.customer) if one.identifier else ""
    return {
        "id": one.pk,
        "conversation": one.conversation_id,
        "kind": one.kind,
        "channel": one.channel,
        "time": one.time,
        "author": who,
        "text": one.text,
        "machine": one.machine,
        "state": one.outgoing.state if one.outgoing else "",
        "files": [
            {"id": each.pk, "name": each.name, "type": each.type, "size": each.file.size}
            for each in one.attachments.all()
        ],
    }


def _member(address: str | None) -> Member | None:
    found = Member.objects.filter(email__iexact=address, is_active=True).first() if address else None
    if address and found is None:
        refuse("no_such_member", _("Nobody of us has the address %s.") % address)
    return found


def _mailbox(address: str | None) -> Mailbox | None:
    found = Mailbox.objects.filter(address__iexact=address).first() if address else None
    if address and found is None:
        refuse("no_such_mailbox", _("There is no mailbox %s.") % address)
    return found


def _team(name: str | None) -> Team | None:
    found = Team.objects.filter(name__iexact=name).first() if name else None
    if name and found is None:
        refuse("no_such_team", _("There is no team “%s”.") % name)
    return found

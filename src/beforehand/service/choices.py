"""What can be chosen at the desk by typing: owners, teams, tags, macros, times, conversations, causes, needs."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from beforehand.journey import standing
from beforehand.journey.models import Contact
from beforehand.lib.text import number_in
from beforehand.lib.trouble import Trouble
from beforehand.service import when
from beforehand.service.models import Conversation, Macro, Message, Priority, Status, Tag
from beforehand.team.availability import states
from beforehand.team.models import Availability, Member, Team

MOST = 12


class Choice(NamedTuple):
    """A line: what is sent, what is shown, a few words beside it, an icon; a key that chooses it."""

    value: str
    title: str
    about: str = ""
    icon: str = "right"
    do: str = ""


def choices(what: str, words: str, member: Member, conversation: Conversation | None = None) -> list[Choice]:
    """What fits the words, best first."""
    return KINDS[what](" ".join(words.split())[:80], member, conversation)


def _owners(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    people = Member.objects.filter(is_active=True).exclude(role=Member.Role.VIEWER)
    found = list(people.filter(Q(name__icontains=words) | Q(email__istartswith=words)).order_by("name")[:MOST])
    there = states(one.pk for one in found)
    lines = [
        Choice(
            str(one.pk),
            _("Me") if one.pk == member.pk else str(one),
            _("away") if there[one.pk] != Availability.State.HERE else one.email,
            "user",
        )
        for one in sorted(found, key=lambda one: one.pk != member.pk)
    ]
    return [*lines, *([] if words else [Choice("", _("Nobody"), _("back into the queue"), "x")])]


def _people(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    """Who can be called in a note: everybody but oneself."""
    return [one for one in _owners(words, member, conversation) if one.value not in ("", str(member.pk))]


def _teams(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    return [
        Choice(str(one.pk), one.name, "", "customers")
        for one in Team.objects.filter(name__icontains=words).order_by("name")[:MOST]
    ]


def _tags(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    found = [
        Choice(one.name, one.name, "", "filter")
        for one in Tag.objects.filter(name__icontains=words).order_by("name")[:MOST]
    ]
    if words and all(one.title.lower() != words.lower() for one in found):
        found.append(Choice(words, _("New tag “%(name)s”") % {"name": words}, "", "filter"))
    return found


def _priorities(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    return [
        Choice(str(value), str(label).capitalize(), "", "up")
        for value, label in reversed(Priority.choices)
        if words.lower() in str(label)
    ]


def _statuses(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    asked = words.casefold()
    found = [one for one in Status.objects.all() if any(asked in name for name in one.names())]
    return [Choice(str(one.pk), str(one), "", "done") for one in found[:MOST]]


def _macros(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    found = Macro.usable_by(member).filter(Q(name__icontains=words) | Q(text__icontains=words))
    rows = found.order_by("-used", "name").prefetch_related("files")[:MOST]
    return [Choice(str(one.pk), one.name, _told(one), "clip" if one.files.all() else "quote") for one in rows]


def _told(macro: Macro) -> str:
    """How it begins, and the files that it brings."""
    return " · ".join(filter(None, (*(one.name for one in macro.files.all()), " ".join(macro.text.split()))))[:90]


def _times(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    now, zone = timezone.now(), timezone.get_current_timezone()
    found = []
    for said in [words] if words else [_("in 1 h"), _("in 3 h"), "17:00", "tomorrow 9", "mon 9", "in 1 week"]:
        try:
            moment = when.read(said, now, zone)
        except Trouble:
            continue
        found.append(Choice(said, said.capitalize(), _shown(moment), "moonz"))
    return found


def _shown(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "D j M, H:i")


def _conversations(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    reachable = (
        Conversation.objects.reachable_by(member).filter(head__isnull=True).select_related("identifier__customer")
    )
    if conversation is not None:
        reachable = reachable.exclude(pk=conversation.pk)
    if number := number_in(words.removeprefix("#")):
        found = reachable.filter(pk=number)
    elif words:
        from beforehand.service.lists import listing
        from beforehand.service.lists.desk_views import BY_SLUG
        from beforehand.service.search.query import parse

        page = listing.page(member, BY_SLUG["all"], parse(words), size=MOST)
        found = reachable.filter(pk__in=[row.id for row in page.rows])
    elif conversation is not None:
        found = reachable.filter(identifier__customer=conversation.identifier.customer_id)
    else:
        found = reachable.none()
    return [
        Choice(str(one.pk), f"#{one.pk} {one.subject}", str(one.identifier.customer), "merge")
        for one in found.order_by("-last_message")[:MOST]
    ]


def _causes(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    likely = ""
    if conversation is not None:
        said = Message.objects.filter(conversation=conversation, touchpoint__isnull=False).values("touchpoint")
        contact = Contact.objects.filter(pk__in=said).order_by("-time").first()
        likely = contact.cause if contact else ""
    found = [(value, str(label)) for value, label in Contact.Cause.choices if words.lower() in str(label)]
    return [
        Choice(value, label.capitalize(), _("suggested") if value == likely else "", "filter")
        for value, label in sorted(found, key=lambda one: one[0] != likely)
    ]


def _needs(words: str, member: Member, conversation: Conversation | None) -> list[Choice]:
    if conversation is None:
        return []
    found = standing.of_customer(conversation.identifier.customer_id).open
    return [
        Choice(str(one.need.pk), one.title, one.need.key or one.next, "needs")
        for one in found
        if words.lower() in f"{one.title} {one.need.key}".lower()
    ][:MOST]


KINDS: dict[str, Callable[[str, Member, Conversation | None], list[Choice]]] = {
    "owner": _owners, "team": _teams, "tag": _tags, "priority": _priorities, "status": _statuses, "macro": _macros,
    "snooze": _times, "merge": _conversations, "case": _conversations, "cause": _causes, "need": _needs,
    "person": _people,
}  # fmt: skip

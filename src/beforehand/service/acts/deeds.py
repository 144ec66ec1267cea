"""Everything that is done to a conversation by a name and a value: by macros, on many at once, and taken back.

A deed is {do, value}. `do` gives the deeds that undo it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.lib.text import number_in
from beforehand.lib.trouble import Trouble
from beforehand.service import reach, variables, when
from beforehand.service.clocks.ledger import Category
from beforehand.service.models import Conversation, Field, Macro, Priority, Status
from beforehand.team.models import Member, Team

Undo = list[dict[str, Any]]


class Deed(NamedTuple):
    """`sends`: something leaves for customers."""

    about: str | Promise
    act: Callable[[Conversation, Any, Member], Undo]
    sends: bool = False


def do(conversation: Conversation, name: str, value: Any, by: Member) -> Undo:
    """Do it, and give what takes it back. Raises Trouble."""
    deed = DEEDS.get(name)
    if deed is None:
        raise Trouble(_("“%(name)s” is nothing that can be done here.") % {"name": name[:40]})
    reach.check(conversation, by)
    return deed.act(conversation, value, by)


def _status(conversation: Conversation, value: Any, by: Member) -> Undo:
    before = conversation.status_id
    said = str(value)
    conversation.set_status(Status.objects.filter(pk=number_in(said)).first() or said, by)
    return [{"do": "status", "value": before}] if before != conversation.status_id else []


def _owner(conversation: Conversation, value: Any, by: Member) -> Undo:
    before = conversation.owner_id
    conversation.assign(by, owner=_member(value, by))
    return [{"do": "owner", "value": before or ""}] if before != conversation.owner_id else []


def _member(value: Any, by: Member) -> Member | None:
    said = str(value or "").strip()
    if said in {"", "none", "nobody"}:
        return None
    if said == "me":
        return by
    members = Member.objects.filter(is_active=True)
    found = members.filter(pk=number_in(said)).first() or members.filter(email__iexact=said).first()
    found = found or members.filter(name__iexact=said).first()
    if found is None:
        raise Trouble(_("There is no member “%(name)s”.") % {"name": said[:80]})
    return found


def _team(conversation: Conversation, value: Any, by: Member) -> Undo:
    before, owner = conversation.team_id, conversation.owner_id
    conversation.assign(by, team=_team_of(value))
    if before == conversation.team_id:
        return []
    undo: Undo = [{"do": "team", "value": before or ""}]
    return undo if owner == conversation.owner_id else [*undo, {"do": "owner", "value": owner or ""}]


def _team_of(value: Any) -> Team | None:
    said = str(value or "").strip()
    if said in {"", "none"}:
        return None
    teams = Team.objects.all()
    found = teams.filter(pk=number_in(said)).first() or teams.filter(name__iexact=said).first()
    if found is None:
        raise Trouble(_("There is no team “%(name)s”.") % {"name": said[:80]})
    return found


def _priority(conversation: Conversation, value: Any, by: Member) -> Undo:
    before, names = conversation.priority, {one.name.lower(): one.value for one in Priority}
    said = str(value).lower()
    conversation.prioritise(names.get(said) or number_in(said), by)
    return [{"do": "priority", "value": before}] if before != conversation.priority else []


def _tag(conversation: Conversation, value: Any, by: Member) -> Undo:
    there = conversation.taggings.filter(tag__name__iexact=str(value)).exists()
    conversation.tag(str(value), by)
    return [] if there else [{"do": "untag", "value": str(value)}]


def _untag(conversation: Conversation, value: Any, by: Member) -> Undo:
    there = conversation.taggings.filter(tag__name__iexact=str(value)).exists()
    conversation.untag(str(value), by)
    return [{"do": "tag", "value": str(value)}] if there else []


def _snooze(conversation: Conversation, value: Any, by: Member) -> Undo:
    before = conversation.snoozed_until
    conversation.snooze(_moment(value), by)
    return [{"do": "snooze", "value": before.isoformat()} if before else {"do": "wake", "value": ""}]


def _moment(value: Any) -> datetime:
    said = str(value)
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return when.read(said, timezone.now(), timezone.get_current_timezone())
    return found if found.tzinfo else found.replace(tzinfo=timezone.get_current_timezone())


def _wake(conversation: Conversation, value: Any, by: Member) -> Undo:
    before = conversation.snoozed_until
    conversation.wake(by)
    return [{"do": "snooze", "value": before.isoformat()}] if before else []


def _spam(conversation: Conversation, value: Any, by: Member) -> Undo:
    before = conversation.kept
    conversation.mark_spam(by)
    return [{"do": "not_spam", "value": ""}] if before != conversation.kept else []


def _not_spam(conversation: Conversation, value: Any, by: Member) -> Undo:
    before = conversation.kept
    conversation.not_spam(by)
    return [{"do": "spam", "value": ""}] if before != conversation.kept else []


def _cause(conversation: Conversation, value: Any, by: Member) -> Undo:
    conversation.set_cause(str(value), by)
    return []


def _note(conversation: Conversation, value: Any, by: Member) -> Undo:
    conversation.write_note(str(value), by)
    return []


def _fill(conversation: Conversation, value: Any, by: Member) -> Undo:
    """`value` is {field, value}."""
    said = value if isinstance(value, dict) else {}
    field = Field.objects.filter(slug=str(said.get("field", ""))).first()
    if field is None:
        raise Trouble(_("There is no such field."))
    known = conversation.values.filter(field=field).first()
    before = known.value if known else ""
    conversation.fill(field, str(said.get("value", "")), by)
    return [{"do": "fill", "value": {"field": field.slug, "value": before}}]


def _merge(conversation: Conversation, value: Any, by: Member) -> Undo:
    into = Conversation.objects.reachable_by(by).filter(pk=number_in(str(value))).first()
    if into is None:
        raise Trouble(_("There is no such conversation."))
    if into.pk == conversation.pk:
        return []
    conversation.merge(into, by)
    return [{"do": "unmerge", "value": ""}]


def _unmerge(conversation: Conversation, value: Any, by: Member) -> Undo:
    conversation.unmerge(by)
    return []


def _read(conversation: Conversation, value: Any, by: Member) -> Undo:
    conversation.read_by(by)
    return []


def _reply(conversation: Conversation, value: Any, by: Member) -> Undo:
    """`value` is the text, or {text, then, key, macro}; variables are filled in for each customer."""
    said = value if isinstance(value, dict) else {"text": str(value)}
    text = variables.fill_in(str(said.get("text", "")), conversation, by)
    before = conversation.status_id
    number, then, key = said.get("macro"), said.get("then") or None, said.get("key")
    macro = Macro.usable_by(by).filter(pk=number).first() if isinstance(number, int) else None
    files = macro.enclosed() if macro else ()
    message = conversation.answer(text, by, files=files, macro=macro, then=then, key=key)
    undo: Undo = [{"do": "take_back", "value": message.pk}]
    return undo if before == conversation.status_id else [*undo, {"do": "status", "value": before}]


def _take_back(conversation: Conversation, value: Any, by: Member) -> Undo:
    message = conversation.messages.filter(pk=int(value), member=by).first()
    if message is None or not conversation.take_back(message, by):
        raise Trouble(_("The answer has left already."))
    return []


def _reopen(conversation: Conversation, value: Any, by: Member) -> Undo:
    return _status(conversation, Category.OPEN, by)


def _done(conversation: Conversation, value: Any, by: Member) -> Undo:
    return _status(conversation, Category.DONE, by)


DEEDS: dict[str, Deed] = {
    "status": Deed(gettext_lazy("change the status"), _status),
    "done": Deed(gettext_lazy("mark as done"), _done),
    "reopen": Deed(gettext_lazy("open again"), _reopen),
    "owner": Deed(gettext_lazy("give to a member"), _owner),
    "team": Deed(gettext_lazy("give to a team"), _team),
    "priority": Deed(gettext_lazy("change the priority"), _priority),
    "tag": Deed(gettext_lazy("tag"), _tag),
    "untag": Deed(gettext_lazy("take a tag off"), _untag),
    "snooze": Deed(gettext_lazy("snooze"), _snooze),
    "wake": Deed(gettext_lazy("wake"), _wake),
    "spam": Deed(gettext_lazy("mark as spam"), _spam),
    "not_spam": Deed(gettext_lazy("mark as no spam"), _not_spam),
    "cause": Deed(gettext_lazy("set the cause"), _cause),
    "note": Deed(gettext_lazy("write a note"), _note),
    "fill": Deed(gettext_lazy("fill in a field"), _fill),
    "merge": Deed(gettext_lazy("merge"), _merge),
    "unmerge": Deed(gettext_lazy("part"), _unmerge),
    "read": Deed(gettext_lazy("mark as read"), _read),
    "reply": Deed(gettext_lazy("answer"), _reply, sends=True),
    "take_back": Deed(gettext_lazy("take an answer back"), _take_back),
}

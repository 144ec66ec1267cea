"""How a conversation moves: its status, whether it sleeps, whether it is open again."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble
from beforehand.service.acts import acting
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import Conversation, Field, Status
from beforehand.team.models import Member

QUIET = frozenset({Category.DONE, Category.WAITING_CUSTOMER})


class FieldsMissing(Trouble):
    """Fields that must be filled before it is done: `fields` are they."""

    def __init__(self, fields: list[Field]) -> None:
        self.fields = fields
        names = ", ".join(field.label for field in fields)
        super().__init__(_("Fill in before it is done: %(names)s.") % {"names": names})


def set_status(conversation: Conversation, status: Status | str, by: Member | None = None, why: str = "") -> None:
    """Give another status, or the default one of a category. Raises FieldsMissing for one that means done."""
    wanted = status if isinstance(status, Status) else _named(status)
    with acting.act(conversation, by) as doing:
        if doing.head.status_id == wanted.pk:
            return
        if wanted.category == Category.DONE:
            check_fields(doing.head)
        put(doing, wanted, why=why)


def _named(name: str) -> Status:
    found = Status.objects.filter(Q(category=name) | Q(name=name)).first()
    if found is None:
        raise Trouble(_("There is no status “%(name)s”. Choose one from the list.") % {"name": name})
    return found


def check_fields(head: Conversation) -> None:
    """Raises FieldsMissing."""
    missing = Field.objects.filter(required=True, off=False).exclude(values__in=head.values.exclude(value=""))
    if found := list(missing.order_by("position", "id")):
        raise FieldsMissing(found)


def put(
    doing: acting.Act, status: Status, why: str = "", about: int | None = None, time: datetime | None = None
) -> None:
    """The status changes: the ledger hears of it first."""
    head = doing.head
    actor = "system" if doing.by is None else "company"
    says: dict[str, Any] = {"status": status.name, "category": status.category, "why": why, "about": about}
    doing.add(Kind.STATUS, thread=head.pk, actor=actor, time=time, **says)
    head.status, head.category = status, status.category
    if status.category == Category.DONE:
        head.snoozed_until = head.snoozed_by = None


def take_up(doing: acting.Act, message: int) -> None:
    """The customer wrote: what waited for them, or was done, is open again."""
    if doing.head.category in QUIET:
        put(doing, Status.default(Category.OPEN), why=_("the customer wrote"), about=message)


def snooze(conversation: Conversation, until: datetime, by: Member | None) -> None:
    """Put it aside until a moment, or until the customer writes. The clocks run on."""
    with acting.act(conversation, by) as doing:
        put_aside(doing, until)


def put_aside(doing: acting.Act, until: datetime) -> None:
    if until <= timezone.now():
        raise Trouble(_("Choose a time in the future."))
    if doing.head.snoozed_until == until:
        return
    doing.add("snoozed", thread=doing.head.pk, until=until.isoformat())
    doing.head.snoozed_until, doing.head.snoozed_by = until, doing.by


def wake(conversation: Conversation, by: Member | None = None) -> None:
    with acting.act(conversation, by) as doing:
        wake_up(doing)


def wake_up(doing: acting.Act, by_customer: bool = False) -> None:
    if doing.head.snoozed_until is None:
        return
    why = _("the customer wrote") if by_customer else ""
    doing.add("woke", thread=doing.head.pk, actor="system" if doing.by is None else "company", why=why)
    doing.head.snoozed_until = doing.head.snoozed_by = None


def wake_due() -> int:
    """Wake what was put aside until now; how many."""
    due = Conversation.objects.filter(snoozed_until__lte=acting.now()).order_by("snoozed_until")
    woken = 0
    for conversation in due[:500]:
        wake(conversation)
        woken += 1
    return woken

"""Variables in what is written, out of the journey.

A variable is `{{ name.name }}` and nothing else: it is looked up in a fixed list, once. There is no expression, no
filter and no tag, and what a value holds is never read as a template again.
"""

import re
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.journey import standing
from beforehand.journey.models import Promise, Touchpoint
from beforehand.lib.trouble import Trouble
from beforehand.service.models import Conversation
from beforehand.team.models import Member, Workspace

VARIABLE = re.compile(r"\{\{\s*([a-z_]{1,20}\.[a-z_]{1,20})\s*\}\}")
ORDER = ("order_number", "order_id", "orderId", "order")
LONGEST_VALUE = 300
LOOKED_THROUGH = 200


class Left(Trouble):
    """A variable stands in a text that is to be sent: nobody knew its value, and nobody wrote it."""

    def __init__(self, name: str) -> None:
        words = _("“{{ %(name)s }}” has no value for this customer. Write what is meant, or take it out.")
        super().__init__(words % {"name": name})


def fill_in(text: str, conversation: Conversation, member: Member) -> str:
    """The text with its variables filled in. One that has no value, or that there is not, stays as it is written."""
    known: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in known:
            look = VARIABLES.get(name)
            known[name] = str(look[1](conversation, member) or "")[:LONGEST_VALUE] if look else ""
        return known[name] or match[0]

    return VARIABLE.sub(value, text)


def check(text: str) -> None:
    """Raises Left where one of our variables was not filled in."""
    for name in VARIABLE.findall(text):
        if name in VARIABLES:
            raise Left(name)


def _traits(conversation: Conversation) -> dict[str, Any]:
    return dict(conversation.identifier.traits)


def _name(conversation: Conversation, member: Member) -> str:
    return str(conversation.identifier.customer.name)


def _first_name(conversation: Conversation, member: Member) -> str:
    traits = _traits(conversation)
    said = next((traits[key] for key in ("first_name", "firstName", "given_name") if traits.get(key)), "")
    name = _name(conversation, member)
    return str(said) or ("" if "@" in name else name.partition(" ")[0])


def _email(conversation: Conversation, member: Member) -> str:
    one = conversation.participants.exclude(address="").order_by("id").first()
    return one.address if one else str(_traits(conversation).get("email", ""))


def _need(conversation: Conversation) -> standing.Standing | None:
    """The need that it is about, else the customer's open one that is stuck, or the newest."""
    found = standing.of_customer(conversation.identifier.customer_id).open
    linked = next((one for one in found if one.need.pk == conversation.need), None)
    return linked or next((one for one in found if one.known), None)


def _need_title(conversation: Conversation, member: Member) -> str:
    need = _need(conversation)
    return need.title if need else ""


def _next_step(conversation: Conversation, member: Member) -> str:
    need = _need(conversation)
    return need.next if need else ""


def _promise(conversation: Conversation) -> Promise | None:
    promises = Promise.objects.filter(customer=conversation.identifier.customer_id, state=Promise.State.OPEN)
    return promises.order_by("due", "id").first()


def _promise_what(conversation: Conversation, member: Member) -> str:
    promise = _promise(conversation)
    return promise.what if promise else ""


def _promise_due(conversation: Conversation, member: Member) -> str:
    promise = _promise(conversation)
    return date_format(timezone.localtime(promise.due), "DATE_FORMAT") if promise else ""


def _order(conversation: Conversation, member: Member) -> str:
    """The number of the order that was spoken of last, on the customer's journey."""
    mine = Touchpoint.objects.filter(identifier__customer=conversation.identifier.customer_id)
    for properties in mine.order_by("-time", "-id").values_list("properties", flat=True)[:LOOKED_THROUGH]:
        found = next((properties[key] for key in ORDER if isinstance(properties.get(key), str | int)), "")
        if found:
            return str(found)
    return ""


Look = Callable[[Conversation, Member], str]
VARIABLES: dict[str, tuple[Any, Look]] = {
    "customer.first_name": (gettext_lazy("the customer's first name"), _first_name),
    "customer.name": (gettext_lazy("the customer's name"), _name),
    "customer.email": (gettext_lazy("the customer's address"), _email),
    "need.title": (gettext_lazy("what they want to get done"), _need_title),
    "need.next_step": (gettext_lazy("what comes next"), _next_step),
    "promise.what": (gettext_lazy("what we promised, and is due next"), _promise_what),
    "promise.due": (gettext_lazy("by when we promised it"), _promise_due),
    "order.number": (gettext_lazy("the order that was spoken of last"), _order),
    "conversation.number": (gettext_lazy("the number of the conversation"), lambda one, _member: str(one.pk)),
    "conversation.subject": (gettext_lazy("its subject"), lambda one, _member: one.subject),
    "member.name": (gettext_lazy("your name"), lambda _one, member: str(member)),
    "member.first_name": (gettext_lazy("your first name"), lambda _one, member: str(member).partition(" ")[0]),
    "company.name": (gettext_lazy("your company"), lambda _one, _member: Workspace.own().name),
}
"""What each variable means, for settings to show, and how it is looked up."""

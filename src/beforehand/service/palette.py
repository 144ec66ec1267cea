"""What the desk offers to the palette: conversations by number and by words."""

from django.urls import reverse
from django.utils.translation import gettext as _

from beforehand.lib import bus
from beforehand.lib.palette import Answer
from beforehand.lib.text import number_in
from beforehand.service.lists import listing
from beforehand.service.lists.desk_views import BY_SLUG
from beforehand.service.models import Conversation
from beforehand.service.search.query import parse
from beforehand.team.models import Member

MOST = 5
SHORTEST = 3


def beginning(q: str) -> str:
    """The last word is still being typed: what begins so fits."""
    return f"{q}*" if q[-1].isalnum() and ":" not in q.split()[-1] else q


@bus.on("customer.acts")
def write_to_them(customer: int, member: Member) -> list[Answer]:
    """What the desk offers on the page of a customer."""
    return [Answer(_("Write"), f"{reverse('service:letter')}?customer={customer}", icon="mail")]


@bus.on("palette.search")
def find_conversations(q: str, member: Member) -> list[Answer]:
    if not member.may_see_customers or (len(q) < SHORTEST and not q.startswith("#")):
        return []
    number = number_in(q.removeprefix("#"))
    if q.startswith("#") and number:
        reachable = Conversation.objects.reachable_by(member).select_related("identifier__customer")
        rows = list(reachable.filter(pk=number))
    else:
        page = listing.page(member, BY_SLUG["all"], parse(beginning(q)), size=MOST)
        rows = page.conversations(member)
    return [
        Answer(f"#{one.pk} {one.subject or one.snippet}"[:90], reverse("service:conversation", args=[one.pk]),
               str(one.identifier.customer), "desk")
        for one in rows
    ]  # fmt: skip

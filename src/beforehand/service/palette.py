"""What the desk offers to the palette: conversations by number and by words."""

from django.urls import reverse

from beforehand.lib import bus
from beforehand.lib.palette import Answer
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


@bus.on("palette.search")
def find_conversations(q: str, member: Member) -> list[Answer]:
    if not member.may_see_customers or (len(q) < SHORTEST and not q.startswith("#")):
        return []
    number = q.removeprefix("#")
    if q.startswith("#") and number.isascii() and number.isdigit():
        reachable = Conversation.objects.reachable_by(member).select_related("identifier__customer")
        rows = list(reachable.filter(pk=int(number[:18])))
    else:
        page = listing.page(member, BY_SLUG["all"], parse(beginning(q)), size=MOST)
        rows = [row.conversation for row in page.rows]
    return [
        Answer(f"#{one.pk} {one.subject or one.snippet}"[:90], reverse("service:conversation", args=[one.pk]),
               str(one.identifier.customer), "desk")
        for one in rows
    ]  # fmt: skip

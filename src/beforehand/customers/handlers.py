"""What this room offers to the palette: customers by name or identifier."""

from django.urls import reverse

from beforehand.customers.finding import find
from beforehand.lib.bus import on
from beforehand.lib.palette import Answer
from beforehand.team.models import Member

MOST = 8


@on("palette.search")
def find_customers(q: str, member: Member) -> list[Answer]:
    if not member.may_see_customers or len(q.strip()) < 2:
        return []
    found = find(q, limit=MOST)
    return [Answer(str(one), reverse("journey:customer", args=[one.pk]), f"c-{one.pk}", "user") for one in found]

"""Play mode: whoever asks is served the customer who has waited longest, and holds them for some minutes, so that two
agents who ask at once never get the same one.

A lease locks nothing: it only keeps others from being served the same. It ends by itself, when its member is served the
next, and lasts as long as they type.
"""

import time
from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet

from beforehand.service.lists import listing
from beforehand.service.lists.desk_views import View
from beforehand.service.models import Conversation, Lease
from beforehand.service.search.query import Search
from beforehand.team.models import Member

MINUTES = 5
MOST_PAGES = 20


def serve(member: Member, view: View, search: Search | None = None, skipped: Collection[int] = ()) -> int | None:
    """The number of the conversation whose customer has waited longest in a view, held for the member from now on. What
    has an owner is served to nobody else, unless the view itself is by owner."""
    of_others = bool((search or view.search).of("owner"))
    after = ""
    for _turn in range(MOST_PAGES):
        page = listing.page(member, view, search, after, order="waiting")
        ids = [row.id for row in page.rows]
        waiting = Conversation.objects.filter(pk__in=ids, waiting_since__isnull=False)
        free = waiting if of_others else waiting.filter(Q(owner=None) | Q(owner=member))
        left = set(free.exclude(lease__in=_held_by_others(member)).values_list("pk", flat=True)) - set(skipped)
        for number in ids:
            if number in left and take(number, member):
                return number
        if not page.after:
            return None
        after = page.after
    return None


def renew(typing: Iterable[tuple[int, int]]) -> None:
    """Whoever types (conversation, member) has what they were served for some minutes more."""
    mine = [Q(conversation=conversation, member=member) for conversation, member in typing]
    if mine:
        Lease.objects.filter(reduce(or_, mine)).update(until=_end())


def _held_by_others(member: Member) -> QuerySet[Lease]:
    return Lease.objects.filter(until__gt=_now()).exclude(member=member)


def take(number: int, member: Member) -> bool:
    """Whether it is the member's now. Of two who take one at once, one gets it: there is one row."""
    with transaction.atomic():
        Lease.objects.filter(Q(member=member) | Q(conversation=number, until__lte=_now())).delete()
        lease, _made = Lease.objects.get_or_create(conversation_id=number, defaults={"member": member, "until": _end()})
    return lease.member_id == member.pk


def _now() -> int:
    return time.time_ns() // 1000


def _end() -> int:
    return _now() + MINUTES * 60_000_000

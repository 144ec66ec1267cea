"""Lists of conversations, a page at a time by cursor, always through what the member may reach."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from beforehand.lib.fields import to_micros
from beforehand.lib.prepared import Statement, marks_of
from beforehand.service.lists.desk_views import BY_SLUG, LONGEST, ORDERS, WAITING, Moments, Order, View, held_by
from beforehand.service.lists.lines import Row, rows_of
from beforehand.service.models import Conversation
from beforehand.service.reach import stand_in
from beforehand.service.search import hits, searching
from beforehand.service.search.narrowing import narrow
from beforehand.service.search.query import Search
from beforehand.team.models import Member

SIZE = 50


@dataclass(frozen=True)
class Page:
    """A page of rows. `after` is the cursor of the next page, empty at the end. `partly`: older hits were left."""

    rows: list[Row]
    after: str = ""
    partly: bool = False

    def conversations(self, member: Member) -> list[Conversation]:
        """For whoever needs more of them than a line."""
        reachable = Conversation.objects.reachable_by(member)
        found = reachable.select_related("identifier__customer", "owner", "team", "status").in_bulk(
            [row.id for row in self.rows]
        )
        return [found[row.id] for row in self.rows if row.id in found]


class Cursor(NamedTuple):
    key: int
    id: int

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        key, _dash, id = text.partition("~")
        whole = key.removeprefix("-")
        if not (whole.isascii() and whole.isdigit() and len(whole) < 20 and id.isascii() and id.isdigit()):
            return None
        return cls(int(key), min(int(id[:19]), 2**63 - 1)) if len(id) < 20 else None

    def __str__(self) -> str:
        return f"{self.key}~{self.id}"


def page(
    member: Member, view: View, search: Search | None = None, after: str = "", order: str = "", size: int = SIZE
) -> Page:
    """A page of a view, or of what a search finds in all that the member may reach."""
    now = timezone.now()
    search, cursor = search or view.search, Cursor.read(after)
    chosen = ORDERS.get(order) or (view.order if not search or view.saved else BY_SLUG["all"].order)
    if chosen is LONGEST and view.order is not LONGEST:
        chosen = WAITING  # Not everybody in this view waits.
    if not search and cursor is None:
        return _page(_first(view, chosen, member, now, size + 1), size, member, now)
    if not search or search is view.search:
        conversations = view.of(Conversation.objects.heads_reachable_by(member), member, now)
    else:
        conversations = Conversation.objects.reachable_by(member).filter(_scope(search))
    conversations = narrow(conversations, search, member, now)
    match = searching.match(search)
    if match is not None:
        return _found(conversations, match, search, member, cursor, order, size, now)
    return _page(_ids(conversations, chosen, cursor, size + 1), size, member, now)


def _page(found: list[Cursor], size: int, member: Member, now: datetime) -> Page:
    """`found`: one more than `size`, where there are more."""
    more = str(found[size - 1]) if len(found) > size else ""
    return Page(rows_of([one.id for one in found[:size]], member, now), more)


def _scope(search: Search) -> Q:
    """A search looks at everything but spam and the members of merges, unless it asks for them."""
    asked = {str(one.value) for one in search.of("is") if not one.negated}
    scope = Q() if "merged" in asked or search.words or search.of("subject") else Q(head__isnull=True)
    return scope if "spam" in asked else scope & ~Q(kept=Conversation.Kept.SPAM)


def _ids(conversations: QuerySet[Conversation], order: Order, cursor: Cursor | None, limit: int) -> list[Cursor]:
    """The sort keys and ids of a page: the ids alone are sorted, the rows are fetched for those on the page."""
    return [
        Cursor(to_micros(key) if isinstance(key, datetime) else int(key), id)
        for key, id in _sorted(conversations, order, cursor)[:limit]
    ]


def _sorted(
    conversations: QuerySet[Conversation], order: Order, cursor: Cursor | None = None
) -> QuerySet[Conversation, tuple[Any, int]]:
    rows = conversations.annotate(key=F(order.key) if isinstance(order.key, str) else order.key)
    field_ = order.key if isinstance(order.key, str) else "key"
    if cursor is not None:
        beyond = Q(**{f"{field_}__lte" if order.descending else f"{field_}__gte": cursor.key})
        seen = Q(**{field_: cursor.key, "pk__gte" if order.descending else "pk__lte": cursor.id})
        rows = rows.filter(beyond).exclude(seen)
    sign = "-" if order.descending else ""
    return rows.order_by(f"{sign}{field_}", f"{sign}pk").values_list("key", "pk")


def _first(view: View, order: Order, member: Member, now: datetime, limit: int) -> list[Cursor]:
    """The same for the beginning of a view, which everybody asks for all the time."""
    if not member.is_active or not member.may_see_customers:
        return []
    kind = view.slug.partition("-")[0]
    statement = _statement(kind, order.slug, member.may_configure, limit, connection.vendor)
    return [Cursor(*row) for row in statement.rows(member.pk, *Moments.at(now), view.team or 0)]


@cache
def _statement(kind: str, order: str, may_configure: bool, limit: int, vendor: str) -> Statement:
    marks = marks_of(*[int] * 6)
    member, *moments, team = map(int, marks)
    person = stand_in(may_configure, member)
    held = Conversation.objects.heads_reachable_by(person).filter(held_by(kind, person, Moments(*moments), team))
    sql, asked = _sorted(held, ORDERS[order])[:limit].query.sql_with_params()
    return Statement.of(sql, asked, marks, every=False)


def _found(
    conversations: QuerySet[Conversation], match: searching.Match, search: Search, member: Member,
    cursor: Cursor | None, order: str, size: int, now: datetime,
) -> Page:  # fmt: skip
    if order == "relevance":
        found = hits.relevant(conversations, match, search, member, size, now)
    else:
        found = hits.newest(conversations, match, search, member, cursor.id if cursor else None, size, now)
    return Page(found.rows, str(Cursor(0, found.before)) if found.before else "", found.partly)

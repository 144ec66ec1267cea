"""What the words of a search find: hits of the index, newest first, as lines; or by relevance over the newest 5,000."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Case, F, Q, QuerySet, When
from django.db.models.expressions import RawSQL

from beforehand.service.lists.lines import Row, excerpt, rows_of
from beforehand.service.models import Conversation, Message
from beforehand.service.search import searching, walking
from beforehand.service.search.query import Search
from beforehand.team.models import Member

PORTIONS = (150, 1350, 3500)
"""Hits that are looked at one after the other until a page is full: 5,000 in all. Mostly the first is enough."""
FEW, FEW_IN_POSTGRESQL = 200, 1000
Hit = tuple[int, int]


class Found(NamedTuple):
    """Lines, the message before which the next page begins (None at the end), and whether older hits were left."""

    rows: list[Row]
    before: int | None = None
    partly: bool = False


def newest(
    conversations: QuerySet[Conversation], match: searching.Match, search: Search, member: Member,
    before: int | None, size: int, now: datetime,
) -> Found:  # fmt: skip
    """The newest conversations that were hit. `conversations`: what the member may reach, narrowed."""
    among = _few(conversations) if search.conditions else None
    best: dict[int, int] = {}
    last = before
    for portion in PORTIONS:
        hits = _hits(match, last, portion, among)
        kept = _wanted(conversations, hits)
        earlier = _shown_before(match, kept, before) if before else set()
        for message, conversation in hits:
            shown = kept.get(conversation)
            if shown is not None and shown not in best and shown not in earlier:
                if len(best) == size:
                    return Found(_lines(best, search, member, now), last)
                best[shown] = message
            last = message
        if len(hits) < portion:
            return Found(_lines(best, search, member, now))
    return Found(_lines(best, search, member, now), last, len(best) < size)


def relevant(
    conversations: QuerySet[Conversation], match: searching.Match, search: Search, member: Member, size: int,
    now: datetime,
) -> Found:  # fmt: skip
    """Of the newest 5,000 hits: the conversations with most of them first, the newer first among equals."""
    hits = _hits(match, None, sum(PORTIONS), _few(conversations) if search.conditions else None)
    kept = _wanted(conversations, hits)
    counts: dict[int, int] = {}
    latest: dict[int, int] = {}
    for message, conversation in hits:
        if conversation in kept:
            shown = kept[conversation]
            counts[shown] = counts.get(shown, 0) + 1
            latest.setdefault(shown, message)
    ranked = sorted(latest.items(), key=lambda one: (-counts[one[0]], -one[1]))[:size]
    return Found(_lines(dict(ranked), search, member, now), None, len(hits) == sum(PORTIONS))


def _few(conversations: QuerySet[Conversation]) -> list[int] | None:
    """The conversations themselves where the conditions leave few: then only their messages are looked at."""
    few = FEW_IN_POSTGRESQL if connection.vendor == "postgresql" else FEW
    ids = list(conversations.order_by().values_list("pk", flat=True)[: few + 1])
    return ids if len(ids) <= few else None


def _hits(match: searching.Match, before: int | None, limit: int, among: Iterable[int] | None) -> list[Hit]:
    """(message, conversation) of the newest hits before a message, of some conversations where `among` names them."""
    if among is not None:
        ids = Message.objects.filter(conversation__in=among).order_by("-pk").values_list("pk", flat=True)[:5000]
        those = ", ".join(str(int(one)) for one in ids) or "null"
        return _read(match._replace(where=f"{match.where} and {match.id} in ({those})"), before, limit)
    if connection.vendor != "postgresql":
        return _read(match, before, limit)
    floor = walking.floor(match, before, limit)
    if floor is not None:
        # “is true” keeps the index of words out, which PostgreSQL would take for a phrase, holding it to be rare.
        above = match._replace(where=f"({match.where}) is true and {match.id} > {floor}")
        if len(found := _read(above, before, limit)) == limit or floor <= 0:
            return found
    return _read(match, before, limit, by_words=True)


def _read(match: searching.Match, before: int | None, limit: int, by_words: bool = False) -> list[Hit]:
    """`by_words`: by the index of words alone, and sorted; not along the ids from the newest on."""
    where, params = match.where, list[Any](match.params)
    if before is not None:
        where, params = f"{where} and {match.id} < %s", [*params, before]
    order = f"{match.id} + 0" if by_words else match.id
    sql = f"""select m.id, m.conversation_id
        from (select {match.id} as id from {match.source} where {where} order by {order} desc limit {limit}) as hit
        join service_message m on m.id = hit.id order by m.id desc"""
    with connection.cursor() as db:
        db.execute(sql, params)
        return [(message, conversation) for message, conversation in db.fetchall()]


def _wanted(conversations: QuerySet[Conversation], hits: Iterable[Hit]) -> dict[int, int]:
    """Of the conversations that were hit: those that are wanted, each with the one that stands for it (its head)."""
    ids = list(dict.fromkeys(conversation for _message, conversation in hits))
    shown = Case(When(head__isnull=True, then=F("pk")), default=F("head_id"))
    found = conversations.order_by().filter(_one_of(ids)).annotate(shown=shown)
    return dict(found.values_list("pk", "shown")) if ids else {}


def _one_of(ids: Sequence[int]) -> Q | RawSQL:
    """Thousands of numbers as one value, of which PostgreSQL sees how many they are; as the same kind of number as the
    ids, or it compares each with each."""
    if connection.vendor != "postgresql":
        return Q(pk__in=ids)
    return RawSQL(f"{Conversation._meta.db_table}.id = any(%s::bigint[])", [list(ids)], BooleanField())  # noqa: S611


def _shown_before(match: searching.Match, kept: dict[int, int], before: int) -> set[int]:
    """Those that an earlier page has shown already: they have a newer hit too."""
    hits = _hits(match, None, 5000, list(kept)) if kept else []
    return {kept[conversation] for message, conversation in hits if message >= before}


def _lines(best: dict[int, int], search: Search, member: Member, now: datetime) -> list[Row]:
    """With the words around the hit instead of the last thing said."""
    rows = rows_of(list(best), member, now)
    texts = dict(Message.objects.filter(pk__in=best.values()).values_list("pk", "text")) if best else {}
    words = searching.terms(search)
    for row in rows:
        row.excerpt = excerpt(texts.get(best.get(row.id, 0), ""), words)
    return rows

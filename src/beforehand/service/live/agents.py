"""The stream of the desk: what changed in conversations that a member may see, who is there, what waits for them.

`conversation` {"conversation", "through", "kind"}, `presence` {"conversation", "who": [...]}, `notification` {}, and
`everything` {} when more changed than is worth naming: then the page asks for itself again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest

from beforehand.service.live import wire
from beforehand.service.live.looking import MOST, Changed, News, Sighted, changed_since
from beforehand.service.live.watching import in_thread, watcher
from beforehand.service.models import Conversation
from beforehand.team.models import Member

PATH = "/desk/stream"
LOOK_AGAIN = 60.0


class Agent:
    """A member's open page. What it has not been sent yet is kept by conversation, so a slow browser costs no more
    than that."""

    def __init__(self, member: Member) -> None:
        self.member, self.reach = member, Reach(member)
        self.wake = asyncio.Event()
        self.changed: dict[int, Changed] = {}
        self.present: dict[int, tuple[Sighted, ...]] = {}
        self.notified = self.everything = False

    def hear(self, told: News) -> None:
        self.changed.update({one.id: one for one in told.changed})
        self.present.update(told.present)
        self.notified = self.notified or self.member.pk in told.told
        if told.everything or len(self.changed) > MOST:
            self.changed, self.everything = {}, True
        self.wake.set()

    def take(self) -> bytes:
        """Everything that waits, as events. The last id is the highest number that all before it is told through."""
        self.wake.clear()
        changed, present, self.changed, self.present = self.changed, self.present, {}, {}
        parts = [wire.event("everything", {})] if self.everything else []
        for one in sorted(changed.values(), key=lambda each: each.through):
            data = {"conversation": one.id, "through": one.through, "kind": one.last_by, "list": "changed"}
            parts.append(wire.event("conversation", data, one.through))
        parts += [wire.event("presence", shown(one, there)) for one, there in present.items()]
        parts += [wire.event("notification", {})] if self.notified else []
        self.notified = self.everything = False
        return b"".join(parts)


def shown(conversation: int, there: Iterable[Sighted]) -> dict[str, Any]:
    """Who is there, as the desk gets it: `who` m:<member> or v:<visitor>."""
    return {"conversation": conversation, "who": [one._asdict() for one in there]}


class Reach:
    """What a member may reach, by the one predicate, as SQL that is made once: the news come ten times a second, for
    every member who listens. Their role is looked at again with their log-in (LOOK_AGAIN); teams and owners are read
    each time."""

    def __init__(self, member: Member) -> None:
        self.is_all = member.may_configure
        self.sql, self.params = (
            Conversation.objects.reachable_by(member).order_by().values("id").query.sql_with_params()
        )

    def among(self, ids: Sequence[int]) -> set[int]:
        if self.is_all or not ids:
            return set(ids)
        numbers = ",".join(str(int(id)) for id in ids)
        with connection.cursor() as cursor:
            cursor.execute(f"select reach.id from ({self.sql}) as reach where reach.id in ({numbers})", self.params)
            return {id for (id,) in cursor.fetchall()}


class Agents:
    """Gives each member the part of the news that they may see."""

    def share(self, news: News, listeners: Iterable[Agent]) -> list[tuple[Agent, News]]:
        ids = [*{*(one.id for one in news.changed), *news.present}]
        told = []
        reach: dict[int, set[int]] = {}
        for agent in listeners:
            member = agent.member
            if member.pk not in reach:
                reach[member.pk] = agent.reach.among(ids)
            within = reach[member.pk]
            changed = tuple(one for one in news.changed if one.id in within)
            present = {one: there for one, there in news.present.items() if one in within}
            is_told = news.told & {member.pk}
            if changed or present or is_told or news.everything:
                told.append((agent, News(changed, present, {}, is_told, news.everything)))
        return told


agents = Agents()


async def application(scope: wire.Scope, receive: wire.Receive, send: wire.Send) -> None:
    headers = dict(scope["headers"])
    if scope["method"] != "GET":
        await wire.refuse(send, 405, "method_not_allowed", "Listen with GET.")
        return
    cookie = headers.get(b"cookie", b"").decode("latin-1")
    member = await in_thread(member_of, cookie)
    if member is None:
        await wire.refuse(send, 401, "not_logged_in", "Log in first.")
    elif not member.may_see_customers:
        await wire.refuse(send, 403, "not_for_your_role", "Your role does not allow this. Ask an owner to change it.")
    else:
        after = wire.number_in(headers.get(b"last-event-id", b""))
        await wire.stream(receive, send, events(member, cookie, after))


async def events(member: Member, cookie: str, after: int = 0) -> AsyncIterator[bytes]:
    """Until the member's log-in or role is not what it was. `after`: what a stream that broke off was told through."""
    agent = Agent(member)
    async with watcher.listening(agent, agents):
        if after:
            agent.hear(await in_thread(missed, member, after))
        checked = time.monotonic()
        while not watcher.is_ending:
            try:
                await asyncio.wait_for(agent.wake.wait(), wire.HEARTBEAT)
                yield agent.take()
            except TimeoutError:
                yield b": still here\n\n"
            if time.monotonic() - checked > LOOK_AGAIN:
                now = await in_thread(member_of, cookie)
                if now is None or now.role != member.role:
                    return
                checked = time.monotonic()


def missed(member: Member, after: int) -> News:
    rows = changed_since(after)
    within = Reach(member).among([row.id for row in rows])
    return News(tuple(row for row in rows[:MOST] if row.id in within), everything=len(rows) > MOST)


def member_of(cookie: str) -> Member | None:
    """Who a session's cookie belongs to, as Django's own log-in would say."""
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if morsel is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    member = get_user(request)
    return member if isinstance(member, Member) and member.is_active else None

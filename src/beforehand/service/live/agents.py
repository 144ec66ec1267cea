"""The stream of the desk: what changed in conversations that a member may see, who is there, what waits for them.

`conversation` {"conversation", "through", "kind"}, `presence` {"conversation", "who": [...]}, `gone` {"conversation"}
when one moved out of the member's reach, `notification` {}, and `everything` {} when more changed than is worth naming:
then the page asks for itself again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from beforehand.service import presence
from beforehand.service.live import wire
from beforehand.service.live.looking import MOST, Changed, News, Sighted, changed_since
from beforehand.service.live.reaching import reached
from beforehand.service.live.watching import in_thread, watcher
from beforehand.team.models import Member

PATH = "/desk/stream"
LOOK_AGAIN = 60.0


class Agents:
    """Gives each member the part of the news that they may see."""

    def share(self, news: News, listeners: Iterable["Agent"]) -> list[tuple["Agent", News]]:
        there = list(listeners)
        ids = {*(one.id for one in news.changed), *news.present}
        reach = reached([agent.member for agent in there], ids)
        told = []
        for agent in there:
            within = reach[agent.member.pk]
            changed = tuple(one for one in news.changed if one.id in within)
            present = {one: who for one, who in news.present.items() if one in within}
            is_told, lost = news.told & {agent.member.pk}, news.moved - within
            if changed or present or is_told or lost or news.everything:
                told.append((agent, News(changed, present, {}, is_told, news.everything, lost)))
        return told


agents = Agents()


class Agent:
    """A member's open page. What it has not been sent yet is kept by conversation, so a slow browser costs no more
    than that."""

    audience = agents

    def __init__(self, member: Member) -> None:
        self.member = member
        self.wake = asyncio.Event()
        self.changed: dict[int, Changed] = {}
        self.present: dict[int, tuple[Sighted, ...]] = {}
        self.gone: set[int] = set()
        self.notified = self.everything = False

    def hear(self, told: News) -> None:
        """`told.moved`: what moved out of the member's reach."""
        self.gone = (self.gone | told.moved) - {one.id for one in told.changed}
        self.changed = {id: one for id, one in self.changed.items() if id not in told.moved}
        self.changed.update({one.id: one for one in told.changed})
        self.present.update(told.present)
        self.notified = self.notified or self.member.pk in told.told
        if told.everything or len(self.changed) > MOST:
            self.changed, self.everything = {}, True
        self.wake.set()

    def take(self) -> bytes:
        """Everything that waits, as events. The last id is the highest number that all before it is told through."""
        self.wake.clear()
        changed, present, gone = self.changed, self.present, sorted(self.gone)
        self.changed, self.present, self.gone = {}, {}, set()
        parts = [wire.event("everything", {})] if self.everything else []
        parts += [said(one) for one in sorted(changed.values(), key=lambda each: each.through)]
        parts += [shown(one, there) for one, there in present.items()]
        parts += [wire.event("gone", {"conversation": one}) for one in gone]
        parts += [wire.event("notification", {})] if self.notified else []
        self.notified = self.everything = False
        return b"".join(parts)


@lru_cache(MOST)
def said(one: Changed) -> bytes:
    """The same for everybody, so it is put together once."""
    data = {"conversation": one.id, "through": one.through, "kind": one.last_by, "list": "changed"}
    return wire.event("conversation", data, one.through)


@lru_cache(MOST)
def shown(conversation: int, there: tuple[Sighted, ...]) -> bytes:
    """Who is there, as the desk gets it: `who` m:<member> or v:<visitor>."""
    return wire.event("presence", {"conversation": conversation, "who": [one._asdict() for one in there]})


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
        after = wire.last_seen(headers.get(b"last-event-id", b""))
        await wire.stream(receive, send, events(member, cookie, after))


async def events(member: Member, cookie: str, after: int = 0) -> AsyncIterator[bytes]:
    """Until the member's log-in or role is not what it was. `after`: what a stream that broke off was told through."""
    agent = Agent(member)
    async with watcher.listening(agent):
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
    within = reached([member], {row.id for row in rows})[member.pk]
    return News(tuple(row for row in rows[:MOST] if row.id in within), everything=len(rows) > MOST)


def member_of(cookie: str) -> Member | None:
    """Who a session's cookie belongs to, as Django's own log-in would say. They are at the desk for some time."""
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if morsel is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    member = get_user(request)
    if not isinstance(member, Member) or not member.is_active:
        return None
    presence.at_desk(member.pk)
    return member

"""What has just come is told to the pages that are open, and only to those."""

import asyncio
import json
from datetime import timedelta

from asgiref.sync import async_to_sync

from beforehand.customers.identity import Claim, identify
from beforehand.journey import live
from beforehand.journey.live import Look, News, Watcher, customers_between, last_number, queue
from beforehand.journey.tests.people import ANA, NOON, happened
from beforehand.journey.views.live import _event
from beforehand.lib.live import Stillness


def test_a_look_finds_what_is_new_since_the_last(db, monkeypatch):
    monkeypatch.setattr(Stillness, "holds", lambda self: False)  # it is silent about this very connection
    happened(ANA, "Before")
    look = Look()
    assert look.news() is None
    happened(ANA, "Now")
    happened(Claim("user_id", "tom", True), "Now")
    news = look.news()
    assert news.through == last_number()
    assert set(news.customers) == set(identify([ANA, Claim("user_id", "tom", True)]).values())
    assert look.news() is None


def test_too_many_customers_are_not_named(db, monkeypatch):
    monkeypatch.setattr(live, "MOST_NAMED", 2)
    for n in range(3):
        happened(Claim("user_id", f"p{n}", True), "Seen")
    assert customers_between(0, last_number()) is None
    happened(ANA, *["Seen"] * 60, start=NOON + timedelta(days=1))
    assert customers_between(0, last_number()) is None


def test_an_event_is_what_a_browser_understands():
    name, data = _event(News(7, [1, 2])).strip().split("\n")
    assert name == "event: touchpoints"
    assert json.loads(data.removeprefix("data: ")) == {"through": 7, "customers": [1, 2]}


def test_everybody_who_listens_hears_and_one_who_sleeps_is_told_to_ask_again():
    watcher = Watcher("live", Look)
    watcher._watch = lambda: None

    async def listen():
        async with watcher.listening(queue()) as one, watcher.listening(queue()) as other:
            watcher._tell(News(1, [5]))
            assert await asyncio.wait_for(one.get(), 1) == News(1, [5])
            for n in range(2, 150):
                watcher._tell(News(n, [5]))
            await asyncio.sleep(0.05)
            last = [other.get_nowait() for _ in range(other.qsize())][-1]
            assert last == News(149, None)
        assert not watcher.listeners

    async_to_sync(listen)()


def test_the_watcher_stops_when_nobody_listens(transactional_db):
    watcher = Watcher("live", Look)

    async def listen():
        async with watcher.listening(queue()):
            await asyncio.sleep(0.05)

    async_to_sync(listen)()
    thread = watcher.thread
    if thread is not None:
        thread.join(5)
    assert watcher.thread is None

"""Why people come to us: what they would have asked anyway, what went wrong, no news, and the same thing again.

What they ask anyway depends on how long ago they ordered, asked for or started something, and on how much they write.
What went wrong adds to that. Everything has its true cause, the need that it is about, and what it goes back to.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.draws import Keys
from beforehand.demo.company.plan import DAY, HOUR, MINUTE, Plan, awake
from beforehand.demo.company.table import Table, places, stacked
from beforehand.demo.company.topics import CAUSE_OF, CHANNELS, KINDS, TOPICS
from beforehand.demo.company.troubles import SORTS

NEW, CHASE, REPEAT = range(3)
NOBODY = np.uint64(0)
CHANNEL_SHARES = dict(zip(CHANNELS, [0.38, 0.27, 0.22, 0.08, 0.05], strict=True))
ANSWERED = np.array([7 * HOUR, 1.5 * MINUTE, 0.6 * MINUTE, 5 * HOUR, 1.0])
ANSWERED_SPREAD = np.array([0.8, 0.5, 0.5, 0.8, 0.0])


class Asking:
    """Makes contacts of things that people have: orders, returns, subscriptions, visits."""

    def __init__(self, plan: Plan, people: Table) -> None:
        self.plan, self.dice, self.people = plan, plan.dice, people

    def ask(
        self,
        purpose: str,
        of: Table,
        share: float,
        since: NDArray[np.float64],
        age: float,
        topic: str | NDArray[Any],
        kind: str,
        need: Keys | None = None,
    ) -> Table:
        """Some of the rows of `of` ask: `share` of them, times how much each writes, at an age with this mean (s)."""
        key = self.dice.keys(f"asks {purpose}", of.key)
        some = self.dice.chance("asks", key, share * self.people.writes[of.customer])
        row, key = of.take(some), key[some]
        topics = np.full(len(key), TOPICS.index(topic)) if isinstance(topic, str) else topic[some]
        needs = self.dice.keys("need unknown", key) if need is None else need[some]
        time = awake(since[some] + self.dice.soon("asks when", key, age))
        return self.contacts(key, row.customer, time, topics, kind, needs, row.number)

    def contacts(
        self,
        key: Keys,
        customer: NDArray[Any],
        time: NDArray[np.float64],
        topic: NDArray[Any],
        kind: str,
        need: Keys,
        number: NDArray[Any],
    ) -> Table:
        size = len(key)
        return Table(
            key=key,
            customer=customer,
            time=time,
            topic=topic.astype(np.int8),
            cause=CAUSE_OF[topic],
            kind=np.full(size, KINDS.index(kind), dtype=np.int8),
            need=need,
            number=number.astype(np.int64),
            root=np.full(size, -1, dtype=np.int8),
            trouble=np.full(size, NOBODY),
            until=np.full(size, -np.inf),
            level=np.full(size, NEW, dtype=np.int8),
            of=np.full(size, NOBODY),
        )

    def pick(self, purpose: str, of: Table, topics: dict[str, float]) -> NDArray[Any]:
        numbers = np.array([TOPICS.index(topic) for topic in topics])
        return numbers[self.dice.pick(purpose, of.key, list(topics.values()))]


def anyway(asking: Asking, life: dict[str, Table]) -> Table:
    """What people ask whether or not anything goes wrong."""
    orders, returns, setup = life["orders"], life["returns"], life["subscriptions"]
    ask, pick = asking.ask, asking.pick
    early = pick("asks early", orders, {"when": 62, "address": 38})
    parts = ask("parts", orders, 0.022, orders.delivered, 2.2 * DAY, "parts", "receive-my-order", orders.need)
    late = parts.time > orders.delivered[places(parts.need, orders.need)] + 7 * DAY
    sooner = ask("early", orders, 0.085, orders.time, 1.4 * DAY, early, "receive-my-order", orders.need)
    later = ask("later", orders, 0.035, orders.time, 4.5 * DAY, "when", "receive-my-order", orders.need)
    visits = life["visits"]
    known = ~asking.people.visitor[visits.customer]
    choosing = visits.take(known & ~visits.store & ~visits.other & (visits.looked > 1))
    questions = pick("asks about", choosing, {"product": 60, "stock": 40})
    wants = choosing.start - 3 * MINUTE
    need = asking.dice.keys("need find-the-right-product", choosing.key)
    unknown = pick("asks at any time", visits, {"use": 62, "thanks": 24, "rights": 14})
    bills, changes, renewals, lost = (life[name] for name in ("invoices", "changes", "renewals", "lockouts"))
    return stacked(
        [
            _as_it_stands(stacked([sooner, later]), orders),
            parts.take(~late),
            ask("how to use", orders, 0.02, orders.delivered, 3 * DAY, "use", "unknown"),
            ask("choosing", choosing, 0.014, wants, 10 * MINUTE, questions, "find-the-right-product", need),
            ask("at any time", visits, 0.008, visits.start, 1 * DAY, unknown, "unknown"),
            ask("returns", returns, 0.10, returns.began, 1.5 * DAY, "return", "return-it", returns.return_need),
            ask("refunds", returns, 0.07, returns.time, 1.5 * DAY, "refund_when", "get-my-money-back", returns.need),
            ask("setting up", setup, 0.11, setup.begins, 0.8 * DAY, "setup_help", "get-set-up", setup.need),
            ask("invoices", bills, 0.022, bills.time, 3 * DAY, "invoice_what", "understand-an-invoice", bills.need),
            ask("changes", changes, 0.12, changes.time, 5 * HOUR, "plan", "change-or-cancel", changes.need),
            ask("renewals", renewals, 0.04, renewals.time, 3 * DAY, "renewal", "renew", renewals.need),
            ask("locked out", lost, 0.20, lost.time + 6 * MINUTE, 0.5 * HOUR, "access", "get-access-back", lost.need),
        ]
    )


def _as_it_stands(contacts: Table, orders: Table) -> Table:
    """Who asks when the parcel comes: late says so; who has it asks for the receipt instead."""
    row = orders.take(places(contacts.need, orders.need))
    late = (row.cause >= 0) & (contacts.time > row.noted) & (contacts.time < row.delivered)
    there = contacts.time >= row.delivered
    topic = np.where(late & (contacts.topic == TOPICS.index("when")), TOPICS.index("late"), contacts.topic)
    topic = np.where(there, TOPICS.index("receipt"), topic).astype(np.int8)
    kept = contacts.set(topic=topic, cause=CAUSE_OF[topic])
    return kept.take(contacts.time < row.delivered + 7 * DAY)


def wrong(asking: Asking, troubles: Table) -> Table:
    """Who writes as something went wrong: not those for whom it is over before, and fewer of those who were told."""
    dice, parts = asking.dice, []
    for number, sort in enumerate(SORTS.values()):
        some = troubles.take(troubles.sort == number)
        key = dice.keys("writes", some.key)
        time = awake(some.time + dice.around("writes when", key, sort.hours * HOUR, sort.spread))
        share = np.minimum(sort.writes * asking.people.writes[some.customer] ** 0.6, 0.95)
        writes = dice.chance("writes", key, share)
        writes &= ~((some.told < time) & dice.chance("reads notice", key, 0.6))
        over = some.until + (DAY if sort.need == "complete-a-purchase" else 0)
        writes &= time < np.where(np.isfinite(some.until), over, some.time + 4 * DAY)
        topic = np.full(len(some), TOPICS.index(sort.topic))
        contacts = asking.contacts(key, some.customer, time, topic, sort.need, some.need, some.number)
        contacts = contacts.set(root=some.cause, trouble=some.key, until=some.until)
        parts.append(contacts.take(writes))
    return stacked(parts)


def once_more(asking: Asking, contacts: Table, troubles: Table) -> Table:
    """Chases of what nobody answered or what still goes on, and the same thing again after an answer."""
    dice = asking.dice
    again = np.array([*(sort.again for sort in SORTS.values()), 0.0])
    sort = np.append(troubles.sort, len(SORTS))
    share = again[sort[places(contacts.trouble, troubles.key)]]
    parts, waiting = [], contacts.set(share=share)
    for turn, factor in enumerate([1.0, 0.6]):
        key = dice.keys(f"news {turn}", waiting.key)
        time = awake(waiting.time + dice.between("news when", key, 1.1 * DAY, 3.0 * DAY))
        asks = dice.chance("news", key, factor * waiting.share) & (time < waiting.until)
        child = _child(waiting, key, time, CHASE, TOPICS.index("chase")).take(asks)
        parts.append(child)
        waiting = child
    key = dice.keys("unanswered", contacts.key)
    time = awake(contacts.time + dice.between("unanswered when", key, 15 * HOUR, 30 * HOUR))
    asks = dice.chance("unanswered", key, 0.35) & (time < contacts.answered)
    parts.append(_child(contacts.set(share=share), key, time, CHASE, TOPICS.index("chase")).take(asks))
    key = dice.keys("again", contacts.key)
    time = awake(contacts.answered + dice.around("again when", key, 1.4 * DAY, 0.5))
    asks = dice.chance("again", key, 0.09)
    parts.append(_child(contacts.set(share=share), key, time, REPEAT, None).take(asks))
    return stacked(
        [Table(**{name: part.columns[name] for name in contacts.columns if name not in SERVED}) for part in parts]
    )


SERVED = ("channel", "answered", "closed")


def _child(of: Table, key: Keys, time: NDArray[np.float64], level: int, topic: int | None) -> Table:
    topics = of.topic if topic is None else np.full(len(of), topic, dtype=np.int8)
    levels = np.full(len(of), level, dtype=np.int8)
    return of.set(key=key, time=time, level=levels, of=of.key, topic=topics, cause=CAUSE_OF[topics])


def served(asking: Asking, contacts: Table) -> Table:
    """Through which channel, and when somebody answers."""
    dice, key = asking.dice, contacts.key
    channel = dice.pick("channel", key, list(CHANNEL_SHARES.values()))
    spread = np.exp(ANSWERED_SPREAD[channel] * dice.normal("answer", key))
    answered = contacts.time + ANSWERED[channel] * spread
    closed = np.maximum(answered, contacts.until) + dice.around("closes", key, 8 * MINUTE, 0.8)
    closed = np.where(closed > contacts.time + 10 * DAY, answered + HOUR, closed)
    closed = np.where(dice.chance("closed", key, 0.9), closed, np.inf)
    return contacts.set(channel=channel.astype(np.int8), answered=answered, closed=closed)


def contacts(plan: Plan, people: Table, life: dict[str, Table], troubles: Table) -> Table:
    """Every contact of the company, oldest first."""
    asking = Asking(plan, people)
    first = served(asking, stacked([anyway(asking, life), wrong(asking, troubles)]))
    again = served(asking, once_more(asking, first, troubles))
    everything = stacked([first, again])
    inside = (everything.time >= 0) & (everything.time < plan.length)
    everything = everything.take(inside)
    return everything.take(np.lexsort((everything.key, everything.time)))

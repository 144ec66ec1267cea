"""What of a company's life gets into its log, and what is lost on the way."""

from typing import Any

import numpy as np

from beforehand.demo.company import access, orders, returns, subscriptions, texts, visits
from beforehand.demo.company.log import Log
from beforehand.demo.company.plan import Plan
from beforehand.demo.company.table import Table
from beforehand.demo.company.topics import ANSWER_NAMES, CHANNELS, CONTACT_NAMES, KINDS
from beforehand.demo.company.troubles import SORT_NAMES, SORTS

CLIENT = {"Page Viewed", "Products Searched", "Product Viewed", "Guide Read", "Cart Viewed", "Article Viewed"}
"""Touchpoints that a blocker in the browser keeps from being sent."""
ANSWERED_IN_WRITING = [channel in texts.WRITTEN for channel in CHANNELS]
SCANS = {"Order Shipped", "Order Delivered"}
BLOCKED, NOT_SCANNED = 0.5, 0.003
NUMBERED = {kind: f"{what}_id" for kind, what in texts.NAMED.items()}
"""By which number people speak of a need."""


def tell(plan: Plan, log: Log, people: Table, life: dict[str, Table], troubles: Table, contacts: Table) -> list[str]:
    """Write the log, and give its texts: those of the contacts, then those of the answers to them."""
    visits.tell(plan, log, people, life["visits"])
    orders.tell_checkouts(plan, log, _on_device(people, life["checkouts"]))
    orders.tell(plan, log, life["orders"])
    returns.tell(plan, log, life["returns"])
    subscriptions.tell(plan, log, life["subscriptions"])
    subscriptions.tell_invoices(plan, log, life["invoices"])
    subscriptions.tell_changes(log, life["changes"], life["renewals"])
    access.tell(plan, log, life["lockouts"])
    access.tell_noise(plan, log, people, life["visits"])
    _tell_notices(log, troubles)
    _tell_leaving(plan, log, people)
    return _tell_contacts(plan, log, people, life, contacts)


def _on_device(people: Table, checkouts: Table) -> Table:
    return checkouts.set(app=people.app[checkouts.customer])


def _tell_notices(log: Log, troubles: Table) -> None:
    for number, (name, sort) in enumerate(SORTS.items()):
        some = troubles.take((troubles.sort == number) & (troubles.told < troubles.until))
        of = NUMBERED.get(sort.need)
        about = np.full(len(some), SORT_NAMES.index(name), dtype=np.int8)
        more: dict[str, Any] = {of: some.number} if of else {}
        log.add("Notice Sent", some, some.told, channel="email", actor="company", about=about, **more)


def _tell_leaving(plan: Plan, log: Log, people: Table) -> None:
    gone = people.take(np.isfinite(people.leaves) & plan.dice.chance("closes account", people.key, 0.5))
    log.add("Account Closed", gone, gone.leaves, place="/account")


def _tell_contacts(plan: Plan, log: Log, people: Table, life: dict[str, Table], contacts: Table) -> list[str]:
    dice = plan.dice
    named = dice.chance("names number", contacts.key, 0.5)
    written, answered = texts.written(plan, people, life, contacts, named)
    numbers = {}
    for name in dict.fromkeys(NUMBERED.values()):
        kinds = [KINDS.index(kind) for kind, of in NUMBERED.items() if of == name]
        numbers[name] = np.where(named & np.isin(contacts.kind, kinds), contacts.number, -1)
    text = np.arange(len(contacts), dtype=np.int32)
    for number, name in enumerate(CONTACT_NAMES):
        here = contacts.channel == number
        some, channel = contacts.take(here), CHANNELS[number]
        more: dict[str, Any] = {key: values[here] for key, values in numbers.items()}
        log.add(name, some, some.time, channel=channel, text=text[here], **more)
        said = np.where(ANSWERED_IN_WRITING[number], text[here] + len(contacts), -1)
        log.add(ANSWER_NAMES[number], some, some.answered, channel=channel, actor="company", text=said, **more)
        log.add("Case Resolved", some, some.closed, channel=channel, actor="company", **more)
    return [*written, *answered]


def lose(plan: Plan, people: Table, touchpoints: Table, words: dict[str, list[str]]) -> Table:
    """Mark what never reaches the log: what browsers block, and parcels that are handed over without a scan."""
    names = words["name"]
    client = np.isin(touchpoints.name, [names.index(name) for name in CLIENT if name in names])
    scans = np.isin(touchpoints.name, [names.index(name) for name in SCANS if name in names])
    share = np.where(client & people.blocks[touchpoints.customer], BLOCKED, 0.0)
    share = np.where(scans, NOT_SCANNED, share)
    return touchpoints.set(lost=plan.dice.chance("lost", touchpoints.key, share))

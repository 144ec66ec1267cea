"""A company into the record, by the same verbs as anything else."""

import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime

import numpy as np
from django.db import transaction

from beforehand.customers.identity import Claim, Link, belong, connect, describe, identify
from beforehand.customers.models import Edge
from beforehand.demo.company.files import identifier, micros
from beforehand.demo.company.life import Company
from beforehand.demo.company.log import DEVICE, USER
from beforehand.demo.company.meanings import MEANINGS
from beforehand.demo.company.people import COMPANY_NAMES, FIRST_NAMES, LAST_NAMES, PLATFORMS, REGIONS
from beforehand.demo.company.properties import dictionaries
from beforehand.demo.company.table import Table
from beforehand.journey import catalogue, journeys, lake
from beforehand.journey.models import Source
from beforehand.journey.needs import baselines
from beforehand.journey.needs import projection as needs
from beforehand.journey.promises import projection as promises
from beforehand.journey.record import Row, record
from beforehand.lib.fields import to_micros

SOURCE = "Demo company"


def load(company: Company, received: datetime, until: float = np.inf) -> int:
    """Put the company into the record, and give the number of its touchpoints. A second time adds nothing.

    A touchpoint's message id is its key in hexadecimal digits, so that each can be found again. What happens from
    `until` on (seconds) is left out, so that what the record foretells can be held against what came.
    """
    log = company.touchpoints.take(~company.touchpoints.lost & (company.touchpoints.time < until))
    with transaction.atomic():
        source, _ = Source.objects.get_or_create(name=SOURCE, defaults={"kind": Source.Kind.SERVER})
        ids = _know(company, log)
        added = record(_rows(company, log, ids, source, to_micros(received)))
    journeys.follow()
    lake.seal()
    catalogue_names(set(company.words["name"]))
    needs.follow()
    if baselines.learn():
        needs.follow()
    promises.follow()
    return added


def catalogue_names(names: set[str]) -> None:
    """Say what the names mean where the starter catalogue says otherwise or nothing."""
    known = {entry.name: (entry.label, entry.stage, entry.kind) for entry in catalogue.in_force()}
    for name, meaning in MEANINGS.items():
        if name in names and known.get(name) != meaning:
            catalogue.correct(name, None, label=meaning.label, stage=meaning.stage, kind=meaning.kind)


def _know(company: Company, log: Table) -> dict[tuple[int, int], int]:
    """The identifiers of everybody in the log by (customer, seen), with names, companies, and devices that log in."""
    pairs = sorted(set(zip(log.customer.tolist(), log.seen.tolist(), strict=True)))
    claims = {pair: _claim(*pair) for pair in pairs}
    known = identify(claims.values())
    ids = {pair: known[claim] for pair, claim in claims.items()}
    first = dict(zip(*_first_seen(company, log), strict=True))
    links, traits, members = [], [], []
    for customer, seen in pairs:
        time = first[customer, seen]
        if seen == USER:
            traits.append((ids[customer, seen], time, _traits(company.people, customer)))
            if (number := int(company.people.company[customer])) >= 0:
                members.append((ids[customer, seen], COMPANY_NAMES[number], time, {"name": COMPANY_NAMES[number]}))
        elif seen == DEVICE and (customer, USER) in ids:
            together = Link(
                ids[customer, USER], ids[customer, DEVICE], True, Edge.Strength.SENT, time, "logged in at the checkout"
            )
            links.append(together)
    describe(traits)
    belong(members)
    connect(links)
    return ids


def _first_seen(company: Company, log: Table) -> tuple[list[tuple[int, int]], list[int]]:
    _, rows = np.unique(log.customer.astype(np.int64) * 3 + log.seen, return_index=True)
    pairs = list(zip(log.customer[rows].tolist(), log.seen[rows].tolist(), strict=True))
    return pairs, micros(company, log.time[rows]).tolist()


def _claim(customer: int, seen: int) -> Claim:
    return Claim("user_id" if seen == USER else "anonymous_id", identifier(customer, seen), True)


def _traits(people: Table, customer: int) -> dict[str, str]:
    first, last = FIRST_NAMES[people.first_name[customer]], LAST_NAMES[people.last_name[customer]]
    number = int(people.company[customer])
    host = COMPANY_NAMES[number].lower().replace(" & ", "-").replace(" ", "-") if number >= 0 else "mail"
    return {
        "name": f"{first} {last}",
        "email": f"{_plain(first)}.{_plain(last)}.{customer}@{host}.example",
        "region": REGIONS[people.region[customer]],
        "platform": PLATFORMS[people.platform[customer]],
    }


def _plain(name: str) -> str:
    """A name in letters that every mail server takes."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in letters.lower() if letter.isalnum())


def _rows(
    company: Company, log: Table, ids: dict[tuple[int, int], int], source: Source, received: int
) -> Iterator[Row]:
    words = company.words
    rows = zip(
        log.key.tolist(),
        log.customer.tolist(),
        log.seen.tolist(),
        micros(company, log.time).tolist(),
        *(log.columns[word].tolist() for word in ("name", "channel", "place", "actor")),
        dictionaries(company.plan, company.texts, log),
        strict=True,
    )
    for key, customer, seen, time, name, channel, place, actor, properties in rows:
        yield Row(
            source=source.pk,
            message_id=f"{key:016x}",
            identifier=ids[customer, seen],
            name=words["name"][name],
            time=time,
            received=received,
            channel=words["channel"][channel],
            place=words["place"][place],
            actor=words["actor"][actor],
            properties=json.dumps(properties, ensure_ascii=False),
        )

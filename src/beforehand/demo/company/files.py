"""A company as files: the touchpoints that `beforehand import` reads, and the truth beside them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from beforehand.demo.company.life import Company
from beforehand.demo.company.log import DEVICE, USER
from beforehand.demo.company.properties import NAMES, column, words
from beforehand.demo.company.stuck import STEPS
from beforehand.demo.company.table import Table
from beforehand.demo.company.topics import CAUSES_OF_CONTACT, CHANNELS, KINDS, TOPICS
from beforehand.demo.company.troubles import CAUSE_NAMES, SORT_NAMES
from beforehand.demo.company.truth import truth

LEVELS = ["new", "chase", "repeat"]


def write(company: Company, folder: Path) -> dict[str, Any]:
    """Write touchpoints.parquet, truth.json, and the rows behind it as Parquet; give what truth.json holds."""
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(touchpoints(company), folder / "touchpoints.parquet")
    for name, table in (("contacts", contacts(company)), ("needs", needs(company)), ("stuck", stuck(company))):
        parquet.write_table(table, folder / f"{name}.parquet")
    parquet.write_table(troubles(company), folder / "troubles.parquet")
    told = truth(company)
    (folder / "truth.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return told


def kinds(company: Company) -> str:
    """The kinds of need that occur, as YAML. It takes the ready-made ones, and so needs Django to be set up."""
    from beforehand.journey.needs.keeping import ready_made
    from beforehand.journey.needs.reading import write_yaml

    used = {KINDS[number] for number in np.unique(company.needs.kind)}
    return str(write_yaml([kind for kind in ready_made() if kind.kind in used]))


def touchpoints(company: Company) -> pa.Table:
    """What reached the log, by time: customer, name, time, channel, place, actor and one column a property.

    A device stands for itself only where nobody ever logged in on it, since a file cannot say whose it is.
    """
    log = company.touchpoints.take(~company.touchpoints.lost)
    joined = (log.seen == DEVICE) & np.isin(log.customer, log.customer[log.seen == USER])
    columns = {
        "customer": identifiers(log.customer, np.where(joined, USER, log.seen)),
        "name": words(log.name, company.words["name"]),
        "time": pa.array(micros(company, log.time), pa.timestamp("us", "UTC")),
    }
    columns |= {word: words(log.columns[word], company.words[word]) for word in ("channel", "place", "actor")}
    columns |= {name: column(company.plan, company.texts, log, name) for name in NAMES if name in log.columns}
    return pa.table(columns)


def identifiers(customer: NDArray[np.int32], seen: NDArray[np.int8]) -> pa.Array:
    """As whom somebody is seen: cust-… logged in, device-… before, other-… on a device that is never joined."""
    people = int(customer.max(initial=-1)) + 1
    names = [identifier(number, as_whom) for as_whom in range(3) for number in range(people)]
    return words(customer + people * seen.astype(np.int32), names)


def identifier(customer: int, seen: int) -> str:
    if seen == USER:
        return f"cust-{10_000 + customer}"
    return f"device-{customer:05x}" if seen == DEVICE else f"other-{customer:05x}"


def micros(company: Company, time: NDArray[np.float64]) -> NDArray[np.int64]:
    """Microseconds since 1970."""
    return np.asarray((time * 1e6).astype(np.int64) + int(company.plan.start.timestamp()) * 1_000_000)


def contacts(company: Company) -> pa.Table:
    """Every contact with its true cause, the need it is about, and what it goes back to."""
    asked = company.asked
    return pa.table(
        {
            "key": asked.key,
            "customer": identifiers(asked.customer, np.zeros(len(asked), dtype=np.int8)),
            "time": pa.array(micros(company, asked.time), pa.timestamp("us", "UTC")),
            "channel": words(asked.channel, CHANNELS),
            "topic": words(asked.topic, TOPICS),
            "cause": words(asked.cause, CAUSES_OF_CONTACT),
            "level": words(asked.level, LEVELS),
            "of": _known(asked.of),
            "need": asked.need,
            "kind": words(asked.kind, KINDS),
            "number": pa.array(asked.number, mask=asked.number < 0),
            "root": words(asked.root, CAUSE_NAMES),
            "trouble": _known(asked.trouble),
            "text": pa.array(company.texts[: len(asked)]),
        }
    )


def needs(company: Company) -> pa.Table:
    made = company.needs
    return pa.table(
        {
            "key": made.key,
            "kind": words(made.kind, KINDS),
            "customer": identifiers(made.customer, np.zeros(len(made), dtype=np.int8)),
            "number": pa.array(made.number, mask=made.number < 0),
            "opened": _moments(company, made.opened),
            "met": _moments(company, made.met),
            "abandoned": _moments(company, made.abandoned),
            "contacts": made.contacts,
            "first_contact": _moments(company, made.first_contact),
            "beforehand": pa.array(made.beforehand == 1, mask=made.beforehand < 0),
        }
    )


def stuck(company: Company) -> pa.Table:
    made = company.stuck
    return pa.table(
        {
            "need": made.key,
            "kind": words(made.kind, KINDS),
            "customer": identifiers(made.customer, np.zeros(len(made), dtype=np.int8)),
            "number": made.number,
            "step": words(made.step, STEPS),
            "start": _moments(company, made.start),
            "end": _moments(company, made.end),
            "cause": words(made.cause, CAUSE_NAMES),
        }
    )


def troubles(company: Company) -> pa.Table:
    made = company.troubles
    return pa.table(
        {
            "key": made.key,
            "customer": identifiers(made.customer, np.zeros(len(made), dtype=np.int8)),
            "sort": words(made.sort, SORT_NAMES),
            "cause": words(made.cause, CAUSE_NAMES),
            "time": _moments(company, made.time),
            "until": _moments(company, made.until),
            "told": _moments(company, made.told),
            "need": made.need,
            "number": made.number,
        }
    )


def _known(keys: Table | NDArray[np.uint64]) -> pa.Array:
    return pa.array(keys, mask=keys == 0)


def _moments(company: Company, time: NDArray[np.float64]) -> pa.Array:
    never = ~np.isfinite(time)
    return pa.array(micros(company, np.where(never, 0, time)), pa.timestamp("us", "UTC"), mask=never)

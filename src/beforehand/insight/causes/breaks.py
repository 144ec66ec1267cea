"""Excess contacts among the breaks of a report: a place where the journey goes wrong so that people have to ask."""

from typing import Any

from beforehand.insight.breaks.found import Found
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.storing import of_snapshot
from beforehand.insight.causes.words import sentence


def excess_contacts(reader: Any, after: int = 0) -> list[Found]:
    """The causes that are blamed, as breaks with ranks after so many others."""
    labels = dict(reader.db.execute("select name, label from catalogue").fetchall())
    found = of_snapshot(reader).found
    return [as_break(one, labels, after + rank) for rank, one in enumerate(found, 1)]


def as_break(one: Cause, labels: dict[str, str], rank: int) -> Found:
    """`value` and its interval are attributable contacts, `baseline` those that would have come anyway."""
    key, value = one.where[0] if one.where else ("", "")
    return Found(
        kind="excess",
        name=one.name,
        to="",
        segment=f"{key}={value}" if key else "",
        start=one.start,
        end=one.end,
        value=one.value,
        low=one.low,
        high=one.high,
        unit="count",
        baseline=one.expected,
        customers=one.customers,
        n=round(one.victims),
        p=one.p,
        sentence=sentence(one, labels),
        rank=rank,
        excess=one.value,
        measure="excess",
    )

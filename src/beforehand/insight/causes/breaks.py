"""Excess contacts among the breaks of a report: a place where the journey goes wrong so that people have to ask."""

from collections.abc import Mapping
from typing import Any

from beforehand.insight.breaks.found import Found
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.storing import of_snapshot
from beforehand.insight.causes.words import sentence
from beforehand.team.models import Workspace

EXCESS = "excess"


def excess_contacts(reader: Any) -> list[Found]:
    """The causes that are blamed, as breaks, the largest first."""
    labels = dict(reader.db.execute("select name, label from catalogue").fetchall())
    currency = Workspace.own().currency
    return [as_break(one, labels, currency) for one in of_snapshot(reader).found]


def as_break(one: Cause, labels: Mapping[str, str], currency: str) -> Found:
    """`value` and its interval are attributable contacts, `baseline` those that would have come anyway."""
    key, value = one.where[0] if one.where else ("", "")
    return Found(
        kind=EXCESS,
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
        sentence=sentence(one, labels, currency),
        rank=one.rank,
        excess=one.value,
        measure=EXCESS,
    )

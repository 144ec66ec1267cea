"""Traced needs and contacts as rows: of the record, and of the fact tables in the lake."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from beforehand.journey.lake.fact_tables import Facts
from beforehand.journey.needs.book import Book
from beforehand.journey.needs.shapes import StepTrace, Traced

NEED = (
    "id",
    "customer_id",
    "kind",
    "version",
    "key",
    "opened",
    "opened_by",
    "step",
    "step_since",
    "steps",
    "stuck_at",
    "met",
    "met_by",
    "how",
    "abandoned",
    "first_trouble",
    "trouble",
    "contacts",
    "first_contact",
    "noticed_by",
    "lead",
    "excluded",
)
CONTACT = (
    "id",
    "customer_id",
    "time",
    "name",
    "channel",
    "need",
    "linked_by",
    "cause",
    "probability",
    "origin",
    "origin_name",
    "origin_step",
    "repeat_of",
    "owner",
    "evidence",
    "overruled_by",
)
NOT_IN_THE_LAKE = {"steps", "trouble", "evidence"}
of_need, of_contact = (
    itemgetter(*(place for place, name in enumerate(columns) if name not in NOT_IN_THE_LAKE))
    for columns in (NEED, CONTACT)
)
encode = msgspec.json.Encoder().encode
Row = tuple[Any, ...]


class Rows(NamedTuple):
    """The rows of one or more customers, in the order of `NEED` and `CONTACT`."""

    needs: list[Row]
    contacts: list[Row]


def add_rows(rows: Rows, customer: int, traced: Traced, book: Book) -> None:
    """Add a customer's rows."""
    ids = [book.id_of(need) for need in traced.needs]
    for id, need in zip(ids, traced.needs, strict=True):
        rows.needs.append(
            (
                id,
                customer,
                need.kind,
                need.version,
                need.key,
                need.opened,
                need.opened_by,
                need.step,
                need.step_since,
                encode(need.steps).decode(),
                need.stuck_at,
                need.met,
                need.met_by,
                need.how,
                need.abandoned,
                need.first_trouble,
                encode(need.trouble).decode() if need.trouble else "[]",
                need.contacts,
                need.first_contact,
                need.noticed_by,
                need.lead,
                need.excluded,
            )
        )
    for one in traced.contacts:
        rows.contacts.append(
            (
                one.touchpoint,
                customer,
                one.time,
                one.name,
                one.channel,
                ids[one.need],
                one.linked_by,
                one.cause,
                one.probability,
                one.origin,
                one.origin_name,
                one.origin_step,
                one.repeat_of,
                one.owner,
                encode(one.evidence).decode(),
                one.overruled_by,
            )
        )


def facts_of(rows: Rows, steps: Iterable[list[StepTrace]]) -> Facts:
    """The same rows as the lake's fact tables have them; `steps`: those of each need."""
    stays = [list(map(astuple, stays)) for stays in steps]
    return Facts(list(map(of_need, rows.needs)), stays, list(map(of_contact, rows.contacts)))

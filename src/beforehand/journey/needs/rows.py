"""Traced needs and contacts as rows: of the record, and of the fact tables in the lake."""

from typing import Any, NamedTuple

import msgspec

from beforehand.journey.lake.fact_files import Facts
from beforehand.journey.needs.book import Book
from beforehand.journey.needs.shapes import NeedTrace, StepTrace, Traced

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
encode = msgspec.json.Encoder().encode
Row = tuple[Any, ...]


class Rows(NamedTuple):
    """The rows of one or more customers, in the order of `NEED` and `CONTACT`."""

    needs: list[Row]
    contacts: list[Row]


def add_rows(rows: Rows, customer: int, traced: Traced, book: Book, stays: list[Row] | None = None) -> None:
    """Add a customer's rows; and where `stays` is given, to it those of the lake's table `need_steps`."""
    ids = [book.id_of(need) for need in traced.needs]
    if stays is not None:
        for id, need in zip(ids, traced.needs, strict=True):
            stays += [
                (id, customer, need.kind, one.step, position, *_facts(one), need.version)
                for position, one in enumerate(need.steps)
            ]
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
                steps_text(need),
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


def steps_text(need: NeedTrace) -> str:
    """Steps as JSON: [step, entered, left, by, outcome, loops, stuck_at] each."""
    return encode([(one.step, *_facts(one)) for one in need.steps]).decode()


def _facts(stay: StepTrace) -> Row:
    return stay.entered, stay.left, stay.by, stay.outcome, stay.loops, stay.stuck_at


def facts_of(rows: Rows, stays: list[Row]) -> Facts:
    """The same rows as the lake's fact tables have them."""
    needs = [(*row[:9], *row[10:16], *row[17:]) for row in rows.needs]
    return Facts(needs, stays, [(*row[:14], row[15]) for row in rows.contacts])

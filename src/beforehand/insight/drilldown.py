"""Which customers are behind a number: those with a touchpoint, a step from one to the next, or struck by a break.

?name=Order+Completed                the touchpoint
?name=Cart+Viewed&then=Help+Opened   the step
?break=12                            a break of a scan
?days=28, ?from=&to=, ?segment=      within the period and the segment of the boards
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from beforehand.insight import filters
from beforehand.insight.breaks.affected import affected
from beforehand.insight.breaks.found import Found
from beforehand.insight.filters import Filter
from beforehand.insight.models import Break
from beforehand.insight.segments import Segment, among, of_contacts, where
from beforehand.insight.shown import Shown
from beforehand.journey import lake
from beforehand.journey.contact_list import Within
from beforehand.journey.listing import Chosen
from beforehand.journey.promised import Within as PromisesWithin
from beforehand.lib.text import number_in
from beforehand.team.models import Workspace

PICKED = {"days", "from", "to", "segment"}
ASKING = {"name", "then", "break"} | PICKED
Place = tuple[int, int] | None


def customers(asked: Mapping[str, str], before: Place, limit: int) -> Chosen | None:
    """A page of those whom an address picks out, the latest first; nothing when it picks nobody out."""
    if not ASKING & {key for key, value in asked.items() if value}:
        return None
    with lake.reader() as reader:
        if number := number_in(asked.get("break", "")):
            struck = Break.objects.filter(pk=number).first()
            return _of_break(reader, struck, before, limit) if struck else _nobody()
        return _of_names(reader, asked, before, limit)


def contacts(asked: Mapping[str, str], reader: Any) -> Within | None:
    """The days and the segment that an address asks for, as a condition on contacts; nothing where it asks for none."""
    if not PICKED & {key for key, value in asked.items() if value}:
        return None
    chosen = filters.of(dict(asked), reader, datetime.now(Workspace.own().tzinfo).date())
    sql, values = "c.day between $start and $end", {"start": chosen.start, "end": chosen.end}
    if chosen.segment:
        inside, more = of_contacts(chosen.segment)
        sql, values = f"{sql} and {inside}", {**values, **more}
    return Within(sql, values, _about(chosen))


def promises(asked: Mapping[str, str]) -> PromisesWithin | None:
    """The same for promises, which lie in the record: made in these days, to customers of the segment."""
    if not PICKED & {key for key, value in asked.items() if value}:
        return None
    zone = Workspace.own().tzinfo
    with lake.reader() as reader:
        chosen = filters.of(dict(asked), reader, datetime.now(zone).date())
    start, end = (datetime.combine(day, time(), zone) for day in (chosen.start, chosen.end + timedelta(days=1)))
    of_segment = partial(_of_segment, chosen.segment) if chosen.segment else None
    return PromisesWithin(start, end, of_segment, _about(chosen))


def _of_segment(segment: Segment, customers: set[int]) -> set[int]:
    with lake.reader() as reader:
        return among(reader, segment, customers)


def _nobody() -> Chosen:
    return Chosen(_("This break is of an earlier scan, which is no longer kept"), [], [], 0)


def _of_break(reader: Any, struck: Break, before: Place, limit: int) -> Chosen:
    found = Found.from_dict(struck.payload)
    people = affected(found, reader)
    rows = _page(reader, "list_contains(?, customer)", [people], before, limit)
    about = [Shown(struck.pk, found).when, *([found.segment.replace("=", ": ", 1)] if found.segment else [])]
    return Chosen(found.sentence, about, rows, len(people))


def _of_names(reader: Any, asked: Mapping[str, str], before: Place, limit: int) -> Chosen:
    chosen = filters.of(dict(asked), reader, datetime.now(Workspace.own().tzinfo).date())
    parameters: list[Any] = [chosen.start, chosen.end]
    condition = "day between ? and ?"
    if chosen.segment:
        in_segment, values = where(chosen.segment)
        condition, parameters = f"{condition} and {in_segment}", [*parameters, *values]
    name, then = asked.get("name", ""), asked.get("then", "")
    if name and then:
        condition, parameters = f"{condition} and previous = ? and name = ?", [*parameters, name, then]
    elif name:
        condition, parameters = f"{condition} and name = ?", [*parameters, name]
    count = f"select count(distinct customer) from touchpoints where {condition}"
    (total,) = reader.db.execute(count, parameters).fetchone()
    rows = _page(reader, condition, parameters, before, limit)
    return Chosen(_title(reader, name, then), _about(chosen), rows, total)


def _page(reader: Any, condition: str, parameters: list[Any], before: Place, limit: int) -> list[tuple[int, int]]:
    """(customer, microseconds of the last such touchpoint), from `before` on."""
    after = "having (last, customer) < (?, ?)" if before else ""
    return reader.db.execute(
        f"""select customer, epoch_us(max(time)) as last from touchpoints where {condition}
            group by customer {after} order by last desc, customer desc limit ?""",
        [*parameters, *(before or ()), limit],
    ).fetchall()


def _about(chosen: Filter) -> list[str]:
    return [chosen.label, *([chosen.segment_label] if chosen.segment else [])]


def _title(reader: Any, name: str, then: str) -> str:
    labels = dict(reader.db.execute("select name, label from catalogue where name in (?, ?)", [name, then]).fetchall())
    first, second = labels.get(name, name), labels.get(then, then)
    if name and then:
        return _("Customers who went from “%(first)s” to “%(second)s”") % {"first": first, "second": second}
    return _("Customers with “%(first)s”") % {"first": first} if name else _("Customers who were seen")

"""The rows of `Promise`: they follow the record with a cursor, and rows and cursor move in one transaction.

A customer's promises are a function of all their touchpoints, so a late one, a merge or its undoing gives what order
would have given. Only customers to whom something was promised are looked at.
"""

import json
import time as clock
from collections.abc import Collection, Iterable

from django.db import connection, transaction

from beforehand.journey.models import ProjectionCursor, Promise, Touchpoint
from beforehand.journey.needs.definition import Evidence
from beforehand.journey.needs.shapes import Moment
from beforehand.journey.promises.rules import in_force
from beforehand.journey.promises.tracing import BROKEN, OPEN, VERBS, PromiseTrace, Rules, evidence_in, promises_of
from beforehand.lib.bus import emit
from beforehand.lib.fields import from_micros
from beforehand.lib.rows import batches, relation

CURSOR = "promises"
STEP = 500_000
CUSTOMERS_AT_ONCE = 2_000

CUSTOMERS = """
    SELECT DISTINCT identifier.customer_id
    FROM journey_touchpoint AS touchpoint
    JOIN customers_identifier AS identifier ON identifier.id = touchpoint.identifier_id
    WHERE touchpoint.id > %s AND touchpoint.id <= %s AND touchpoint.name IN ({names})
"""
MOMENTS = """
    SELECT identifier.customer_id, touchpoint.id, touchpoint.time, touchpoint.name, touchpoint.properties
    FROM {customers} AS given
    JOIN customers_identifier AS identifier ON identifier.customer_id = given.id
    JOIN journey_touchpoint AS touchpoint ON touchpoint.identifier_id = identifier.id
    WHERE touchpoint.name IN ({names})
    ORDER BY identifier.customer_id, touchpoint.time, touchpoint.id
"""


def follow(now: int | None = None) -> int:
    """Catch up with the record, mark what has become due, and give how many customers were looked at again."""
    rules = Rules(in_force())
    seen = 0
    while (step := _follow_step(rules)) is not None:
        seen += step
    mark_due(now)
    return seen


def changed_hands(customers: Collection[int]) -> None:
    """Touchpoints moved among these customers.

    Where none of them was promised anything that is known, nothing moves; what is not known yet is found by `follow`,
    under its new owner.
    """
    if any(Promise.objects.filter(customer__in=part).exists() for part in batches(sorted(customers), 500)):
        refresh(customers)


def refresh(customers: Collection[int]) -> None:
    """Work out the promises to these customers again, from all that is recorded."""
    rules = Rules(in_force())
    with transaction.atomic():
        _cursor()
        for part in batches(sorted(customers), CUSTOMERS_AT_ONCE):
            _trace_again(part, rules)


def rebuild() -> int:
    """Forget all rows and follow the whole record again; how many customers were looked at."""
    with transaction.atomic():
        cursor = _cursor()
        Promise.objects.all().delete()
        cursor.sequence = 0
        cursor.save()
    return follow()


def begin_again() -> None:
    """Let the next `follow` look at everybody again: the rules have changed."""
    with transaction.atomic():
        cursor = _cursor()
        cursor.sequence = 0
        cursor.save()


def mark_due(now: int | None = None) -> int:
    """What is open and has become due is broken from now on; how many."""
    moment = from_micros(clock.time_ns() // 1000 if now is None else now)
    with transaction.atomic():
        late = list(
            Promise.objects.select_for_update().filter(state=OPEN, due__lte=moment).values_list("id", flat=True)
        )
        for part in batches(late, 500):
            Promise.objects.filter(id__in=part).update(state=BROKEN)
        if late:
            emit("promises.broken", promises=late)
    return len(late)


def _follow_step(rules: Rules) -> int | None:
    with transaction.atomic():
        cursor = _cursor()
        last = Touchpoint.objects.order_by("-id").values_list("id", flat=True).first()
        first = Touchpoint.objects.filter(id__gt=cursor.sequence).order_by("id").values_list("id", flat=True).first()
        if first is None or last is None:
            return None
        through = min(last, first + STEP - 1)
        affected = _affected(cursor.sequence, through, rules)
        for part in batches(sorted(affected), CUSTOMERS_AT_ONCE):
            _trace_again(part, rules)
        cursor.sequence = through
        cursor.save()
    return len(affected)


def _affected(after: int, through: int, rules: Rules) -> set[int]:
    """Customers to whom something was promised there, or to whom it had been and who have new evidence."""
    affected = _customers(after, through, rules.making | VERBS)
    told = _customers(after, through, rules.keeping | _stored_evidence()) - affected
    for part in batches(sorted(told), 500):
        affected.update(Promise.objects.filter(customer__in=part).values_list("customer_id", flat=True))
    return affected


def _customers(after: int, through: int, names: Collection[str]) -> set[int]:
    if not names:
        return set()
    with connection.cursor() as sql:
        sql.execute(CUSTOMERS.format(names=_marks(names)), [after, through, *sorted(names)])
        return {customer for (customer,) in sql.fetchall()}


def _stored_evidence() -> set[str]:
    """Names that keep a promise because the promise itself said so."""
    written = Promise.objects.exclude(kept_by="[]").order_by().values_list("kept_by", flat=True).distinct()
    return {one.name for evidence in written for one in evidence_in(evidence)}


def _trace_again(customers: list[int], rules: Rules) -> None:
    making = rules.making | VERBS
    made = _moments(customers, making)
    said = {one.name for moments in made.values() for p in promises_of(moments, rules) for one in p.kept_by}
    found = _moments(list(made), making | said) if made else {}
    rows = [
        _row(customer, promise) for customer, moments in found.items() for promise in promises_of(moments, rules)
    ]  # fmt: skip
    for part in batches(customers, 500):
        Promise.objects.filter(customer__in=part).delete()
    Promise.objects.bulk_create(rows, batch_size=500)


def _moments(customers: Iterable[int], names: Collection[str]) -> dict[int, list[Moment]]:
    """The touchpoints of these names by customer, each in order of (time, id); customers without any are left out."""
    given, parameter = relation({"id": "bigint"}, [(customer,) for customer in customers])
    found: dict[int, list[Moment]] = {}
    with connection.cursor() as sql:
        sql.execute(MOMENTS.format(customers=given, names=_marks(names)), [parameter, *sorted(names)])
        for customer, id, time, name, properties in sql.fetchall():
            moment = Moment(id, time, name, properties=_properties(properties))
            found.setdefault(customer, []).append(moment)
    return found


def _properties(text: str) -> dict[str, object]:
    value = json.loads(text) if text else {}
    return value if isinstance(value, dict) else {}


def _row(customer: int, promise: PromiseTrace) -> Promise:
    kind, opened_by = promise.need or ("", None)
    return Promise(
        id=promise.made_by,
        customer_id=customer,
        made=promise.made,
        what=promise.what,
        who=promise.who,
        due=promise.due,
        kept_by=[_written(one) for one in promise.kept_by],
        key=promise.key,
        key_value=promise.key_value,
        need_kind=kind,
        need_opened_by=opened_by,
        replaces=promise.replaces,
        state=promise.state(clock.time_ns() // 1000),
        settled=promise.settled,
        settled_by=promise.settled_by,
        ended=promise.ended,
    )


def _written(evidence: Evidence) -> object:
    if not evidence.where:
        return evidence.name
    return {"name": evidence.name, "where": {key: list(values) for key, values in evidence.where}}


def _marks(names: Collection[str]) -> str:
    return ", ".join(["%s"] * len(names))


def _cursor() -> ProjectionCursor:
    """The cursor, locked: a merge and a catching-up that run at once take turns."""
    ProjectionCursor.objects.get_or_create(name=CURSOR)
    return ProjectionCursor.objects.select_for_update().get(name=CURSOR)

"""The projection `Journey`: first time, last time and number of touchpoints of every customer.

It follows the record's sequence with a cursor, and rows and cursor move in one transaction. Bookkeeping names (`$…`)
are followed but not counted.
"""

from collections.abc import Collection

from django.db import connection, transaction

from beforehand.journey.models import Journey, ProjectionCursor, Touchpoint

CURSOR = "journeys"
STEP = 1_000_000
CUSTOMERS_AT_ONCE = 500

# Identifiers first: their ids stand in the rows, so that customers are looked up once for each and not for each row.
SUMMARISE = """
    INSERT INTO journey_journey (customer_id, first_time, last_time, touchpoints)
    SELECT identifier.customer_id, min(known.first_time), max(known.last_time), sum(known.touchpoints)
    FROM (
        SELECT identifier_id, min(time) AS first_time, max(time) AS last_time, count(*) AS touchpoints
        FROM journey_touchpoint AS touchpoint
        WHERE {which} AND substr(name, 1, 1) <> '$'
        GROUP BY identifier_id
    ) AS known
    JOIN customers_identifier AS identifier ON identifier.id = known.identifier_id
    GROUP BY identifier.customer_id
    ON CONFLICT (customer_id) DO UPDATE SET
        first_time = CASE WHEN excluded.first_time < journey_journey.first_time
            THEN excluded.first_time ELSE journey_journey.first_time END,
        last_time = CASE WHEN excluded.last_time > journey_journey.last_time
            THEN excluded.last_time ELSE journey_journey.last_time END,
        touchpoints = journey_journey.touchpoints + excluded.touchpoints
"""
NEW = SUMMARISE.format(which="touchpoint.id > %s AND touchpoint.id <= %s")
OF = "identifier_id IN (SELECT id FROM customers_identifier WHERE customer_id IN ({marks}))"
THEIRS = SUMMARISE.format(which=OF + " AND touchpoint.id <= %s")


def follow() -> int:
    """Catch up with the record, and give how many touchpoints were followed."""
    followed = 0
    while (step := _follow_step()) is not None:
        followed += step
    return followed


def refresh(customers: Collection[int]) -> None:
    """Work out the journeys of these customers again from the record: their touchpoints changed hands, or went."""
    wanted = sorted(customers)
    with transaction.atomic():
        through = _cursor().sequence
        for start in range(0, len(wanted), CUSTOMERS_AT_ONCE):
            _summarise_again(wanted[start : start + CUSTOMERS_AT_ONCE], through)


def rebuild() -> int:
    """Forget the projection and follow the whole record again."""
    with transaction.atomic():
        cursor = _cursor()
        Journey.objects.all().delete()
        cursor.sequence = 0
        cursor.save()
    return follow()


def _follow_step() -> int | None:
    """How many touchpoints the next step held; None when the cursor has reached the end."""
    with transaction.atomic():
        cursor = _cursor()
        new = Touchpoint.objects.filter(id__gt=cursor.sequence).values_list("id", flat=True)
        first, last = new.order_by("id").first(), new.order_by("-id").first()
        if first is None or last is None:
            return None
        through = min(last, first + STEP - 1)
        with connection.cursor() as sql:
            sql.execute(NEW, [cursor.sequence, through])
        step = Touchpoint.objects.filter(id__gt=cursor.sequence, id__lte=through).count()
        cursor.sequence = through
        cursor.save()
    return step


def _summarise_again(customers: list[int], through: int) -> None:
    marks = ", ".join(["%s"] * len(customers))
    Journey.objects.filter(customer_id__in=customers).delete()
    with connection.cursor() as sql:
        sql.execute(THEIRS.format(marks=marks), [*customers, through])


def _cursor() -> ProjectionCursor:
    """The cursor, locked: a merge and a catching-up that run at once take turns."""
    ProjectionCursor.objects.get_or_create(name=CURSOR)
    return ProjectionCursor.objects.select_for_update().get(name=CURSOR)

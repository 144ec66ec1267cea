"""The questions whether it is solved, as a table that measures read: `service_checks`, a row for each that was put."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from beforehand.journey.lake import added

SCHEMA = pa.schema(
    [
        ("conversation", pa.int64()),
        ("customer", pa.int64()),
        ("time", pa.timestamp("us")),
        ("day", pa.date32()),
        ("answered", pa.timestamp("us")),
        ("solved", pa.int32()),
    ]
)
SELECT = """
    SELECT k.conversation_id, i.customer_id, k.put, k.answered, CASE WHEN k.solved THEN 1 WHEN NOT k.solved THEN 0 END
    FROM service_solvedcheck k JOIN service_conversation c ON c.id = k.conversation_id
    JOIN customers_identifier i ON i.id = c.identifier_id
    WHERE k.put IS NOT NULL AND c.kept = 'desk' ORDER BY k.id"""


def read(connection: Any, now: datetime, zone: str) -> pa.Table:
    with connection.cursor() as cursor:
        cursor.execute(SELECT)
        rows = cursor.fetchall()
    conversation, customer, put, answered, solved = zip(*rows, strict=True) if rows else ((),) * 5
    time = pa.array(put, pa.int64()).cast(pa.timestamp("us"))
    here = pc.local_timestamp(time.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone)))
    said = pa.array(answered, pa.int64()).cast(pa.timestamp("us"))
    arrays = [pa.array(conversation, pa.int64()), pa.array(customer, pa.int64()), time, here.cast(pa.date32()), said]
    return pa.table([*arrays, pa.array(solved, pa.int32())], schema=SCHEMA)


added.add("service_checks", SCHEMA, read)

"""Model fields that the rooms share."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z. A moment without a zone is refused."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment in UTC."""
    return EPOCH + timedelta(microseconds=micros)


class MomentField(models.BigIntegerField):
    """A moment, stored as microseconds since 1970 in UTC.

    An integer sorts, compares and moves into Parquet without being parsed, on every database alike: touchpoints are
    read by the million.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> datetime | None:
        return None if value is None else from_micros(value)

    def to_python(self, value: Any) -> datetime | None:
        return from_micros(value) if isinstance(value, int) else value

    def get_prep_value(self, value: Any) -> int | None:
        return to_micros(value) if isinstance(value, datetime) else value


class JSONTextField(models.TextField):
    """JSON in a text column: bulk paths write the text as it came, the ORM sees the value."""

    _pyi_private_set_type: Any  # what the type checker takes for the value
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return json.loads(value) if value else {}

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value

    def get_prep_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

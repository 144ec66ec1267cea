"""Answers are kept, so that a board costs the same however many touchpoints there are.

An answer of a large lake holds for one version of it, and for two minutes after it was made in any case: what was
recorded since (a minute or two) is not in it. One of a small lake holds until anything is recorded, or as long as that
where it takes long to work out. The scheduler asks again what somebody asked lately, so that nobody waits. Only sums
are kept, never a row of a person: ways through of a single customer are not listed.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from django.utils import timezone

from beforehand.insight.measure import Measure
from beforehand.insight.models import StoredResult
from beforehand.insight.query import Query
from beforehand.insight.result import Result
from beforehand.insight.segments import Segment

LARGE = 500_000
"""Sealed rows from which an answer may be two minutes old: below, asking again is quicker than one can see."""
REMEMBERED = timedelta(hours=3)
NOTED_EVERY = timedelta(minutes=30)
GOOD_FOR = timedelta(minutes=2)
SMALL_AGAIN = timedelta(minutes=10)
"""How often the scheduler asks again of a small lake: whoever looks waits no more than a second or so."""


def large(reader: Any) -> bool:
    return bool(sum(file.rows for file in reader.files) >= LARGE)


def state(reader: Any) -> int:
    """What an answer holds for: the version of the lake and of its fact files; of a small one, all that is recorded."""
    made, marks = reader.facts
    parts = (reader.version, made) if large(reader) else (reader.version, made, marks, reader.through)
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:7], "big")


def answer(query: Query, measure: Measure, reader: Any, ask: Callable[[], Result]) -> Result:
    """The kept answer that still holds, or a fresh one, which is then kept."""
    if not reader.files:
        return ask()
    key = key_of(query, measure, reader)
    kept = StoredResult.objects.filter(key=key).first()
    if kept and (kept.lake_version == state(reader) or _may_be_old(kept, measure, reader)):
        _note(kept)
        return Result.from_json(kept.payload["result"])
    return keep(key, query, reader, ask(), timezone.now())


def _may_be_old(kept: StoredResult, measure: Measure, reader: Any) -> bool:
    return (large(reader) or measure.costly) and timezone.now() - kept.computed < GOOD_FOR


def keep(key: str, query: Query, reader: Any, result: Result, asked: datetime) -> Result:
    payload = {"result": result.as_json(), "query": to_json(query), "asked": asked.isoformat()}
    StoredResult.objects.update_or_create(
        key=key,
        defaults={
            "measure": result.slug,
            "lake_version": state(reader),
            "computed": timezone.now(),
            "payload": payload,
        },
    )
    return result


def _note(kept: StoredResult) -> None:
    """That somebody asked; written now and then, since reading should not write."""
    now = timezone.now()
    if now - datetime.fromisoformat(kept.payload["asked"]) > NOTED_EVERY:
        kept.payload["asked"] = now.isoformat()
        kept.save(update_fields=["payload"])


def refresh(reader: Any) -> int:
    """Ask again what is out of date and was asked lately; drop what nobody asks any more. Gives how many it asked."""
    from beforehand.insight import measures
    from beforehand.insight.run import fresh

    again = 0
    for kept in StoredResult.objects.order_by("computed"):
        asked = datetime.fromisoformat(kept.payload["asked"])
        query = from_json(kept.payload["query"])
        measure = measures.all().get(query.measure)
        if timezone.now() - asked > REMEMBERED or measure is None or key_of(query, measure, reader) != kept.key:
            kept.delete()
        elif kept.lake_version != state(reader) and (large(reader) or timezone.now() - kept.computed > SMALL_AGAIN):
            keep(kept.key, query, reader, fresh(query, measure, reader), asked)
            again += 1
    return again


def key_of(query: Query, measure: Measure, reader: Any) -> str:
    """Of all that an answer depends on beside the lake's rows: the question, the definition, the catalogue."""
    sql = measure.rows_sql(query.steps)
    about = [to_json(query), measure.version, sql, meaning(reader), *([query.segment.meaning] if query.segment else [])]
    return hashlib.sha256(repr(about).encode()).hexdigest()


_meanings: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()


def meaning(reader: Any) -> list[Any]:
    """The catalogue and the kinds of needs, as this reader has them; read once."""
    if reader not in _meanings:
        names = sorted((entry.name, entry.label, entry.stage, entry.kind) for entry in reader.catalogue)
        _meanings[reader] = [*names, *sorted(kind for kind in reader.kinds)]
    return _meanings[reader]


def to_json(query: Query) -> dict[str, Any]:
    plain = {**vars(query), "start": query.start.isoformat(), "end": query.end.isoformat(), "steps": list(query.steps)}
    plain["segment"] = [query.segment.key, query.segment.value] if query.segment else None
    plain["as_of"] = query.as_of.isoformat() if query.as_of else None
    whole: dict[str, Any] = json.loads(json.dumps(plain))
    return whole


def from_json(plain: dict[str, Any]) -> Query:
    more = {
        "start": date.fromisoformat(plain["start"]),
        "end": date.fromisoformat(plain["end"]),
        "segment": Segment(*plain["segment"]) if plain["segment"] else None,
        "steps": tuple(plain["steps"]),
        "as_of": datetime.fromisoformat(plain["as_of"]) if plain["as_of"] else None,
    }
    return Query(**{**plain, **more})

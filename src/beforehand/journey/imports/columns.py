"""Which column says what: as told, else guessed from the names of the columns and from what stands in them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beforehand.journey.imports.table import ImportFailed
from beforehand.journey.imports.times import looks_like_times
from beforehand.journey.models import Touchpoint

ROLES = ("customer", "name", "time", "channel", "place", "actor")
ACTORS = tuple(Touchpoint.Actor.values)
NEEDED = ("customer", "name", "time")
OPTION = {"time": "at"}
USUAL = {
    "customer": "customer_id customer user_id user client_id client case_concept_name case_id case person_id member_id"
    " contact_id account_id account email e_mail customer_email user_email distinct_id visitor_id anonymous_id id"
    " session_id",
    "name": "touchpoint activity event event_name concept_name action event_type activity_name name type",
    "time": "timestamp time_timestamp time event_time event_timestamp occurred_at happened_at created_at datetime"
    " date_time date at ts when start_time sent_at received_at",
    "channel": "channel touchpoint_channel",
    "place": "place url page_url page path page_path screen location",
    "actor": "actor",
}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
NUMBER = re.compile(r"-?[\d.,]+")

Sample = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Columns:
    """Columns by role. `properties` None means every column that has no role."""

    customer: str
    name: str
    time: str
    channel: str | None = None
    place: str | None = None
    actor: str | None = None
    properties: Sequence[str] | None = None
    customer_kind: str = "user_id"
    guessed: frozenset[str] = frozenset()

    @property
    def mapped(self) -> list[str]:
        return [column for role in ROLES if (column := getattr(self, role))]

    def as_json(self) -> dict[str, Any]:
        return {role: getattr(self, role) for role in (*ROLES, "properties", "customer_kind")}


def settle(
    sample: Sample, told: Mapping[str, str | None], properties: Sequence[str] | None, kind: str | None
) -> Columns:
    """The columns that were told, and guesses for the roles that were not."""
    known = list(sample)
    for column in [*filter(None, told.values()), *(properties or [])]:
        _require(column, sample)
    chosen = {role: told.get(role) for role in ROLES}
    guessed = set()
    for role in ("time", "customer", "name", "channel", "place", "actor"):
        if chosen[role] is None:
            taken = [column for column in chosen.values() if column]
            chosen[role] = _guess(role, [column for column in known if column not in taken], sample)
            guessed |= {role} if chosen[role] else set()
    missing = [role for role in NEEDED if chosen[role] is None]
    if missing:
        options = " and ".join(f"--{OPTION.get(role, role)} COLUMN" for role in missing)
        raise ImportFailed(
            f"Which column holds the {' and the '.join(missing)}? Say so with {options}. {_listed(known)}"
        )
    found_kind = kind or _kind(sample.get(chosen["customer"] or "", []))
    return Columns(**chosen, properties=properties, customer_kind=found_kind, guessed=frozenset(guessed))  # type: ignore[arg-type]


def _require(column: str, sample: Sample) -> None:
    if column not in sample:
        raise ImportFailed(f"There is no column “{column}”. {_listed(list(sample))}")


def _listed(columns: Sequence[str]) -> str:
    return "The columns are: " + ", ".join(f"“{column}”" for column in columns) + "."


def _guess(role: str, columns: Sequence[str], sample: Sample) -> str | None:
    """The first of the usual names whose content does not speak against it; a time is also known by its content."""
    plain = {re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_"): column for column in reversed(columns)}
    for usual in USUAL[role].split():
        if usual in plain and FITS[role](sample[plain[usual]]):
            return plain[usual]
    if role == "time":
        return next((column for column in columns if looks_like_times(sample[column])), None)
    return None


def _is_name(values: Sequence[str]) -> bool:
    """Names come back again and again, and are words."""
    few = len(set(values)) <= max(20, len(values) / 4)
    return bool(values) and few and not all(NUMBER.fullmatch(value) for value in values)


def _is_customer(values: Sequence[str]) -> bool:
    return bool(values) and not looks_like_times(values)


def _is_time(values: Sequence[str]) -> bool:
    return looks_like_times(values) or (bool(values) and all(NUMBER.fullmatch(value) for value in values))


def _is_actor(values: Sequence[str]) -> bool:
    return bool(values) and all(value.strip().lower() in ACTORS for value in values)


FITS: dict[str, Callable[[Sequence[str]], bool]] = {
    "customer": _is_customer,
    "name": _is_name,
    "time": _is_time,
    "channel": _is_name,
    "place": bool,
    "actor": _is_actor,
}


def _kind(values: Sequence[str]) -> str:
    emails = sum(bool(EMAIL.fullmatch(value)) for value in values)
    return "email" if values and emails >= 0.9 * len(values) else "user_id"

"""One customer's touchpoints into promises: a pure function, the same whatever the order of arrival.

A promise is made by a touchpoint named `Promise Made`, or by any that a rule names ("Refund Promised"). The first
touchpoint after it that is its evidence keeps it, in time or late. `Promise Renegotiated` ends it and makes another in
its place; `Promise Withdrawn` ends it. What is ended after it was due is broken all the same. `Promise Kept` says that
it was kept, where no other touchpoint shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from beforehand.journey.needs.definition import Evidence, plain
from beforehand.journey.needs.shapes import SECOND, Moment
from beforehand.lib.fields import to_micros

MADE = "Promise Made"
RENEGOTIATED = "Promise Renegotiated"
WITHDRAWN = "Promise Withdrawn"
SAID_KEPT = "Promise Kept"
VERBS = frozenset({MADE, RENEGOTIATED, WITHDRAWN, SAID_KEPT})
OPEN, KEPT, KEPT_LATE, BROKEN = "open", "kept", "kept_late", "broken"
RENEGOTIATED_STATE, WITHDRAWN_STATE = "renegotiated", "withdrawn"
WEEK = 7 * 86_400
SECONDS_BELOW = 100_000_000_000


class Rule(NamedTuple):
    """Which touchpoint is a promise. `due`: the property that says by when; without it, `within` seconds later.

    `kept_by`: the evidence; when `key` is given it must carry the same value of that property. In force from `since`;
    when it is `off`, the touchpoint is no promise from then on.
    """

    name: str
    what: str
    kept_by: tuple[Evidence, ...]
    key: str = ""
    due: str = "due"
    within: float = WEEK
    since: int = 0
    off: bool = False


@dataclass(slots=True)
class PromiseTrace:
    """A promise. `made_by` is its touchpoint, `replaces` that of the one it was renegotiated from.

    `ended` is when it was renegotiated or withdrawn (`ended_as`); times are microseconds.
    """

    made_by: int
    made: int
    what: str
    who: str
    due: int
    kept_by: tuple[Evidence, ...]
    key: str = ""
    key_value: str = ""
    need: tuple[str, int] | None = None
    reference: str = ""
    replaces: int | None = None
    settled: int | None = None
    settled_by: int | None = None
    ended: int | None = None
    ended_as: str = ""

    def state(self, as_of: int) -> str:
        """What became of it, seen from a moment. Due at noon, it is broken from noon on."""
        if self.settled is not None and self.settled <= as_of:
            return KEPT if self.settled <= self.due else KEPT_LATE
        if self.ended is not None and self.ended <= as_of and self.ended <= self.due:
            return self.ended_as
        return BROKEN if self.due <= as_of else OPEN

    def is_evidence(self, moment: Moment) -> bool:
        if all(one.name != moment.name for one in self.kept_by):
            return False
        if self.key and plain(moment.properties.get(self.key)) != self.key_value:
            return False
        return any(one.name == moment.name and one.fits(moment.properties) for one in self.kept_by)


class Rules:
    """The rules by name, oldest first; `names` is every name that makes, changes or keeps a promise."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.by_name: dict[str, list[Rule]] = {}
        for rule in sorted(rules, key=lambda rule: (rule.name, rule.since)):
            self.by_name.setdefault(rule.name, []).append(rule)
        self.making = frozenset(self.by_name) | {MADE}
        self.keeping = frozenset(one.name for rules in self.by_name.values() for rule in rules for one in rule.kept_by)

    def in_force(self, name: str, time: int) -> Rule | None:
        """The latest rule of a name at a time; before the first one, the first."""
        found = self.by_name.get(name)
        if not found:
            return None
        return next((rule for rule in reversed(found) if rule.since <= time), found[0])


def promises_of(moments: Sequence[Moment], rules: Rules) -> list[PromiseTrace]:
    """The promises made to one customer, in the order in which they were made. `moments` by (time, id)."""
    promises: list[PromiseTrace] = []
    pending: list[PromiseTrace] = []
    for moment in moments:
        name = moment.name
        if pending:
            for promise in pending:
                if promise.is_evidence(moment) or (name == SAID_KEPT and promise is _named(moment, pending)):
                    promise.settled, promise.settled_by = moment.time, moment.id
            pending = [promise for promise in pending if promise.settled is None and promise.ended is None]
        made = _made(moment, pending, rules) if name in VERBS or name in rules.by_name else None
        if made is not None:
            promises.append(made)
            pending.append(made)
    return promises


def _made(moment: Moment, pending: list[PromiseTrace], rules: Rules) -> PromiseTrace | None:
    """The promise that a touchpoint makes, if it does; ends the one that it renegotiates or withdraws."""
    if moment.name in {RENEGOTIATED, WITHDRAWN}:
        return _ended(moment, pending)
    if moment.name == SAID_KEPT:
        return None
    rule = rules.in_force(moment.name, moment.time)
    if rule is None:
        return _as_said(moment)
    if rule.off:
        return None
    properties = moment.properties
    due = moment_in(properties.get(rule.due))
    return PromiseTrace(
        made_by=moment.id,
        made=moment.time,
        what=rule.what,
        who=_text(properties.get("by") or properties.get("team")),
        due=moment.time + int(rule.within * SECOND) if due is None else due,
        kept_by=rule.kept_by,
        key=rule.key if plain(properties.get(rule.key)) else "",
        key_value=plain(properties.get(rule.key)) if rule.key else "",
        reference=_text(properties.get("promise_id")),
    )


def _as_said(moment: Moment) -> PromiseTrace:
    """A `Promise Made` says everything itself."""
    properties = moment.properties
    key = _text(properties.get("key"))
    due = moment_in(properties.get("due"))
    return PromiseTrace(
        made_by=moment.id,
        made=moment.time,
        what=_text(properties.get("what")) or moment.name,
        who=_text(properties.get("by")),
        due=moment.time + WEEK * SECOND if due is None else due,
        kept_by=tuple(evidence_in(properties.get("kept_by"))),
        key=key if plain(properties.get(key)) else "",
        key_value=plain(properties.get(key)) if key else "",
        need=need_in(properties.get("need")),
        reference=_text(properties.get("promise_id")),
    )


def _named(moment: Moment, pending: Sequence[PromiseTrace]) -> PromiseTrace | None:
    """The promise that a touchpoint names, by our number or by the sender's own."""
    wanted = plain(moment.properties.get("promise")) or plain(moment.properties.get("promise_id"))
    return next((one for one in pending if wanted and wanted in {str(one.made_by), one.reference}), None)


def _ended(moment: Moment, pending: list[PromiseTrace]) -> PromiseTrace | None:
    properties, promise = moment.properties, _named(moment, pending)
    if promise is None:
        return None
    due = moment_in(properties.get("due"))
    renegotiated = moment.name == RENEGOTIATED
    if renegotiated and due is None:
        return None
    promise.ended = moment.time
    promise.ended_as = RENEGOTIATED_STATE if renegotiated else WITHDRAWN_STATE
    pending.remove(promise)
    if due is None or not renegotiated:
        return None
    return PromiseTrace(
        made_by=moment.id,
        made=moment.time,
        what=promise.what,
        who=_text(properties.get("by")) or promise.who,
        due=due,
        kept_by=promise.kept_by,
        key=promise.key,
        key_value=promise.key_value,
        need=promise.need,
        reference=promise.reference,
        replaces=promise.made_by,
    )


def evidence_in(value: Any) -> Iterable[Evidence]:
    """Evidence as it is written in a touchpoint or in YAML: a name, or {name, where}, or a list of these."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield Evidence(one)
        elif isinstance(one, Mapping) and isinstance(one.get("name"), str):
            yield Evidence(one["name"], _where(one.get("where")))


def _where(where: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(where, Mapping):
        return ()
    return tuple(
        (str(key), tuple(plain(each) for each in (value if isinstance(value, list) else [value])))
        for key, value in sorted(where.items())
    )


def need_in(value: Any) -> tuple[str, int] | None:
    """A need as a touchpoint names it: {kind, opened_by}."""
    if isinstance(value, Mapping) and isinstance(value.get("kind"), str) and isinstance(value.get("opened_by"), int):
        return value["kind"], value["opened_by"]
    return None


def moment_in(value: Any) -> int | None:
    """Microseconds of a time as properties carry it: ISO text (a day alone lasts to its end, in UTC), or seconds or
    milliseconds since 1970. None when it is none of these."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value * SECOND) if abs(value) < SECONDS_BELOW else int(value * 1000)
    if not isinstance(value, str):
        return None
    try:
        if len(value.strip()) == 10:
            return to_micros(datetime.combine(date.fromisoformat(value.strip()), time.max, UTC))
        parsed = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return to_micros(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def _text(value: Any) -> str:
    return plain(value)[:200] if isinstance(value, str | int | float) else ""

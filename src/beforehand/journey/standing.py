"""How a customer's needs stand, as their page shows it: where they are, what comes next, what holds them up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beforehand.journey.labels import label_of
from beforehand.journey.lifeline import Meaning, meanings
from beforehand.journey.models import Contact, Need, NeedKind, Promise, StepBaseline, Touchpoint
from beforehand.journey.needs.book import steps_of
from beforehand.journey.needs.definition import DEFAULT_HORIZON, Definition
from beforehand.journey.needs.durations import seconds_in
from beforehand.journey.needs.reading import read
from beforehand.journey.needs.shapes import UNKNOWN
from beforehand.lib.fields import from_micros, to_micros
from beforehand.lib.format import duration

DONE, HERE, TO_COME = "done", "here", ""
AFTER = timedelta(days=7)
MET_SHOWN = 12
AT_RISK = timedelta(days=1)


class Stay(NamedTuple):
    """A stay in a step, as the row of a need has it. Times in microseconds."""

    step: str
    entered: int
    left: int | None
    by: int | None
    outcome: str
    loops: int
    stuck_at: int | None


@dataclass(frozen=True)
class Stop:
    """A stop on the path: `state` is done, here or nothing (to come); `about` says when, or how long it takes."""

    title: str
    state: str
    about: str
    late: bool = False


@dataclass
class Standing:
    """One need: its path, what comes next, why it is stuck, and the contacts and promises that belong to it."""

    need: Need
    title: str
    data: Mapping[str, Any]
    stops: list[Stop] = field(default_factory=list)
    next: str = ""
    typical: str = ""
    stuck: bool = False
    reason: str = ""
    waits: timedelta = timedelta()
    contacts: list[Contact] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)

    @cached_property
    def definition(self) -> Definition:
        """The definition that it was opened with."""
        return read(self.data)

    @property
    def horizon(self) -> timedelta:
        return horizon_in(self.data)

    @property
    def until(self) -> datetime:
        """Met later than this is not met in time."""
        return self.need.opened + self.horizon

    @property
    def known(self) -> bool:
        """Whether it is of a kind that has a path."""
        return self.need.kind != UNKNOWN

    @property
    def over(self) -> datetime | None:
        return self.need.met or self.need.abandoned

    @property
    def took(self) -> timedelta | None:
        return self.need.met - self.need.opened if self.need.met else None

    @property
    def beforehand(self) -> bool:
        """Met within its horizon, and no contact until a week after, as far as is known."""
        need = self.need
        return met_beforehand(need.opened, need.met, need.first_contact, self.horizon)


@dataclass(frozen=True)
class Over:
    """How many needs are over, how many of them were met, and how many beforehand."""

    count: int
    met: int
    beforehand: int


@dataclass(frozen=True)
class Needs:
    """What a customer wants to get done: the open needs, those that are stuck first, and how the others ended."""

    open: list[Standing]
    over: Over
    contacts: dict[int, Contact]
    promises: list[Promise]

    @property
    def stuck(self) -> int:
        return sum(one.stuck for one in self.open)

    @property
    def kept(self) -> tuple[int, int]:
        """(kept in time, all that are settled or due)."""
        judged = [one for one in self.promises if one.state in {"kept", "kept_late", "broken"}]
        return sum(one.state == "kept" for one in judged), len(judged)


class Learned(NamedTuple):
    """What is known of the steps: (kind, version, step) -> baseline."""

    baselines: dict[tuple[str, int, str], StepBaseline]

    def of(self, need: Need, step: str) -> StepBaseline | None:
        return self.baselines.get((need.kind, need.version, step))


def of_customer(customer: int, now: datetime | None = None) -> Needs:
    """Everything about one customer's needs; of those that are over, how many."""
    now = now or timezone.now()
    rows = Need.objects.filter(customer=customer).order_by("-opened", "-id")
    told = list(rows.values_list("id", "kind", "version", "opened", "met", "abandoned", "first_contact"))
    running = [row[0] for row in told if _is_open(row[4], row[5], now)]
    ended = [row for row in told if not _is_open(row[4], row[5], now)]
    titles, data = kinds_of((row[1], row[2]) for row in told)
    contacts, promises = _contacts_of(customer), _promises_of(customer)
    found = list(rows.filter(pk__in=running)) if running else []
    standings = _standings(found, titles, data, contacts, promises)
    _draw(standings, now)
    standings.sort(key=lambda one: (not one.stuck, -one.need.opened.timestamp()))
    horizons = {one: horizon_in(definition) for one, definition in data.items()}
    beforehand = sum(met_beforehand(row[3], row[4], row[6], horizons[row[1], row[2]]) for row in ended)
    over = Over(len(ended), sum(row[4] is not None for row in ended), beforehand)
    return Needs(standings, over, {one.pk: one for one in contacts}, promises)


def ended_of(customer: int, now: datetime | None = None) -> list[Standing]:
    """The needs of a customer that are over, the latest first."""
    now = now or timezone.now()
    found = [one for one in Need.objects.filter(customer=customer) if not _is_open(one.met, one.abandoned, now)]
    titles, data = kinds_of((one.kind, one.version) for one in found)
    standings = _standings(found, titles, data, _contacts_of(customer), _promises_of(customer))
    return sorted(standings, key=lambda one: (one.over or one.need.opened, one.need.pk), reverse=True)


def _contacts_of(customer: int) -> list[Contact]:
    named = Contact.objects.annotate(comes_from=label_of("origin_name"))
    return list(named.filter(customer=customer).order_by("time", "id"))


def _promises_of(customer: int) -> list[Promise]:
    return list(Promise.objects.filter(customer=customer).order_by("due", "id"))


def _standings(
    needs: Sequence[Need],
    titles: Mapping[str, str],
    data: Mapping[tuple[str, int], Mapping[str, Any]],
    contacts: Sequence[Contact],
    promises: Sequence[Promise],
) -> list[Standing]:
    """These needs, each with what belongs to it."""
    by_need: dict[int, list[Contact]] = defaultdict(list)
    for contact in contacts:
        by_need[contact.need].append(contact)
    return [
        Standing(
            need, titles[need.kind], data[need.kind, need.version], contacts=by_need[need.pk],
            promises=[promise for promise in promises if _about(promise, need)],
        )
        for need in needs
    ]  # fmt: skip


def horizon_in(data: Mapping[str, Any]) -> timedelta:
    """H of a definition."""
    return timedelta(seconds=seconds_in(data.get("horizon", "")) or DEFAULT_HORIZON)


def met_beforehand(opened: datetime, met: datetime | None, first_contact: datetime | None, horizon: timedelta) -> bool:
    if met is None or met > opened + horizon:
        return False
    return first_contact is None or first_contact > met + AFTER


def told(needs: Sequence[int]) -> list[Standing]:
    """These needs in the same order, with who has them and why they are stuck."""
    found = Need.objects.select_related("customer").in_bulk(needs)
    titles, data = kinds_of((one.kind, one.version) for one in found.values())
    standings = [
        Standing(need, titles[need.kind], data[need.kind, need.version])
        for need in (found[id] for id in needs if id in found)
    ]
    _draw(standings, timezone.now())
    return standings


def kinds_of(kinds: Iterable[tuple[str, int]]) -> tuple[dict[str, str], dict[tuple[str, int], dict[str, Any]]]:
    """The newest title of each of these kinds, and the definition of each version as plain data."""
    asked = set(kinds)
    if not asked:
        return {}, {}
    titles = {kind: kind for kind, _version in asked}
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for kind in NeedKind.objects.filter(slug__in={kind for kind, _version in asked}).order_by("slug", "version"):
        titles[kind.slug] = kind.title
        if (kind.slug, kind.version) in asked:
            found[kind.slug, kind.version] = kind.definition
    return titles, {one: found.get(one) or {"kind": one[0], "title": titles[one[0]]} for one in asked}


def _is_open(met: datetime | None, abandoned: datetime | None, now: datetime) -> bool:
    return met is None and (abandoned is None or abandoned > now)


def _about(promise: Promise, need: Need) -> bool:
    if promise.need_opened_by is not None:
        return (promise.need_kind, promise.need_opened_by) == (need.kind, need.opened_by)
    return bool(promise.key_value) and promise.key_value == need.key


def _draw(standings: Sequence[Standing], now: datetime) -> None:
    """Paths, next steps and reasons of those that are open."""
    if not standings:
        return
    rows = StepBaseline.objects.filter(kind__in={one.need.kind for one in standings})
    learned = Learned({(row.kind, row.version, row.step): row for row in rows})
    names = dict(
        Touchpoint.objects.filter(pk__in=[one.need.opened_by for one in standings]).values_list("pk", "name")
    )  # fmt: skip
    known = meanings(set(names.values()))
    for one in standings:
        _stand(one, now, learned)
        _walk(one, now, learned, known.get(names.get(one.need.opened_by, "")))


def _stand(one: Standing, now: datetime, learned: Learned) -> None:
    need = one.need
    one.waits = now - (need.step_since or need.opened)
    one.stuck = need.stuck_at is not None and need.stuck_at <= now
    if one.stuck:
        one.reason = reason(need, one.definition, learned, now)


def _walk(one: Standing, now: datetime, learned: Learned, opening: Meaning | None) -> None:
    need, definition = one.need, one.definition
    stays = {stay.step: stay for stay in stays_of(need)}
    if not one.known:
        return
    one.stops.append(Stop(opening.label if opening else _("Opened"), DONE, when(need.opened, now)))
    following = ""
    for step in steps_of(definition):
        stay = stays.get(step.step)
        typical = _typical(learned.of(need, step.step), step.target)
        if stay is not None and stay.left is not None:
            one.stops.append(Stop(step.title, DONE, when(from_micros(stay.left), now)))
        elif step.step == need.step:
            waited = _("waits %(long)s") % {"long": duration(one.waits)}
            one.stops.append(Stop(step.title, HERE, f"{waited}; {typical}" if typical else waited, one.stuck))
            one.next, one.typical = step.title, typical
        else:
            one.stops.append(Stop(step.title, TO_COME, typical))
            following = following or step.title


def stays_of(need: Need) -> list[Stay]:
    return [Stay(*row) for row in need.steps]


def _typical(baseline: StepBaseline | None, target: float | None) -> str:
    """How long a step takes: learned from others where enough of them finished it, else what it should take."""
    if baseline is not None and baseline.median is not None:
        return _("typically %(long)s") % {"long": duration(baseline.median)}
    return _("should take %(long)s") % {"long": duration(target)} if target else ""


def reason(need: Need, definition: Definition, learned: Learned, now: datetime) -> str:
    """Why a need counts as stuck: it went on longer than it should, than others needed, or round and round."""
    if need.stuck_at is None:
        return ""
    stays = stays_of(need)
    held = [one for one in stays if one.stuck_at == to_micros(need.stuck_at)]
    stay = next(iter([*held, *(one for one in stays if one.step == need.step)]), None)
    if stay is None:
        return ""
    wait = need.stuck_at - from_micros(stay.entered)
    step = next((one for one in steps_of(definition) if one.step == stay.step), None)
    for target in (step.target if step else None, definition.target):
        begun = from_micros(stay.entered) if step and target == step.target else need.opened
        if target and need.stuck_at == begun + timedelta(seconds=target):
            return _("longer than the %(long)s that it should take") % {"long": duration(target)}
    baseline = learned.of(need, stay.step)
    if baseline is not None and baseline.late and abs(wait.total_seconds() - baseline.late) < 1:
        return _("of those who waited %(long)s, fewer than 1 in 5 were done within another %(median)s") % {
            "long": duration(baseline.late),
            "median": duration(baseline.median or 0),
        }
    if stay.loops:
        return ngettext("gone back %(n)d time", "gone back %(n)d times", stay.loops) % {"n": stay.loops}
    return _("waiting since %(time)s") % {"time": when(from_micros(stay.entered), now)}


def when(moment: datetime, now: datetime) -> str:
    """“Sat 20:31” within the last six days, else “14 Nov”, with the year when it is another."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if timedelta(0) <= today - local < timedelta(days=6):
        return formats.date_format(local, "D H:i")
    return formats.date_format(local, "j M" if local.year == today.year else "j M Y")


def risk(promise: Promise, now: datetime) -> str:
    """The state of a promise as pages tell it: an open one that is due within a day is at risk, a due one broken."""
    if promise.state != Promise.State.OPEN:
        return str(promise.state)
    if promise.due <= now:
        return "broken"
    return "at_risk" if promise.due - now <= AT_RISK else "open"

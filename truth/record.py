"""A company in a record of its own: `python -m truth.record SEED` prints what its needs came to, and what is true.

The company lives on for sixty days after the record ends, so that the needs of the last weeks, of which the record
cannot know how they will end, can be held against how they did end.
"""

import json
import os
import sys
from collections import defaultdict
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import numpy as np

DAYS, MORE = 200, 60
CUSTOMERS = 1_200
KEYED = ("receive-my-order", "return-it", "get-my-money-back", "understand-an-invoice")
SLOWED = {("receive-my-order", "shipped"), ("receive-my-order", "delivered"), ("get-my-money-back", "issued")}
"""Steps in which a slow-down is planted that is long beside what is usual."""
DAY = 86_400.0
FEWEST = 30
OTHERS = 24
COHORTS = {"settled": (20, 140), "young": (DAYS - 28, DAYS)}


def plan(seed: int) -> Any:
    from beforehand.demo.company.plan import Plan, small

    share = DAYS / (DAYS + MORE)
    weeks = {cause: (first * share, last * share) for cause, (first, last) in small(seed).weeks.items()}
    return Plan(CUSTOMERS, DAYS + MORE, seed, weeks=MappingProxyType(weeks), subscribers=0.4, returns=0.16)


def judged(seed: int) -> dict[str, Any]:
    from beforehand.demo.company.life import live
    from beforehand.demo.company.loading import load
    from beforehand.team.models import Workspace

    company, until = live(plan(seed)), DAYS * DAY
    Workspace.objects.update_or_create(pk=1, defaults={"name": "Truth", "zone": "UTC"})
    load(company, company.plan.start + timedelta(days=DAYS), until)
    return {
        "seed": seed,
        "keyed": keyed(company, until),
        "shares": shares(company, until),
        "stuck": stuck(company, until),
    }


def keyed(company: Any, until: float) -> dict[str, list[int]]:
    """By kind: needs on either side, those with the same key, opening and end, and those whose scan was lost."""
    from beforehand.demo.company.topics import KINDS
    from beforehand.journey.models import Need

    lost = _lost(company)
    found = {}
    for kind in KEYED:
        needs = company.needs.take((company.needs.kind == KINDS.index(kind)) & (company.needs.opened < until))
        met = np.where(needs.met < until, needs.met, np.inf)
        true = {
            (str(number), _micros(company, opened)): _micros(company, end)
            for number, opened, end in zip(needs.number.tolist(), needs.opened, met, strict=True)
            if not (kind == "receive-my-order" and number in lost)
        }
        rows = {
            (need.key, round(need.opened.timestamp() * 1e6)): need.met and round(need.met.timestamp() * 1e6)
            for need in Need.objects.filter(kind=kind)
            if not (kind == "receive-my-order" and int(need.key or 0) in lost)
        }
        same = sum(true.get(key, -1) == end for key, end in rows.items())
        found[kind] = [len(set(true) | set(rows)), same, len(lost) if kind == "receive-my-order" else 0]
    return found


def shares(company: Any, until: float) -> list[tuple[str, str, float, float, float, float]]:
    """(cohort, kind, own share, share among such companies, low, high) of needs met beforehand; "" is all kinds."""
    from beforehand.demo.company.topics import KINDS
    from beforehand.insight.query import Query
    from beforehand.insight.run import run

    found, others = [], _others(company.plan)
    first = company.needs.take(company.needs.opened < min(until, 182 * DAY))
    weights = {kind: int((first.kind == number).sum()) for number, kind in enumerate(KINDS)}
    for name, (begin, end) in COHORTS.items():
        days = [(company.plan.start + timedelta(days=day)).date() for day in (begin, end - 1)]
        together = run(Query("needs-beforehand", *days))
        answered = {group.key[0]: group for group in run(Query("needs-beforehand", *days, by="need_kind")).groups}
        own = {kind: good / n for kind, (good, n) in _counts([company.needs], begin, end).items() if n >= FEWEST}
        wide = {kind: good / n for kind, (good, n) in _counts(others, begin, end).items() if kind in own}
        for kind, share in own.items():
            group = answered.get(kind)
            if group is not None and group.low is not None and group.high is not None:
                found.append((name, kind, share, wide[kind], group.low, group.high))
        if together.low is not None and together.high is not None:
            whole = sum(weights[kind] for kind in own)
            both = [sum(weights[kind] * of[kind] for kind in own) / whole for of in (own, wide)]
            found.append((name, "", *both, together.low, together.high))
    return found


def _counts(companies: list[Any], begin: int, end: int) -> dict[str, tuple[int, int]]:
    """By kind: needs met beforehand, and all, of those that opened on these days."""
    from beforehand.demo.company.topics import KINDS

    counts = {}
    for number, kind in enumerate(KINDS):
        good = all_ = 0
        for needs in companies:
            of = (needs.kind == number) & (needs.opened >= begin * DAY) & (needs.opened < end * DAY)
            good += int((needs.beforehand[of] == 1).sum())
            all_ += int((needs.beforehand[of] >= 0).sum())
        counts[kind] = good, all_
    return counts


def _others(plan: Any) -> list[Any]:
    """The needs of other companies of the same plan, in which chance alone is another."""
    from dataclasses import replace

    from beforehand.demo.company.life import live

    return [live(replace(plan, seed=plan.seed * 1_000 + number)).needs for number in range(1, OTHERS + 1)]


def stuck(company: Any, until: float) -> dict[str, Any]:
    """Moments at which somebody counted as stuck, beside the planted slow-downs of the same steps."""
    from beforehand.demo.company.stuck import STEPS
    from beforehand.demo.company.topics import KINDS
    from beforehand.journey.models import Need

    planted, lost = defaultdict(list), _lost(company)
    made = company.stuck
    for kind, number, step, start, end in zip(
        made.kind.tolist(),
        made.number.tolist(),
        made.step.tolist(),
        made.start.tolist(),
        made.end.tolist(),
        strict=True,
    ):
        if (KINDS[kind], STEPS[step]) in SLOWED and start < until:
            planted[KINDS[kind], str(number), STEPS[step]].append((start, end))
    contacts = _first_contacts(company)
    hits, right, early, leads, entered, seen = 0, 0, 0, [], 0, set()
    start = company.plan.start.timestamp()
    for need in Need.objects.filter(kind__in={kind for kind, _step in SLOWED}):
        if need.kind == "receive-my-order" and int(need.key or 0) in lost:
            continue
        for step, _entered, _left, _by, _outcome, _loops, moment in need.steps:
            if (need.kind, step) not in SLOWED:
                continue
            entered += 1
            if moment is None or moment / 1e6 - start >= until:
                continue
            hits += 1
            time = moment / 1e6 - start
            episode = next((one for one in planted[need.kind, need.key, step] if one[0] <= time <= one[1]), None)
            if episode:
                right += 1
                seen.add((need.kind, need.key, step))
                wrote = contacts.get((need.kind, need.key), np.inf)
                early += wrote > time
                if np.isfinite(wrote) and wrote > time:
                    leads.append((wrote - time) / 3600)
    episodes = sum(1 for of in planted.values() if of)
    return {
        "hits": hits, "right": right, "before_contact": early, "leads": leads, "entered": entered,
        "episodes": episodes, "found": len(seen),
    }  # fmt: skip


def _first_contacts(company: Any) -> dict[tuple[str, str], float]:
    """When the first contact of a need was made that something had caused."""
    from beforehand.demo.company.topics import KINDS

    first: dict[tuple[str, str], float] = {}
    asked = company.asked.take(company.asked.root >= 0)
    for kind, number, time in zip(asked.kind.tolist(), asked.number.tolist(), asked.time.tolist(), strict=True):
        first.setdefault((KINDS[kind], str(number)), time)
    return first


def _lost(company: Any) -> set[int]:
    """The orders of which a scan never reached the log."""
    log = company.touchpoints.take(company.touchpoints.lost)
    return set(log.order_id[log.order_id >= 0].tolist())


def _micros(company: Any, time: float) -> int | None:
    from beforehand.demo.company.files import micros

    return int(micros(company, np.array([time]))[0]) if np.isfinite(time) else None


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    from beforehand.cli.ready import ready

    ready()
    json.dump(judged(int(sys.argv[1])), sys.stdout)

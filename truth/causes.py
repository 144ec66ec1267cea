"""Attributable contacts and accusations, beside the planted truth."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from truth import companies
from truth.table import Line, clustered, percent

SORTS = {
    "Payment Failed": "release",
    "Delivery Delayed": "courier",
    "Delivery Failed": "courier",
    "Invoice Issued": "invoice",
    "Refund Promised": "refund",
    "Sync Failed": "setup",
}
"""By what a planted cause shows."""
EVERYDAY = {"Payment Failed", "Delivery Delayed", "Delivery Failed", "Sync Failed"}
LATE = {
    ("get-my-money-back", "issued"): "refund",
    ("receive-my-order", "shipped"): "slow",
    ("receive-my-order", "delivered"): "courier",
}


def judge(seed: int) -> dict[str, Any]:
    """One company with all five causes: what was found, and what is true."""
    from beforehand.demo.company.plan import CAUSES
    from beforehand.demo.company.truth import of_cause
    from beforehand.insight.causes.finding import find

    company = companies.small_company(seed)
    found = find(companies.tables(company), **companies.configuration()).found
    true = {cause: of_cause(company, cause) for cause in CAUSES}
    planted = {cause: one["contacts"] for cause, one in true.items()}
    blamed = [(blame(one, company.plan), one.key, one.value, one.low, one.high, one.lost) for one in found]
    marked = {cause: one["marked"] for cause, one in true.items()}
    return {"seed": seed, "planted": planted, "marked": marked, "blamed": blamed}


def judge_none(seed: int) -> dict[str, Any]:
    """One company in which nothing goes wrong: whatever is blamed is blamed wrongly."""
    from beforehand.demo.company.plan import CAUSES, EXTRAS
    from beforehand.insight.causes.finding import find

    company = companies.small_company(seed, [*CAUSES, *EXTRAS])
    found = find(companies.tables(company), **companies.configuration()).found
    return {"seed": seed, "blamed": [(None, one.key, one.value, one.low, one.high) for one in found]}


def blame(one: Any, plan: Any) -> str | None:
    """Which truth a cause that was found stands for; None for a false accusation.

    An incident must be known by what the cause is known by, or lie in its weeks, at least for half of its days. A
    trouble in general stands for the planted cause where it was not split, and for what goes wrong every day where it
    was.
    """
    if one.sort == "late":
        return LATE.get((one.kind, one.step))
    cause = SORTS.get(one.name)
    if cause is None:
        return None
    from beforehand.demo.company.truth import WHERE

    if one.ordinary:
        return "everyday" if one.name in EVERYDAY else None
    if one.start is None and one.end is None:
        return cause
    first, last = plan.window(cause)
    if set(one.where) & set(WHERE[cause].items()):
        return cause
    start = (date.fromisoformat(one.start) - plan.start.date()).days if one.start else 0
    end = (date.fromisoformat(one.end) - plan.start.date()).days if one.end else plan.days
    slack = {"refund": 14, "setup": 3}.get(cause, 7)
    shared = min(end, last / 86_400 + slack) - max(start, first / 86_400)
    return cause if shared >= 0.5 * (end - start) else None


def lines(judged: Sequence[dict[str, Any]]) -> Iterable[Line]:
    """Coverage, width, error and accusations over all companies."""
    covered, widths, errors, bias = [], [], [], {}
    false, ranked = [], []
    for one in judged:
        hits = []
        for cause, truth in one["planted"].items():
            own = [(value, value - low) for label, _key, value, low, *_rest in one["blamed"] if label == cause]
            value = sum(value for value, _half in own)
            half = float(np.sqrt(sum(half**2 for _value, half in own)))
            hits.append(float(abs(value - truth) <= half and bool(own)))
            widths.append(half / truth if own else np.inf)
            bias.setdefault(cause, []).append(value - truth)
            if truth >= 300:
                errors.append(abs(value - truth) / truth)
        covered.append(hits)
        labels = [label for label, *_rest in one["blamed"]]
        false.append([labels.count(None) / len(labels) if labels else 0.0])
        ranked.append([float(set(labels[:5]) >= set(one["planted"]))])
    share, low, high = clustered(covered)
    yield Line(
        "attributable contacts: pooled coverage of the 95 % intervals", percent(share, low, high), "92–98 %",
        0.92 <= share <= 0.98, f"{len(judged)} companies × 5 causes",
    )  # fmt: skip
    yield Line("median half-width, of the truth", percent(float(np.median(widths))), "≤ 30 %", np.median(widths) <= 0.3)
    if errors:
        yield Line(
            "median error where the truth is 300 or more", percent(float(np.median(errors))), "≤ 15 %",
            np.median(errors) <= 0.15, f"{len(errors)} causes",
        )  # fmt: skip
    for cause, off in bias.items():
        truths = [one["planted"][cause] for one in judged]
        yield Line(f"  {cause}: mean error", f"{np.mean(off):+.1f} contacts", note=f"mean truth {np.mean(truths):.0f}")
    share, low, high = clustered(false)
    yield Line("accusations: mean false share", percent(share, low, high), "≤ 5 %", share <= 0.05)
    share, low, high = clustered(ranked)
    yield Line("the five true causes are the first five", percent(share, low, high), "≥ 80 %", share >= 0.8)


def lines_none(judged: Sequence[dict[str, Any]]) -> Iterable[Line]:
    share, low, high = clustered([[float(not one["blamed"])] for one in judged])
    blamed = sorted({key for one in judged for _label, key, *_rest in one["blamed"]})
    yield Line(
        "no cause planted: nobody is accused", percent(share, low, high), "≥ 95 %", share >= 0.95,
        f"{len(judged)} companies" + (f"; accused: {', '.join(blamed[:4])}" if blamed else ""),
    )  # fmt: skip

"""What is true of a company: what each cause did, what became of the needs, who answered, what was promised.

The truth of a cause is the number of contacts with it minus the number without it, on the same seed. `added` are the
contacts that are there only with it, `removed` those that are there only without it: people who left or did not buy
have nothing to ask about.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from beforehand.demo.company.life import Company, live
from beforehand.demo.company.plan import CAUSES, COSTS, DAY, EXTRAS
from beforehand.demo.company.table import Table
from beforehand.demo.company.topics import CAUSES_OF_CONTACT, CHANNELS, KINDS
from beforehand.demo.company.troubles import CAUSE_NAMES, SORT_NAMES, SORTS

COST = np.array([COSTS[channel] for channel in CHANNELS])
WHERE: dict[str, dict[str, str]] = {
    "release": {"platform": "ios", "version": "4.12"},
    "courier": {"courier": "Swiftline", "region": "west"},
    "invoice": {"billing": "r14"},
    "refund": {},
    "setup": {},
    "slow": {"store": "Mill Lane"},
    "everyday": {},
}
"""By which properties a cause can be known."""
MEDIATORS = {
    "release": ["Checkout Started", "Payment Info Entered"],
    "courier": ["Delivery Failed", "Tracking Page Viewed", "Notice Sent", "Case Resolved", "Survey Answered"],
    "invoice": ["Invoice Viewed", "Invoice Corrected", "Notice Sent", "Case Resolved", "Survey Answered"],
    "refund": ["Notice Sent", "Case Resolved", "Survey Answered"],
    "setup": ["Case Resolved", "Survey Answered"],
    "slow": ["Notice Sent"],
    "everyday": [],
}
"""What a cause makes more frequent and what lies between it and contacts, or after them: never a cause of its own."""


def truth(company: Company) -> dict[str, Any]:
    """Everything, as JSON can hold it. It lives the company's life once more without each cause."""
    plan, contacts = company.plan, company.contacts
    causes = [cause for cause in [*CAUSES, *EXTRAS] if cause not in plan.off]
    return {
        "seed": plan.seed,
        "customers": plan.customers,
        "days": plan.days,
        "start": plan.start.isoformat(),
        "end": plan.end.isoformat(),
        "off": sorted(plan.off),
        "touchpoints": int((~company.touchpoints.lost).sum()),
        "lost": int(company.touchpoints.lost.sum()),
        "contacts": len(contacts),
        "contacts_by_cause": _split(contacts.cause, CAUSES_OF_CONTACT),
        "contacts_by_channel": _split(contacts.channel, CHANNELS),
        "cost": round(float(COST[contacts.channel].sum()), 2),
        "causes": {cause: of_cause(company, cause) for cause in causes},
        "needs": needs_met(company),
        "stuck": {"episodes": len(company.stuck), "by_kind": _split(company.stuck.kind, KINDS)},
        "surveys": company.told.surveys,
        "promises": _promises(company),
        "left": int(np.isfinite(company.people.leaves).sum()),
        "devices_never_joined": int(company.people.second.sum()),
    }


def of_cause(company: Company, cause: str, without: Company | None = None) -> dict[str, Any]:
    """The truth of one cause. `without` is the same company without it; it is lived if it is not given."""
    off = without or live(replace(company.plan, off=company.plan.off | {cause}))
    on, number = company.contacts, CAUSE_NAMES.index(cause)
    added = on.take(~np.isin(on.key, off.contacts.key))
    removed = off.contacts.take(~np.isin(off.contacts.key, on.key))
    met = company.troubles.take(company.troubles.cause == number)
    wrote = np.isin(met.key, on.trouble)
    first, last = (0.0, company.plan.length) if cause == "everyday" else company.plan.window(cause)
    start = company.plan.start.timestamp()
    return {
        "what": (CAUSES | EXTRAS)[cause],
        "from": _moment(start + first),
        "to": _moment(start + min(last, company.plan.length)),
        "where": WHERE[cause],
        "shows": sorted({SORTS[SORT_NAMES[sort]].shows or "nothing" for sort in np.unique(met.sort)}),
        "needs": sorted({SORTS[SORT_NAMES[sort]].need for sort in np.unique(met.sort)}),
        "mediators": MEDIATORS[cause],
        "troubles": len(met),
        "exposed_customers": len(np.unique(met.customer)),
        "exposed_needs": len(np.unique(met.need)),
        "silent": int((~wrote).sum()),
        "contacts": len(added) - len(removed),
        "added": len(added),
        "removed": len(removed),
        "marked": int((on.root == number).sum()),
        "by_cause": _split(added.cause, CAUSES_OF_CONTACT),
        "money": round(float(COST[added.channel].sum() - COST[removed.channel].sum()), 2),
    }


def attributable(company: Company) -> dict[str, int]:
    """The contacts that go back to each cause by their mark: `added` of `of_cause`, without living another life."""
    return {cause: int((company.contacts.root == number).sum()) for number, cause in enumerate(CAUSE_NAMES)}


def needs_met(company: Company) -> dict[str, Any]:
    """Needs of settled cohorts, those older than horizon and seven days, by kind and together."""
    needs = company.needs
    settled = needs.take(needs.opened + needs.horizon + 7 * DAY <= company.plan.length)
    kinds = {kind: _share(settled.take(settled.kind == number)) for number, kind in enumerate(KINDS)}
    together = {"opened_in_all": len(needs), **_share(settled)}
    return together | {"by_kind": {kind: share for kind, share in kinds.items() if share["opened"]}}


def _share(needs: Table) -> dict[str, Any]:
    good = int((needs.beforehand == 1).sum())
    return {
        "opened": len(needs),
        "met": int(np.isfinite(needs.met).sum()),
        "with_contact": int((needs.contacts > 0).sum()),
        "met_beforehand": good,
        "share": round(good / len(needs), 5) if len(needs) else None,
    }


def _promises(company: Company) -> dict[str, int]:
    """Refunds that were promised for a day."""
    back, end = company.life["returns"], company.plan.length
    due = back.take(back.due < end)
    kept = int((due.issued <= due.due).sum())
    return {"due": len(due), "kept": kept, "broken": len(due) - kept}


def _split(numbers: np.ndarray, names: list[str]) -> dict[str, int]:
    counts = np.bincount(numbers, minlength=len(names))
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}


def _moment(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat()

"""The company that `beforehand demo` opens on: The Lantern Shop, until now, with its truth in the data folder.

It sells lamps on the web, in an app and in two stores, and a subscription to the hub that lights them. In the last four
weeks a release of the iOS app breaks payments and a courier is late in the West; before that there were wrong invoices,
late refunds and a hub that did not sync.
"""

from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from django.utils import timezone

from beforehand.demo import desk
from beforehand.demo.company import files
from beforehand.demo.company.life import live
from beforehand.demo.company.loading import load
from beforehand.demo.company.plan import Plan
from beforehand.insight import causes
from beforehand.insight.breaks.storing import run_scan
from beforehand.journey.models import Touchpoint
from beforehand.team.models import Workspace

NAME, ZONE = "The Lantern Shop", "Europe/Dublin"
CUSTOMERS, DAYS, SEED = 1_300, 150, 20
WEEKS = MappingProxyType(
    {
        "release": (0.85, 0.97),
        "courier": (0.76, 0.93),
        "invoice": (0.62, 0.82),
        "refund": (0.45, 0.72),
        "setup": (0.45, 0.92),
    }
)


def is_empty() -> bool:
    """Whether the record holds nothing yet, so that a demo hides nobody's own data."""
    return not Touchpoint.objects.exists()


def plan(customers: int = CUSTOMERS, days: int = DAYS, seed: int = SEED, end: datetime | None = None) -> Plan:
    end = (end or timezone.now()).replace(microsecond=0)
    return Plan(customers, days, seed, end=end, weeks=WEEKS, subscribers=0.4, returns=0.16)


def open_on(wanted: Plan, truth: Path | None = None) -> int:
    """Put the company into the record, and its truth into a folder if one is given. Gives the number of touchpoints."""
    company = live(wanted)
    Workspace.objects.update_or_create(pk=1, defaults={"name": NAME, "zone": ZONE})
    added = load(company, wanted.end)
    if truth is not None:
        files.write(company, truth)
    return added


def look() -> None:
    """Search for breaks and for causes of contacts, as the program does by itself while it serves."""
    run_scan()
    causes.run_search()


def fill_desk() -> int:
    """Give the desk what customers wrote in the last weeks, and some who wait; how many conversations there are."""
    return desk.fill(ZONE)

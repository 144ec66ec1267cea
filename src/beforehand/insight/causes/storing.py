"""Searches that are kept: made when the data has changed, shown until the next one is finished."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from beforehand.insight import searching
from beforehand.insight.causes.clocks import clocks_of, pledges_of
from beforehand.insight.causes.found import Cause, Findings
from beforehand.insight.models import CauseSearch, ContactCause
from beforehand.journey import lake

METHOD = 4
"""Rises with every change of the method: what an earlier one found is then searched for again."""


class Victim(NamedTuple):
    """Whom a cause struck: the touchpoint, the customer, when (ISO), and how many contacts came in its days."""

    touchpoint: int
    customer: int
    time: str
    contacts: int


def configuration() -> dict[str, Any]:
    """What `find` asks for beside the lake: kinds of needs, rules of promises, costs of contacts, as they stand.

    They are read after the snapshot was taken and may be newer than it, which is no harm: what stands today is held
    against all the past. A search reads them once and keeps their print; when they change, it is made again.
    """
    from beforehand.journey.contacts.costs import costs
    from beforehand.journey.needs.keeping import definitions
    from beforehand.journey.promises.rules import in_force

    return {
        "clocks": clocks_of(definitions()),
        "pledges": pledges_of(in_force()),
        "costs": {channel: float(cost) for channel, cost in costs().items()},
    }


def print_of(asked: Mapping[str, Any]) -> str:
    """What tells one configuration from another."""
    plain = repr((asked["clocks"], asked["pledges"], sorted(asked["costs"].items())))
    return blake2b(plain.encode(), digest_size=8).hexdigest()


def run_search(reader: Any = None) -> Findings:
    """Search what the lake and the record hold now, and keep what was found."""
    from beforehand.insight.causes.finding import find

    if reader is None:
        with lake.reader() as snapshot:
            return run_search(snapshot)
    record = CauseSearch.objects.create(through=reader.through, lake_version=reader.version, method=METHOD)
    asked = configuration()
    findings = replace(find(reader.db, **asked), configuration=print_of(asked))
    with transaction.atomic():
        ContactCause.objects.bulk_create(
            ContactCause(
                search=record,
                rank=one.rank,
                key=one.key[:500],
                found=one.found,
                payload=one.as_dict(),
                victims=findings.victims.get(one.key, []),
            )
            for one in findings.causes
        )
        record.payload = findings.summary()
        record.finished = timezone.now()
        record.save(update_fields=["finished", "payload"])
    searching.forget_older(CauseSearch.objects.all())
    return findings


def newest() -> CauseSearch | None:
    """The latest finished search by the method of today; what another method kept cannot be read any more."""
    found: CauseSearch | None = searching.latest_of(CauseSearch.objects.filter(method=METHOD))
    return found


def latest() -> Findings | None:
    """What the latest finished search found; None before the first."""
    search = newest()
    return _kept(search) if search else None


def _kept(search: CauseSearch) -> Findings:
    causes = tuple(Cause.from_dict(one.payload) for one in search.causes.defer("victims"))
    return Findings(causes=causes, **search.payload)


def of_snapshot(reader: Any) -> Findings:
    """Those of the latest search when it saw all that this snapshot holds; else the snapshot is searched."""
    search = newest()
    seen = search is not None and search.through == reader.through and not is_of_another_configuration(search)
    return _kept(search) if search and seen else run_search(reader)


def is_of_another_configuration(search: CauseSearch) -> bool:
    """Whether kinds, rules or costs have changed since."""
    kept = search.payload.get("configuration", "")
    return bool(kept) and kept != print_of(configuration())


def victims(key: str) -> list[Victim]:
    """The latest whom a cause of the latest search struck, the newest first."""
    search = newest()
    one = search.causes.filter(key=key[:500]).first() if search else None
    return [Victim(*row) for row in one.victims] if one else []


def is_due() -> bool:
    """Whether there is enough that the latest search has not seen, or kinds, rules or costs have changed since."""
    if searching.is_due(CauseSearch.objects.filter(method=METHOD)):
        return True
    search = newest()
    rested = search is not None and timezone.now() - search.started >= searching.SHORTEST
    return search is not None and rested and is_of_another_configuration(search)


def current() -> Findings:
    """Those of the latest search; searched now where there is none, or it was made with another configuration."""
    search = newest()
    return run_search() if search is None or is_of_another_configuration(search) else _kept(search)


def search_when_due() -> bool:
    """What the scheduler does. Returns whether a search was made."""
    if not is_due():
        return False
    run_search()
    return True

"""What insight does for the rooms below: it says who is behind a number, and forgets results that may name somebody."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from beforehand.insight import measures
from beforehand.insight.models import CauseSearch, StoredResult
from beforehand.journey.needs.keeping import in_force
from beforehand.lib.bus import on
from beforehand.lib.palette import Answer
from beforehand.team.models import Member

if TYPE_CHECKING:
    from beforehand.journey.contact_list import Within
    from beforehand.journey.listing import Chosen
    from beforehand.journey.promised import Within as PromisesWithin


MOST = 8


@on("customers.chosen")
def choose(asked: Mapping[str, str], before: tuple[int, int] | None, limit: int) -> "Chosen | None":
    from beforehand.insight import drilldown  # here, because the lake is slow to load and most commands never need it

    return drilldown.customers(asked, before, limit)


@on("contacts.within")
def narrow(asked: Mapping[str, str], reader: Any) -> "Within | None":
    from beforehand.insight import drilldown

    return drilldown.contacts(asked, reader)


@on("promises.within")
def narrow_promises(asked: Mapping[str, str]) -> "PromisesWithin | None":
    from beforehand.insight import drilldown

    return drilldown.promises(asked)


@on("customers.erase")
def erase(customers: list[int], identifiers: list[int]) -> dict[str, Any]:
    from beforehand.insight import rollups

    transaction.on_commit(rollups.sweep)
    return {
        "results": {
            "stored results": StoredResult.objects.all().delete()[0],
            "searches for causes": CauseSearch.objects.all().delete()[0],
        }
    }


@on("palette.search")
def find_measures(q: str, member: Member) -> list[Answer]:
    """Measures by the beginning of words in their title or slug."""
    asked = q.casefold().split()
    found = []
    for slug, measure in measures.all().items():
        words = f"{measure.title} {slug.replace('-', ' ')}".casefold().split()
        if all(any(word.startswith(part) for word in words) for part in asked):
            found.append(Answer(str(measure.title), reverse("insight:measure", args=[slug]), _("measure"), "measures"))
    return found


@on("palette.search")
def find_kinds(q: str, member: Member) -> list[Answer]:
    """Kinds of need by the beginning of words in their title."""
    asked = q.casefold().split()
    found = []
    for kind in in_force():
        words = f"{kind.title} {kind.slug.replace('-', ' ')}".casefold().split()
        if all(any(word.startswith(part) for word in words) for part in asked):
            found.append(Answer(kind.title, reverse("insight:need", args=[kind.slug]), _("need"), "needs"))
    return found[:MOST]


@on("catalogue.changed")
def ask_again() -> None:
    """Kept results were made with other stages and kinds."""
    StoredResult.objects.all().delete()


@on("workspace.changed")
def count_days_anew(changed: set[str]) -> None:
    """Days have other borders in another zone. (The lake reads them so at once, and rewrites its files by itself.)"""
    if "zone" in changed:
        StoredResult.objects.all().delete()

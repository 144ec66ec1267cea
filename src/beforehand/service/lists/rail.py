"""The rail of views with what each holds."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models import Arrival
from beforehand.lib.prepared import Prepared
from beforehand.service.lists.desk_views import LAST, LATER, STANDING, View, saved_for
from beforehand.service.lists.tally import MOST, counts
from beforehand.service.search.query import parse
from beforehand.team.models import Member, Team

KEYS = {"waiting": "g i", "mine": "g m", "nobodys": "g u", "mentions": "g @", "them": "g t", "snoozed": "g s",
        "done": "g d", "promises": "g p", "all": "g a"}  # fmt: skip
BROKEN, NEAR = "broken", "near"


class Place(NamedTuple):
    """A line of the rail: `held` is empty where nothing is counted, `dot` a tone."""

    title: str | Promise
    url: str
    slug: str
    held: str
    dot: str = ""
    keys: str = ""


def of(member: Member, teams: Sequence[Team]) -> dict[str, Any]:
    """The rail's parts, for a template."""
    held = counts(member)
    desk = reverse("service:desk")

    def place(view: View) -> Place:
        number = held.get(view.slug)
        dot = BROKEN if view.slug == "promises" and number else ""
        shown = "" if not number else f"{MOST - 1}+" if number >= MOST else str(number)
        return Place(view.title, f"{desk}?view={view.slug}", view.slug, shown, dot, KEYS.get(view.slug, ""))

    saved = [View(f"saved-{one.pk}", one.name, search=parse(one.query), saved=one) for one in saved_for(member)]
    return {
        "view_parts": [
            ("", [place(one) for one in STANDING]),
            ("", [place(one) for one in LATER]),
            (
                _("Teams"),
                [
                    place(View(f"team-{one.pk}", one.name))
                    for one in teams
                    if held.get(f"team-{one.pk}") or len(teams) < 9
                ],
            ),
            (_("Saved"), [place(one) for one in saved]),
        ],
        "last": [*_quarantine(member), *(place(one) for one in LAST)],
        "counts": held,
    }


_in_quarantine: Prepared[Any] = Prepared(
    lambda: Arrival.objects.filter(state=Arrival.State.QUARANTINE).values_list("pk")[:MOST]
)


def _quarantine(member: Member) -> list[Place]:
    try:
        url = reverse("channels:quarantine")
    except NoReverseMatch:
        return []
    waiting = len(_in_quarantine())
    return [Place(_("Quarantine"), url, "quarantine", str(waiting or ""), NEAR if waiting else "")]

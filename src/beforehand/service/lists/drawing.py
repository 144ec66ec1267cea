"""The lines of a list as HTML, joined here: a page has fifty of them, and as template nodes they cost ten times as
much."""

from collections.abc import Iterable
from functools import cache
from html import escape
from urllib.parse import quote

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from beforehand.journey.lines import shortened
from beforehand.service.lists.lines import Row
from beforehand.service.lists.rail import Place
from beforehand.service.models import Presence, Priority
from beforehand.service.shortly import initials, moment, wait
from beforehand.team.models.members import initials_of

SUBJECT = 90
FACES = 2
TONES = {"broken": "late", "near": "soon", "": "clock"}


class Pen:
    """Draws lines of a view in the language in force. `words`: what was looked for, which the links carry on."""

    def __init__(self, view: str, words: str = "") -> None:
        self.before, _zero, self.after = reverse("service:conversation", args=[0]).rpartition("0")
        self.asked = escape(f"?view={view}" + (f"&q={quote(words)}" if words else ""))
        self.select, self.unread, self.nobody, self.ours, self.lost = (
            _("Select %(name)s"), _("unread"), escape(_("nobody’s yet")), escape(_("You (team):")),
            escape(_("undelivered")),
        )  # fmt: skip
        self.waits = {
            "broken": _("waiting, past its target"), "near": _("waiting, near its target"), "": _("waiting"),
        }  # fmt: skip

    def draw(self, rows: Iterable[Row]) -> SafeString:
        return mark_safe("".join([self.line(row) for row in rows]))  # noqa: S308

    def line(self, row: Row) -> str:
        id, name = row.id, row.customer
        company = f" <small>{escape(row.company)}</small>" if row.company else ""
        return (
            f'<li id="row-{id}"><input class="pickbox" type="checkbox" tabindex="-1"'
            f' aria-label="{escape(self.select % {"name": name})}">'
            f'<a class="conv{" unread" if row.unread else ""}" id="conv-{id}" data-id="{id}"'
            f' data-through="{row.through}" href="{self.before}{id}{self.after}{self.asked}">'
            f'<span class="top"><span class="person">{icon(row.icon, "small")}<span>{escape(name)}{company}</span>'
            f"</span>{_here(row.here)}{self.chip(row)}</span>"
            f"<b>{_hot(row)}{escape(shortened(row.subject or row.snippet, SUBJECT))}</b>{self.owner(row)}"
            f'<span class="snip">{icon("clip", "small") if row.has_files else ""}{self.snippet(row)}</span></a></li>'
        )

    def chip(self, row: Row) -> str:
        """How long the customer has waited, or else what there is to say."""
        waits, tone = row.waits, row.tone
        if waits is not None and row.waiting_since is not None:
            said = self.waits[tone] + (f", {self.unread}" if row.unread else "")
            return (
                f'<span class="chip {tone}">{icon(TONES[tone])}'
                f'<span data-since="{timezone.localtime(row.waiting_since).isoformat()}">{escape(wait(waits))}</span>'
                f'<span class="hid"> {escape(said)}</span></span>'
            )
        if row.undelivered:
            said = f"{icon('late')}{self.lost}"
        elif row.snoozed_until:
            said = f"{icon('moonz')}{escape(moment(row.snoozed_until))}"
        else:
            said = escape(moment(row.last))
        return f'<span class="chip">{said}</span>'

    def owner(self, row: Row) -> str:
        if not row.owner:
            return f'<i class="face small none" title="{self.nobody}"></i>'
        return f'<i class="face small" title="{escape(row.owner)}">{escape(initials_of(row.owner))}</i>'

    def snippet(self, row: Row) -> str:
        if row.excerpt:
            return escape(row.excerpt)
        by = f'<span class="by">{self.ours}</span> ' if row.last_by == "member" else ""
        return by + escape(row.snippet)


def _hot(row: Row) -> str:
    if row.priority <= Priority.NORMAL:
        return ""
    return f'<span class="hot" title="{escape(row.urgency)}">!</span> '


def _here(here: list[Presence]) -> str:
    """The faces of those who look at it."""
    if not here:
        return ""
    faces = [
        f'<i class="face small{" types" if who.typing else ""}" title="{escape(who.name)}">'
        f"{escape(initials(who.name))}</i>"
        for who in here[:FACES]
    ]
    return f'<span class="here">{"".join(faces)}</span>'


def places(some: Iterable[Place], current: str) -> SafeString:
    """Places of the rail."""
    return mark_safe("".join([_place(one, one.slug == current) for one in some]))  # noqa: S308


def _place(one: Place, is_current: bool) -> str:
    go = f' data-go="{escape(one.keys)}"' if one.keys else ""
    current = ' aria-current="true"' if is_current else ""
    dot = f'<i class="dot {one.dot}"></i>' if one.dot else ""
    said = f"<span>{escape(str(one.title))}</span>{dot}<small>{one.held}</small>"
    return f'<li><a href="{escape(one.url)}"{go}{current}>{said}</a></li>'


@cache
def icon(name: str, size: str = "") -> SafeString:
    return format_html('<svg class="i {}" aria-hidden="true"><use href="#i-{}"/></svg>', size, name)

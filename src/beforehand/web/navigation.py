"""Where one can go. The shell knows the rooms by URL name; what does not resolve is not there and is left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beforehand.team.models import Member


class Entry(NamedTuple):
    """A place: `needs` names the property of Member that must hold, `keys` are typed one after the other."""

    title: str | Promise
    name: str
    icon: str
    keys: str = ""
    needs: str = ""
    about: str | Promise = ""
    also: tuple[str, ...] = ()
    tally: str = ""
    """The URL name of the fragment that says how much waits there."""


@dataclass(frozen=True)
class Link:
    """An entry that this person may open, with its address and whether they are in it."""

    title: str
    url: str
    icon: str
    keys: tuple[str, ...]
    about: str
    current: bool
    count: str = ""


HOME = Entry(_("Home"), "web:home", "home", "g h")
MAP = Entry(_("Journey"), "insight:map", "journey", "g j")
CUSTOMERS = Entry(
    _("Customers"), "journey:customers", "customers", "g c", "may_see_customers", also=("journey:company",)
)
NEEDS = Entry(_("Needs"), "insight:needs", "needs", "g n")
CAUSES = Entry(_("Causes"), "insight:causes", "filter", "g a")
CONTACTS = Entry(_("Contacts"), "journey:contacts", "chat", "g o", "may_see_customers")
DESK = Entry(
    _("Desk"),
    "service:desk",
    "desk",
    "g d",
    "may_see_customers",
    also=("service:conversation",),
    tally="service:waiting",
)
PROMISES = Entry(_("Promises"), "journey:promises", "promise", "g p", "may_see_customers")
BREAKS = Entry(_("Breaks"), "insight:breaks", "late", "g b")
MEASURES = Entry(_("Measures"), "insight:measures", "measures", "g m")
SETTINGS = Entry(_("Settings"), "web:settings", "settings", "g s")

RAIL = ((HOME, MAP, NEEDS, CUSTOMERS), (DESK, CAUSES, CONTACTS, PROMISES), (BREAKS, MEASURES))
TABBAR = (HOME, DESK, NEEDS, CUSTOMERS, MAP, CAUSES, BREAKS)

SETTINGS_PAGES: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("You"),
        (
            Entry(_("Profile"), "team:profile", "user", about=_("Your name, your password, the second step")),
            Entry(
                _("Your desk"), "service:own_desk", "desk", "", "may_see_customers",
                _("Whether you are there; keys; what comes next"),
            ),
        ),
    ),
    (
        _("Company"),
        (
            Entry(_("Company"), "team:workspace", "store", "", "may_own", _("Name, time zone, currency, language")),
            Entry(_("Members"), "team:members", "customers", "", "may_own", _("Who can log in, and what they may do")),
            Entry(_("Audit"), "team:audit", "eye", "", "may_own", _("Who did what, and when")),
        ),
    ),
    (
        _("Channels"),
        (
            Entry(_("Mailboxes"), "channels:mailboxes", "mail", "", "may_own", _("What customers write to")),
            Entry(_("Quarantine"), "channels:quarantine", "shield", "", "may_configure", _("Mail that found no place")),
            Entry(_("Outgoing"), "channels:outgoing", "send", "", "may_configure", _("What leaves, and the brake")),
            Entry(
                _("Blocked senders"), "channels:blocked", "x", "", "may_configure", _("From whom nothing comes in")
            ),
            Entry(_("Chat and form"), "channels:widgets", "chat", "", "may_configure", _("On your own pages")),
            Entry(_("API tokens"), "team:tokens", "lock", "", "may_configure", _("For programs of yours")),
        ),
    ),
    (
        _("Desk"),
        (
            Entry(
                _("Teams"), "service:teams", "customers", "", "may_configure",
                _("Who shares a queue, and how it is handed out"),
            ),
            Entry(
                _("Targets"), "service:policies", "clock", "", "may_configure",
                _("By when we answer"),
            ),
            Entry(
                _("Is it solved?"), "service:asking", "voice", "", "may_configure",
                _("A sample of customers is asked"),
            ),
            Entry(
                _("Working hours"), "service:hours", "cal", "", "may_configure",
                _("Windows, holidays, days of their own"),
            ),
            Entry(
                _("Saved replies"), "service:macros", "quote", "", "may_see_customers",
                _("Texts with variables, and what is done with them"),
            ),
            Entry(
                _("Views"), "service:views", "eye", "", "may_see_customers",
                _("Searches under a name"),
            ),
            Entry(
                _("Statuses"), "service:statuses", "done", "", "may_configure",
                _("Names of your own, and what each means"),
            ),
            Entry(
                _("Fields"), "service:fields", "table", "", "may_configure",
                _("What is asked about every conversation"),
            ),
            Entry(
                _("Tags"), "service:tags", "filter", "", "may_configure",
                _("Words to find conversations by"),
            ),
        ),
    ),
    (
        _("Journey"),
        (
            Entry(_("Write keys"), "journey:keys", "lock", "", "may_own", _("What may send touchpoints to us")),
            Entry(
                _("Kinds of need"), "journey:kinds", "needs", "", "may_configure", _("What customers try to get done")
            ),
            Entry(_("Stages"), "journey:stages", "journey", "", "may_configure", _("The steps of a life with us")),
            Entry(_("Catalogue"), "journey:catalogue", "table", "", "may_configure", _("What each touchpoint means")),
            Entry(_("Cost of a contact"), "journey:costs", "chat", "", "may_configure", _("By channel, for the money")),
            Entry(_("Failed messages"), "journey:failed", "late", "", "may_configure", _("What could not be read")),
            Entry(_("Merges to review"), "customers:review", "merge", "", "may_configure", _("Who may be one person")),
        ),
    ),
)  # fmt: skip


DEEDS = (
    Entry(_("Invite a member"), "team:members", "user", needs="may_own"),
    Entry(_("Make a write key"), "journey:keys", "lock", needs="may_own"),
    Entry(_("Make a kind of need"), "journey:new_kind", "needs", needs="may_configure"),
    Entry(_("Judge a sample of contacts"), "journey:audits", "check", needs="may_see_customers"),
    Entry(_("Show all keys"), "web:keys", "table", "?"),
    Entry(_("Log out"), "account_logout", "right"),
)


def rail(request: HttpRequest) -> list[list[Link]]:
    return [links for section in RAIL if (links := links_of(section, request))]


def tabbar(request: HttpRequest) -> list[Link]:
    return links_of(TABBAR, request)[:5]


def settings_link(request: HttpRequest) -> Link | None:
    return next(iter(links_of((SETTINGS,), request)), None)


def settings_pages(request: HttpRequest) -> list[tuple[str, list[Link]]]:
    return [(str(title), links) for title, entries in SETTINGS_PAGES if (links := links_of(entries, request))]


def deeds(request: HttpRequest) -> list[Link]:
    return links_of(DEEDS, request)


def everywhere(request: HttpRequest) -> list[Link]:
    """Every place that this person may open, for the palette and the list of keys."""
    entries = [*(entry for section in RAIL for entry in section), SETTINGS]
    entries += [entry for _title, section in SETTINGS_PAGES for entry in section]
    return links_of(tuple(entries), request)


def links_of(entries: tuple[Entry, ...], request: HttpRequest) -> list[Link]:
    return list(_resolved(entries, request))


def _resolved(entries: tuple[Entry, ...], request: HttpRequest) -> Iterator[Link]:
    for entry in entries:
        if entry.needs and not (isinstance(request.user, Member) and getattr(request.user, entry.needs)):
            continue
        url, count = _address(entry.name), _address(entry.tally)
        if not url:
            continue
        keys = tuple(entry.keys.split())
        yield Link(str(entry.title), url, entry.icon, keys, str(entry.about), _inside(entry, url, request), count)


@cache
def _address(name: str) -> str:
    """Nothing, where there is no such room."""
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


def _inside(entry: Entry, url: str, request: HttpRequest) -> bool:
    """A person is in a place on its own page and on every page below its address."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    if view in (entry.name, *entry.also):
        return True
    return url != "/" and request.path.startswith(url.rstrip("/") + "/")

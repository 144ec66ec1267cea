"""The columns that a table of conversations may have."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Column(NamedTuple):
    """`order`: the sort that its head asks for, where it sorts."""

    slug: str
    title: str | Promise
    order: str = ""
    number: bool = False


_ALL = (
    Column("waits", pgettext_lazy("of a customer", "Waits"), "longest", True),
    Column("customer", _("Customer")),
    Column("subject", _("Subject")),
    Column("status", _("Status")),
    Column("owner", _("Owner")),
    Column("team", _("Team")),
    Column("priority", _("Priority"), "priority"),
    Column("due", _("Due"), "due", True),
    Column("last", _("Last message"), "newest", True),
    Column("opened", _("Begun"), "opened", True),
    Column("messages", _("Messages"), "messages", True),
    Column("channel", _("Channel")),
    Column("company", _("Company")),
    Column("number", _("Number"), "", True),
)
COLUMNS = {one.slug: one for one in _ALL}
STARTING = ("waits", "customer", "subject", "status", "owner", "team", "due", "last")


def chosen(slugs: Sequence[str]) -> list[Column]:
    return [COLUMNS[one] for one in slugs if one in COLUMNS] or [COLUMNS[one] for one in STARTING]


def every(slugs: Sequence[str]) -> list[tuple[Column, bool]]:
    """All columns with whether each is shown, the shown ones first and in their order."""
    shown = chosen(slugs)
    return [(one, True) for one in shown] + [(one, False) for one in _ALL if one not in shown]

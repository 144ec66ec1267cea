"""The fields of the form for a kind of need, with their words: what is asked, and what is meant by it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beforehand.journey.drafts import Draft


class Field(NamedTuple):
    """A field: `lines` is how many lines it has, `names` whether it holds names of touchpoints."""

    name: str
    label: str | Promise
    hint: str | Promise = ""
    lines: int = 1
    names: bool = False


class Shown(NamedTuple):
    """A field with what was typed and what is wrong with it."""

    field: Field
    value: str
    errors: list[str]


WHAT = (
    Field("title", _("Name of the need"), _("As a customer would say it: “Receive my order”.")),
    Field("kind", _("Short name"), _("Small letters, digits and hyphens. It never changes, and may be left to us.")),
    Field("current", _("Where they are"), _("“I have paid and wait.”")),
    Field("desired", _("Where they want to be"), _("“I hold what I ordered.”")),
)
ENDS = (
    Field(
        "opens",
        _("Opens with"),
        _("Touchpoints, one a line. With conditions: Payment Failed [platform=ios|android]"),
        2,
        True,
    ),
    Field("meets", _("Is met by"), "", 2, True),
    Field("ends", _("Is given up with"), _("Ends the need without meeting it."), 2, True),
    Field("key", _("Told apart by"), _("The property that tells two such needs of a customer apart: order_id")),
)
TIMES = (
    Field("horizon", _("Horizon"), _("Met later than this counts as not met in time: “14 days”, “36 hours”.")),
    Field("target", _("Target"), _("How long the whole should take. Past it, the need counts as stuck.")),
    Field("patience", _("Given up after"), _("So long without any movement. Twice the horizon if nothing is said.")),
    Field("owner", _("Belongs to"), _("The team outside service that can make it go better.")),
)
MORE = (
    Field("trouble", _("Trouble"), _("What can go wrong on the way."), 2, True),
    Field("notices", _("Told by"), _("Messages of ours that tell of trouble before anybody asks."), 2, True),
    Field("guides", _("Guided by"), _("Steps of a guide."), 2, True),
    Field("self_service", _("Self-service"), _("What customers do alone with our help."), 2, True),
    Field("excludes", _("Does not count with"), _("Tests, fraud: such a need is counted as excluded."), 2, True),
    Field(
        "topics",
        _("Words"),
        _("Words by which a contact is about this need, with commas between. They hold for past contacts, too."),
        2,
    ),
)  # fmt: skip
GROUPS = ((_("What it is"), WHAT), (_("Beginning and end"), ENDS), (_("Times"), TIMES), (_("On the way"), MORE))


def shown(draft: Draft) -> list[tuple[str, list[Shown]]]:
    """The groups of fields with what was typed."""
    return [
        (str(title), [Shown(one, draft.texts.get(one.name, ""), draft.errors.get(one.name, [])) for one in fields])
        for title, fields in GROUPS
    ]

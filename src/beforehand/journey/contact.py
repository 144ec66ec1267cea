"""A contact as pages tell it: what was said, what it was about, why it came and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from beforehand.customers.models import Customer
from beforehand.journey import because, standing
from beforehand.journey.labels import called
from beforehand.journey.lifeline import Meaning, meanings
from beforehand.journey.models import Contact, Kind, Need, NeedKind, Touchpoint
from beforehand.journey.needs.keeping import step_titles
from beforehand.journey.needs.shapes import UNKNOWN
from beforehand.journey.timeline import Entry


@dataclass
class Told:
    """A contact with its customer, touchpoint and need, as far as they are still there."""

    contact: Contact
    customer: Customer | None = None
    entry: Entry | None = None
    need: Need | None = None
    title: str = ""
    origin: str = ""
    """What it comes from, by its label."""
    step: str = ""
    """The title of the step that the customer was in."""

    @property
    def text(self) -> str:
        return self.entry.quote if self.entry else ""

    @property
    def label(self) -> str:
        """What the touchpoint is called."""
        return self.entry.meaning.label if self.entry else self.contact.name

    @property
    def about(self) -> str:
        return about(self.title, self.need)


def about(title: str, need: Need | None) -> str:
    """“Receive my order 48213”."""
    return f"{title} {need.key}".strip() if need is not None else title


def tell(contacts: Sequence[Contact]) -> list[Told]:
    """The same contacts with what belongs to them, in a query each."""
    customers = Customer.objects.in_bulk({one.customer_id for one in contacts})
    touchpoints = Touchpoint.objects.select_related("source", "identifier").in_bulk([one.pk for one in contacts])
    needs = Need.objects.in_bulk({one.need for one in contacts})
    titles = newest_titles()
    known = meanings({one.name for one in touchpoints.values()})
    origins = called({one.origin_name for one in contacts if one.origin_name})
    steps = step_titles() if any(one.origin_step for one in contacts) else {}
    told = []
    for contact in contacts:
        touchpoint, need = touchpoints.get(contact.pk), needs.get(contact.need)
        entry = None
        if touchpoint is not None:
            meaning = known.get(touchpoint.name) or Meaning(touchpoint.name, Kind.CONTACT, "")
            entry = Entry(touchpoint, meaning, [touchpoint.time])
        title = titles.get(need.kind, need.kind) if need else ""
        origin = origins.get(contact.origin_name, contact.origin_name)
        step = steps.get((need.kind, contact.origin_step), contact.origin_step) if need else contact.origin_step
        told.append(Told(contact, customers.get(contact.customer_id), entry, need, title, origin, step))
    return told


def newest_titles() -> dict[str, str]:
    """slug -> title of each kind of need."""
    return dict(NeedKind.objects.order_by("version").values_list("slug", "title"))


def choices() -> dict[str, Any]:
    """What the list of contacts can be narrowed to."""
    named = {one: str(label) for one, label in Contact.Cause.choices}
    channels = Contact.objects.order_by("channel").values_list("channel", flat=True).distinct()[:20]
    return {"causes": list(named.items()), "kinds": kinds(), "channels": [one for one in channels if one]}


def kinds() -> list[tuple[str, str]]:
    return sorted(newest_titles().items(), key=lambda pair: (pair[0] == UNKNOWN, pair[1]))


def needs_to_choose(customer: int) -> list[tuple[int, str]]:
    """The needs of a customer for a menu, the latest first."""
    needs = list(Need.objects.filter(customer=customer).order_by("-opened", "-id")[:100])
    titles, _data = standing.kinds_of((one.kind, one.version) for one in needs)
    return [(need.pk, f"{about(titles[need.kind], need)} ({_since(need)})") for need in needs]


def _since(need: Need) -> str:
    return _("from %(day)s") % {"day": date_format(timezone.localtime(need.opened), "j M Y")}


def said_of(contact: Contact) -> dict[str, Any]:
    """The evidence of a contact in words, for a template."""
    machine = because.machine(contact)
    return {
        "reasons": because.because(contact),
        "phrases": because.phrases(contact),
        "linked": because.linked(contact),
        "machine": machine,
        "machine_cause": dict(Contact.Cause.choices).get(machine.get("cause", ""), "") if machine else "",
        "machine_probability": machine.get("probability") if machine else None,
    }

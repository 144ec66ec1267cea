"""What a contact costs, by channel.

The ready-made amounts are a rough start for a company that has counted nothing yet: five to eight in its currency for
a person's time on one contact. They are there to be replaced: a quarter of an hour of a service person's cost is one
phone call.
"""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from beforehand.journey.models import ContactCost
from beforehand.lib.bus import emit
from beforehand.team.models import AuditEntry, Member

OTHERS = ""
READY_MADE = {
    "phone": Decimal("8.00"),
    "store": Decimal("6.00"),
    "email": Decimal("5.00"),
    "social": Decimal("5.00"),
    "chat": Decimal("4.00"),
    OTHERS: Decimal("5.00"),
}


def costs() -> dict[str, Decimal]:
    """Cost of a contact by channel; the empty channel stands for all others."""
    return READY_MADE | dict(ContactCost.objects.values_list("channel", "cost"))


def cost_of(channel: str, of: dict[str, Decimal]) -> Decimal:
    return of.get(channel, of[OTHERS])


def change(channel: str, cost: Decimal, by: Member | None = None) -> None:
    """Set what a contact of a channel costs, from now on and for all that were."""
    if not cost.is_finite() or cost < 0 or cost >= 10**7:
        raise ValidationError(_("A contact costs nothing or more, and less than ten million."))
    with transaction.atomic():
        before = costs().get(channel)
        row = ContactCost.objects.update_or_create(channel=channel, defaults={"cost": cost, "member": by})[0]
        AuditEntry.note("changed", str(_("cost of a contact")), by, channel=channel, cost=[str(before), str(row.cost)])
        emit("contacts.cost", channel=channel)

"""Senders from whom nothing comes in: their mail waits in quarantine. An address, or `@domain` for all of one."""

from django.db import transaction
from django.utils.translation import gettext as _

from beforehand.channels.email.addresses import key_of
from beforehand.channels.models import Blocked, Mailbox
from beforehand.lib.kept import kept
from beforehand.lib.trouble import Trouble
from beforehand.team.models import AuditEntry, Member


def is_blocked(address: str) -> bool:
    key = key_of(address)
    return not _blocked().isdisjoint({key, f"@{key.rpartition('@')[2]}"})


@kept("channels.Blocked")
def _blocked() -> frozenset[str]:
    return frozenset(Blocked.objects.values_list("key", flat=True))


def block(address: str, by: Member | None = None) -> Blocked:
    """Raises Trouble for what is no address, and for our own."""
    key = key_of(address) if not address.startswith("@") else address.strip().lower()
    if "." not in key.rpartition("@")[2] or any(sign.isspace() for sign in key) or len(key) > 320:
        raise Trouble(_("“%s” is no address. Write one like ada@example.org, or @example.org for all of it.") % address)
    if any(own == key or own.endswith(key if key.startswith("@") else f" {key}") for own in Mailbox.own_addresses()):
        raise Trouble(_("This is an address of ours."))
    with transaction.atomic():
        row, made = Blocked.objects.get_or_create(key=key, defaults={"by": by})
        if made:
            AuditEntry.note("blocked", key, by)
    return row


def unblock(row: Blocked, by: Member | None = None) -> None:
    with transaction.atomic():
        AuditEntry.note("unblocked", row.key, by)
        row.delete()

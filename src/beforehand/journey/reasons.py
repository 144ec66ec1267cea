"""Why a message could not be understood, in words, and what to do about it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(NamedTuple):
    title: str | Promise
    advice: str | Promise


REASONS = {
    "no_user_anon_id": Reason(_("No id"), _("Say who it was: add a userId or an anonymousId.")),
    "names_nobody": Reason(
        _("Names nobody"), _("Ids such as “null” or “guest” are sent for people who are not known. Put the real id in.")
    ),
    "no_event": Reason(_("No name"), _("Add the name of what happened as “event”.")),
    "no_group_id": Reason(_("No group"), _("Add the company's key as “groupId”.")),
    "no_previous_id": Reason(_("No previous id"), _("Add the id of before as “previousId”.")),
    "unknown_type": Reason(_("Unknown type"), _("The type must be track, page, screen, identify, group or alias.")),
    "bad_timestamp": Reason(_("Unreadable time"), _("Write the time like 2026-03-01T10:00:00Z.")),
    "bad_properties": Reason(_("Properties are no object"), _("Write them as {“name”: value}.")),
    "too_large": Reason(_("Too large"), _("Process it again as it is, or shorten it. Find out why it is so large.")),
    "too_many_messages": Reason(
        _("Batch too long"), _("Process it again as it is. Have the tracker send smaller batches.")
    ),
    "too_deep": Reason(_("Nested too deeply"), _("Flatten the lists and objects in it.")),
    "invalid_utf8": Reason(
        _("Not UTF-8"), _("Characters that could not be read are shown as �. Put the right ones in.")
    ),
    "invalid_json": Reason(_("Not JSON"), _("Mend the text until it is JSON.")),
    "invalid_message": Reason(
        _("Wrong shape"), _("A part of the message has another form than expected; see below which.")
    ),
    "invalid_body": Reason(_("Unreadable request"), _("A whole request could not be read. Look at what sends it.")),
    "unexpected": Reason(
        _("Could not be recorded"), _("Try again. If it stays so, this is a fault of ours: report it.")
    ),
}


def reason_of(key: str) -> Reason:
    return REASONS.get(key) or Reason(key, "")

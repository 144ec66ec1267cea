"""What a contact was judged by, in plain words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.journey.contacts.causes import LABELS
from beforehand.journey.labels import called
from beforehand.journey.models import Contact

LINKS = {
    "key": gettext_lazy("it names the number of this need"),
    "topic": gettext_lazy("its words are about this kind of need"),
    "open": gettext_lazy("this was under way"),
    "unknown": gettext_lazy("it fits nothing that is known to be under way"),
}
REASONS = {
    "says_failure": gettext_lazy("it says that something is wrong"),
    "says_information": gettext_lazy("it asks how, where or what"),
    "says_value": gettext_lazy("it asks for something more, or for advice"),
    "says_rights": gettext_lazy("it claims a right"),
    "says_anger": gettext_lazy("it is angry"),
    "chase_only": gettext_lazy("it asks for news and nothing else"),
    "chase_and_more": gettext_lazy("it says that this was raised before"),
    "when_in_time": gettext_lazy("it asks when something comes, and nothing is late"),
    "when_late": gettext_lazy("it asks when something comes, and something is late"),
    "when_again": gettext_lazy("it asks again when something comes"),
    "overdue_first": gettext_lazy("it says that something is overdue"),
    "overdue_again": gettext_lazy("it says again that something is overdue"),
    "question": gettext_lazy("it is a question"),
    "short": gettext_lazy("it is short"),
    "no_text": gettext_lazy("there is no text"),
    "trouble": gettext_lazy("something had gone wrong shortly before"),
    "trouble_no_text": gettext_lazy("something had gone wrong shortly before"),
    "stuck": gettext_lazy("the customer was stuck"),
    "over": gettext_lazy("the need was over"),
    "unknown": gettext_lazy("the need was not known"),
    "earlier": gettext_lazy("there was a contact about this in the days before"),
    "silent": gettext_lazy("nothing had happened since that contact"),
    "answered": gettext_lazy("that contact was answered"),
    "promise_late": gettext_lazy("a promise was due and not kept"),
    "promised": gettext_lazy("something was promised and not yet due"),
    "about_value": gettext_lazy("such needs mostly bring contacts of value"),
    "about_information": gettext_lazy("such needs mostly bring questions"),
    "about_failure": gettext_lazy("such needs mostly follow a failure"),
    "about_rights": gettext_lazy("such needs are mostly about rights"),
}


def because(contact: Contact) -> list[str]:
    """Why a contact has its need and its cause: what spoke most for them, or who said so."""
    evidence: Mapping[str, Any] = contact.evidence
    told = [str(LINKS[contact.linked_by])] if contact.linked_by in LINKS else []
    if contact.overruled_by:
        machine = evidence.get("machine", {})
        return [
            *told,
            _("a person says so; the machine had said “%(cause)s”") % {"cause": _label(machine.get("cause"))},
        ]
    told += dict.fromkeys(str(REASONS[reason]) for reason in evidence.get("because", ()) if reason in REASONS)
    if evidence.get("words"):
        told.append(_("in the words %(words)s") % {"words": ", ".join(f"“{word}”" for word in evidence["words"])})
    if contact.origin_name:
        label = called({contact.origin_name}).get(contact.origin_name, contact.origin_name)
        told.append(_("it goes back to “%(name)s”") % {"name": label})
    return told


def _label(cause: Any) -> str:
    return str(LABELS.get(cause, cause or "–"))

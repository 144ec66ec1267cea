"""Why a mail is where it is, in words, and what a person may do about it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models import Arrival, Mailbox


class Reason(NamedTuple):
    title: str | Promise
    advice: str | Promise = ""


REASONS = {
    "not_understood": Reason(_("Could not be read"), _("Look at the raw mail. If it is a real one, report it to us.")),
    "own_mail_came_back": Reason(_("Our own mail came back"), _("Some rule or list sends our mail to us. Discard it.")),
    "blocked": Reason(_("From a blocked sender"), _("Take the sender off the list, then process it again.")),
    "bounce_of_nothing_known": Reason(_("Bounce of nothing of ours"), _("Somebody may use your address. Discard it.")),
    "receipt_of_nothing_known": Reason(_("Read receipt of nothing of ours"), _("Discard it.")),
    "auto_reply_to_nothing_known": Reason(_("Automatic reply to nothing of ours"), _("Usually it can be discarded.")),
    "no_sender": Reason(_("Without a sender"), _("Look at it, and put it into a conversation if it is a real one.")),
    "not_proven_to_be_the_colleague": Reason(
        _("Not proven to be your colleague"), _("It uses a colleague's reply address. Ask them before you place it.")
    ),
    "machine_of_a_colleague": Reason(
        _("An automatic answer from a colleague's mailbox"), _("It goes to no customer. You can leave it.")
    ),
    "colleague_cannot_answer": Reason(_("Your colleague's answer could not be sent"), _("Open it to see why.")),
    "provider_not_understood": Reason(
        _("A provider's call that could not be read"), _("Check that the right webhook is set at your provider.")
    ),
    "no_desk": Reason(_("Nobody takes mail"), _("Process it again.")),
    "nothing_known": Reason(_("Begins something new")),
    "token": Reason(_("Answers a mail of ours")),
    "token_from_a_new_person": Reason(_("Answers a mail of ours, from another address")),
    "ids_and_participant": Reason(_("Goes on with a conversation")),
    "ids_without_participant": Reason(_("Names a conversation in which its sender takes no part")),
    "number_only_suggests": Reason(_("Names a number, which proves nothing")),
    "forward_of_a_conversation": Reason(_("Forwards an older conversation")),
    "done_too_long_ago": Reason(_("Answers one that was done long ago")),
    "report_about_our_mail": Reason(_("A report about a mail of ours")),
    "colleague_by_mail": Reason(_("A colleague's answer by mail")),
    "note_by_mail": Reason(_("A colleague's note by mail")),
    "same_bytes": Reason(_("Came before")),
    "same_mail": Reason(_("Another copy")),
    "by_hand": Reason(_("Placed by a member")),
}
KINDS = {
    "human": _("a person"),
    "auto_reply": _("an automatic reply"),
    "notice": _("a machine's notice"),
    "bounce": _("a delivery report"),
    "own": _("a mail of ours"),
    "list": _("a list or newsletter"),
    "calendar": _("an invitation"),
    "receipt": _("a read receipt"),
}
PROOFS = {
    "dmarc": _("by DMARC"),
    "dkim_of_the_domain": _("by the signature of its domain"),
    "about_another_domain": _("what was proven is another domain"),
    "from_in_doubt": _("it is in doubt whom it names"),
    "no_word_of_our_server": _("your server said nothing of it"),
    "no_server_configured": _("no server is named whose word counts"),
    "nobody_vouches": "",
}
DEFECTS = {
    "missing": _("no sender"),
    "several_headers": _("several lines that name a sender"),
    "too_many": _("very many addresses"),
    "unquoted_comma": _("a comma within a name"),
    "text_after_address": _("words after the address"),
    "two_addresses": _("two addresses in one"),
    "address_in_name": _("another address as its name"),
    "name_is_another_address": _("another address as its name"),
    "source_route": _("a route before the address"),
    "empty": _("an empty address"),
    "too_long": _("a very long address"),
    "no_address": _("no address"),
    "encoded_address": _("an address in code"),
    "space_in_address": _("a space in the address"),
    "odd_address": _("an odd address"),
    "odd_domain": _("an odd domain"),
}
FAILED = Reason(_("Failed"), _("It is tried again by itself. If it stays so, this is a fault of ours: report it."))


def reason_of(arrival: Arrival) -> Reason:
    if arrival.state == Arrival.State.FAILED:
        return FAILED
    return REASONS.get(arrival.reason) or Reason(arrival.reason or arrival.get_state_display())


def kind_of(verdict: str) -> str:
    """Who or what wrote a mail, in words."""
    return str(KINDS.get(verdict, verdict))


def title_of(reason: str) -> str:
    return str(REASONS[reason].title if reason in REASONS else reason)


def would_be(arrival: Arrival) -> str:
    """What a watching mailbox would have done with it; once it is live, it is too late for an acknowledgement."""
    would = arrival.evidence.get("would", {})
    if would.get("state") == Arrival.State.QUARANTINE:
        return str(_("into quarantine"))
    if would.get("state") == Arrival.State.REPEAT:
        return str(_("nothing, another copy"))
    if would.get("state") != Arrival.State.PLACED:
        return str(_("nothing"))
    where = _("a new conversation") if would.get("new") else _("into #%s") % would.get("conversation")
    watches = arrival.mailbox is not None and arrival.mailbox.state == Mailbox.State.WATCHING
    return str(_("%s, with an acknowledgement") % where if would.get("acknowledge") and watches else where)


def proof_of(code: str) -> str:
    """Why a sender counts as proven, or not."""
    return str(PROOFS.get(code, code))


def defects_of(codes: Iterable[str]) -> list[str]:
    """What is odd about the line that names the sender."""
    return list(dict.fromkeys(str(DEFECTS.get(code, code)) for code in codes))

"""We write first: a conversation that begins with our words. Nobody waits in it until the customer answers."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from beforehand.channels.email.addresses import key_of
from beforehand.channels.models import Mailbox
from beforehand.lib.trouble import Trouble
from beforehand.service import variables
from beforehand.service.acts import answering
from beforehand.service.acts.messages import File
from beforehand.service.acts.recipients import MOST_RECIPIENTS, Recipients, own_addresses, read
from beforehand.service.arrivals import receiving
from beforehand.service.models import Message, Participant
from beforehand.team.models import Member, Team

Role = Participant.Role


class Letter(NamedTuple):
    """What is written: addresses as forms give them, `team` whose conversation it will be, `then` as in `answer`."""

    to: Sequence[str]
    subject: str
    text: str
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    files: Sequence[File] = ()
    mailbox: Mailbox | None = None
    team: Team | None = None
    then: str = "waiting_customer"


def write_to(letter: Letter, by: Member, key: str) -> Message:
    """Begin a conversation with the first of those it goes to. `key`: the same one twice is one letter. Raises Trouble
    for what cannot be sent at all.
    """
    whom = _whom(letter)
    if not letter.subject.strip():
        raise Trouble(_("Say in the subject what it is about."))
    if not letter.text.strip():
        raise Trouble(_("Write something before you send it."))
    variables.check(letter.text)
    mailbox = letter.mailbox or from_which(by)
    key = f"begun:{by.pk}:{key}"
    with transaction.atomic():
        if known := Message.objects.filter(outgoing__key=key).first():
            return known
        identifiers = [receiving.addressed(address) for _name, address in (*whom.to, *whom.cc)]
        team = letter.team or mailbox.team
        new = receiving.begin(identifiers[0], "email", letter.subject, mailbox=mailbox, team=team, by=by, owner=by)
        for place, (identifier, (_name, address)) in enumerate(zip(identifiers, (*whom.to, *whom.cc), strict=True)):
            if place:
                receiving.join(new, identifier, Role.TO if place < len(whom.to) else Role.CC, key_of(address))
        return answering.write_first(
            new, letter.text, by, whom._replace(subject=new.subject), letter.files, key=key, then=letter.then
        )


def _whom(letter: Letter) -> Recipients:
    whom = Recipients("email", letter.subject, read(letter.to), read(letter.cc), read(letter.bcc))
    everybody = (*whom.to, *whom.cc, *whom.bcc)
    if not whom.to:
        raise Trouble(_("Say whom you write to."))
    if len(everybody) > MOST_RECIPIENTS:
        raise Trouble(_("An answer goes to at most %(most)d people.") % {"most": MOST_RECIPIENTS})
    for _name, address in everybody:
        if key_of(address) in own_addresses():
            raise Trouble(_("%(address)s is an address of ours: what goes there comes back.") % {"address": address})
    return whom


def mailboxes(member: Member) -> list[Mailbox]:
    """From which a member may write: those that are not off, of their teams first."""
    own = set(member.places.values_list("team", flat=True))
    boxes = Mailbox.objects.exclude(state=Mailbox.State.OFF).order_by("address")
    return sorted(boxes, key=lambda box: (box.team_id not in own, box.state != Mailbox.State.LIVE))


def from_which(member: Member) -> Mailbox:
    """The mailbox that a member writes from unless they say another. Raises Trouble where there is none."""
    found = mailboxes(member)
    if not found:
        raise Trouble(_("There is no mailbox to write from. Set one up under Settings, Mailboxes."))
    return found[0]

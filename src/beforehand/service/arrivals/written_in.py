"""What comes by the form on a company's pages: a conversation with whoever gave the address, which is only a claim."""

import secrets
import time
from collections.abc import Sequence

from beforehand.channels.handles import Handed
from beforehand.channels.models import Arrival, ChatWidget
from beforehand.customers.identity import Claim, describe, who
from beforehand.customers.models import Identifier
from beforehand.service import own_page
from beforehand.service.chats import subject_of
from beforehand.service.models import Conversation


def take(
    widget: ChatWidget, arrival: Arrival, answers: dict[str, str], text: str, files: Sequence[Handed], is_machine: bool
) -> str:
    """Open the conversation; gives the address of its page. What a machine seems to have filled in waits as spam."""
    identifier = _who(answers)
    conversation = Conversation.begin(
        identifier,
        "form",
        subject=answers.get("topic") or subject_of(text),
        widget=widget,
        mailbox=widget.mailbox,
        kept=Conversation.Kept.SPAM if is_machine else Conversation.Kept.DESK,
    )
    conversation.receive(
        text,
        identifier=identifier,
        headers={"from": [[answers.get("name", ""), answers["email"]]], "name": answers.get("name", "")},
        arrival=arrival,
        files=[(one.file, one.name, one.type, "") for one in files],
        channel="form",
    )
    return own_page.address(conversation)


def _who(answers: dict[str, str]) -> Identifier:
    """The address as claimed; where it names nobody (such as noreply@), somebody of whom nothing is known."""
    claim = Claim("email", answers["email"], False)
    identifier = who(claim) or who(Claim("anonymous_id", f"form-{secrets.token_hex(16)}", False))
    assert identifier is not None
    if name := answers.get("name"):
        describe([(identifier.pk, time.time_ns() // 1000, {"name": name})])
    return identifier

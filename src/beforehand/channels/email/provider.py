"""Sending and receiving through a mail provider's interface, by django-anymail."""

from collections.abc import Callable, Mapping, Sequence

from beforehand.channels.email.composing import Draft
from beforehand.channels.models import Mailbox
from beforehand.channels.sending import NotNow, Result


def transmit(
    mailbox: Mailbox, draft: Draft, recipients: Mapping[str, str], leaving: Callable[[Sequence[str]], None]
) -> list[Result]:
    raise NotNow("not built yet")

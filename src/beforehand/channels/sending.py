"""What a way out has to know: how a message is made ready, and how it is handed over. One for each channel."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from beforehand.channels.models import Delivery, Outgoing


class Result(NamedTuple):
    """What became of one recipient: sent, failed (for good) or queued (may be tried again)."""

    address: str
    state: str
    code: str = ""
    detail: str = ""
    provider_id: str = ""


class NotNow(Exception):
    """Nothing was handed over, and it may work later: no connection, no log-in."""


class Way(Protocol):
    def prepare(self, outgoing: Outgoing) -> list[str]:
        """Whom it goes to, each once. Completes the row before it is saved. Raises Trouble for what cannot be sent."""
        ...

    def transmit(
        self, outgoing: Outgoing, deliveries: Sequence[Delivery], leaving: Callable[[Sequence[str]], None]
    ) -> list[Result]:
        """Hand it over to these recipients.

        `leaving(addresses)` is called right before the one step after which the other side may have taken it: it puts
        on disk that from there on the outcome is not known. What was decided before that step raises or is returned.
        """
        ...


class Fetched:
    """A channel from which the customer's own device fetches, so that being there is being sent (chat)."""

    def prepare(self, outgoing: Outgoing) -> list[str]:
        return [f"identifier {outgoing.identifier_id}"]

    def transmit(
        self, outgoing: Outgoing, deliveries: Sequence[Delivery], leaving: Callable[[Sequence[str]], None]
    ) -> list[Result]:
        return [Result(delivery.address, Delivery.State.SENT) for delivery in deliveries]

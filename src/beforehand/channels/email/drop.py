"""Mail that goes into a folder instead of out: to try the desk without a server, and in the demo."""

import os
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings

from beforehand.channels.models import Delivery
from beforehand.channels.sending import Result

FOLDER = "sent-mail"


def transmit(
    message_id: str, raw: bytes, recipients: Mapping[str, str], leaving: Callable[[Sequence[str]], None]
) -> list[Result]:
    """Write the mail as a file of the data folder, under its Message-ID."""
    folder = settings.DATA / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    name = "".join(letter for letter in message_id.partition("@")[0] if letter.isalnum() or letter in "-.")
    leaving(list(recipients))
    with (folder / f"{name}.eml").open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    return [Result(key, Delivery.State.SENT) for key in recipients]

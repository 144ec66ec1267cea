"""The id of a message that came without one."""

import uuid

import msgspec

SPACE = uuid.UUID("6f5f6c86-2c1e-5b35-9b0a-0c2f4f1c8d11")


def derived_id(raw: bytes, dated: bool, number: int, received: int, position: int) -> str:
    """The same id for the same dated message, however often and in whatever batch it is sent again.

    Without a date two equal messages may well be two events, so the id names the request and the place in it: sent
    again it counts again, but the drain that reads the same request twice counts it once.
    """
    if not dated:
        return f"r{number}-{received}-{position}"
    message = msgspec.json.decode(raw)
    for sent in ("sentAt", "sent_at", "writeKey", "api_key", "token"):
        message.pop(sent, None)
    return str(uuid.uuid5(SPACE, msgspec.json.encode(message, order="deterministic").decode()))

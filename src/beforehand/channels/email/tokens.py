"""Reply tokens: which conversation a mail answers, and to whom we had written, signed by us.

They stand in the address that a reply goes to (`help+TOKEN@example.org`) and in our Message-IDs. One is made for each
recipient, so that what everybody of a mailing answers never becomes one conversation.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from beforehand.lib import signing

PURPOSE = "channels.email.reply"
_SHAPE = re.compile(r"r([a-z2-7]{30,64})", re.IGNORECASE)


class Token(NamedTuple):
    """`member`: the number of the colleague who may answer by it as themselves; 0 for everybody else. `note`: what
    they write goes to the team alone."""

    conversation: int
    member: int = 0
    note: bool = False


class Found(NamedTuple):
    token: Token | None
    forged: tuple[str, ...]


def write(token: Token, keys: Sequence[bytes]) -> str:
    kind = b"n" if token.note else b"m" if token.member else b"c"
    payload = kind + token.conversation.to_bytes(6, "big") + token.member.to_bytes(4, "big")
    return "r" + signing.sign(PURPOSE, payload, keys)


def read(text: str, keys: Sequence[bytes]) -> Token | None:
    match = _SHAPE.fullmatch(text)
    payload = signing.check(PURPOSE, match[1], keys) if match else None
    if payload is None or len(payload) != 11:
        return None
    return Token(int.from_bytes(payload[1:7], "big"), int.from_bytes(payload[7:], "big"), payload[:1] == b"n")


def address(mailbox: str, token: Token, keys: Sequence[bytes]) -> str:
    """The mailbox's address with the token behind a plus."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local.partition('+')[0]}+{write(token, keys)}@{domain}"


def message_id(domain: str, token: Token, keys: Sequence[bytes]) -> str:
    """A new Message-ID that carries the token, without brackets."""
    return f"{write(token, keys)}.{secrets.token_hex(8)}@{domain}"


def find(addresses: Iterable[str], ids: Iterable[str], keys: Sequence[bytes]) -> Found:
    """The first of our tokens, addresses before ids. What only looks like one is given back as evidence."""
    forged: list[str] = []
    first: Token | None = None
    texts = [address.rpartition("@")[0].rpartition("+")[2] for address in addresses if "+" in address]
    texts += [message.partition(".")[0] for message in ids]
    for text in texts[:1000]:
        if _SHAPE.fullmatch(text):
            token = read(text, keys)
            first = first or token
            if token is None:
                forged.append(text[:80])
    return Found(first, tuple(forged[:10]))

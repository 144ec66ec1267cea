"""Who a message is about: the identifier that it hangs on, and what it says of others being the same person."""

import re
from typing import NamedTuple

from beforehand.customers.identity import Claim
from beforehand.customers.models import Edge
from beforehand.journey.keys import vouches
from beforehand.journey.wire.message import Message

Strength = Edge.Strength
MADE_UP = re.compile(r"(anon|[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$)", re.IGNORECASE)
EVIDENCE = {"alias": "alias call", "identify": "identify call", "group": "group call"}


class Tie(NamedTuple):
    """Two claims that a message makes of one person."""

    first: Claim
    second: Claim
    verified: bool
    strength: int


class Ties(NamedTuple):
    """`hangs` are the claims that the touchpoint may hang on, the best first; the first that names anybody is taken."""

    hangs: list[Claim]
    ties: list[Tie]

    @property
    def claims(self) -> list[Claim]:
        return [*self.hangs, *(tie.second for tie in self.ties)]


def ties_of(message: Message, verified: bool) -> Ties:
    """What a message says of people. `verified`: it came with a secret key, so its ids are vouched for.

    What comes with a public key is a claim, and hangs on the browser's own id: it never reaches a known customer. A
    signed token vouches for the user id, and for nothing else in the message.
    """
    signed = bool(not verified and message.token and message.user_id and vouches(message.token, message.user_id))
    user = Claim("user_id", message.user_id, verified or signed) if message.user_id else None
    device = Claim("anonymous_id", message.anonymous_id, False) if message.anonymous_id else None
    order = (user, device) if verified or signed else (device, user)
    hangs = [claim for claim in order if claim is not None]
    base = hangs[0]
    said = Strength.SENT if verified else Strength.CLAIMED
    ties = [Tie(base, claim, verified, said) for claim in _others(message, verified)]
    if user and device:
        ties.append(Tie(user, device, verified or signed, Strength.SIGNED if signed else said))
    if message.previous_id:
        strength = Strength.ALIAS if verified else Strength.CLAIMED
        ties.append(Tie(base, _previous(message.previous_id, verified), verified, strength))
    return Ties(hangs, ties)


def _others(message: Message, proved: bool) -> list[Claim]:
    """Addresses and numbers among the traits, and external ids."""
    if not message.traits and not message.externals:
        return []
    found = [(kind, message.traits.get(kind)) for kind in ("email", "phone")]
    claims = [Claim(kind, value, proved) for kind, value in found if isinstance(value, str) and value]
    return claims + [Claim("external", f"{kind}:{value}", proved) for kind, value in message.externals]


def _previous(value: str, proved: bool) -> Claim:
    """An alias call does not say what its previous id was. What looks made up by a tracker was a browser's or device's.

    The rule looks at the value alone, so that it gives the same whatever came before.
    """
    return Claim("anonymous_id", value, False) if MADE_UP.match(value) else Claim("user_id", value, proved)

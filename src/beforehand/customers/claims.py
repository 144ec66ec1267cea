"""What may tie a touchpoint to a person, and what must not: values that anybody might send name nobody."""

import re
import unicodedata
from typing import NamedTuple

LONGEST = 200
# fmt: off
NOBODY = frozenset((
    "null", "none", "nil", "undefined", "nan", "n/a", "na", "void", "empty", "missing", "unset", "not set",
    "not available", "not provided", "unknown", "anonymous", "anon", "guest", "visitor", "user", "test", "default",
    "no name", "object", "object object", "true", "false", "-1", "id", "distinct_id", "distinctid", "userid", "user_id",
    "email", "e-mail", "not_authenticated", "unauthenticated",
))
NOBODYS_MAILBOX = frozenset((
    "null", "none", "nil", "undefined", "nan", "unknown", "anonymous", "anon", "guest", "test", "nobody", "noreply",
    "no-reply", "donotreply", "do-not-reply",
))
# fmt: on
WRAPPING = "\"'`()<>{}[] "
MEANING = re.compile(r"[^\W0_]")  # something other than zeros and signs
HALF = re.compile("[\ud800-\udfff]")  # half a character: no database takes it
UUID_LIKE_FILLER = re.compile(r"([0-9a-f])\1{7}-\1{4}-\1{4}-\1{4}-\1{12}")
SHORTEST_PHONE = 6


class Claim(NamedTuple):
    """An identifier as somebody sent it. `proved`: our own server or file, or a signed token, vouched for it."""

    kind: str
    value: str
    proved: bool


def normalised(claim: Claim) -> Claim | None:
    """The claim as identifiers are stored, or None where it names nobody.

    A browser or device id is one identifier whoever sends it: that is how a server ties a browser's past to a person.
    """
    value = claim.value.replace("\0", "").strip()
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    if claim.kind == "email":
        value = value.lower()
    elif claim.kind == "phone":
        value = _phone(value)
    if is_guarded(value, claim.kind):
        return None
    proved = claim.proved and claim.kind != "anonymous_id"
    return claim if value == claim.value and proved == claim.proved else Claim(claim.kind, value, proved)


def is_guarded(value: str, kind: str = "") -> bool:
    """Whether a value says nothing about who somebody is: empty, too long, or what programs send for “nobody”."""
    plain = value.strip(WRAPPING).lower()
    if not plain or len(value) > LONGEST or plain in NOBODY:
        return True
    if not MEANING.search(plain) or (not value.isascii() and HALF.search(value)):
        return True
    if kind == "email":
        mailbox, _, host = plain.partition("@")
        return mailbox in NOBODYS_MAILBOX or not mailbox or not host
    if kind == "phone":
        digits = [character for character in plain if character.isdigit()]
        return len(digits) < SHORTEST_PHONE or len(set(digits)) == 1
    return bool(UUID_LIKE_FILLER.fullmatch(plain))


def _phone(value: str) -> str:
    digits = "".join(character for character in value if character.isascii() and character.isdigit())
    if value.startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits

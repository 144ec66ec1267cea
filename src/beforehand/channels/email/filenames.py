"""Names of files as strangers send them, made safe to save under and honest to read."""

import mimetypes
import re
import unicodedata

from beforehand.channels.email import limits

_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>:\"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def safe(sent: str, kind: str, number: int) -> str:
    """A plain file name: no folder, no direction trick, no name that a system keeps for itself, never empty."""
    name = unicodedata.normalize("NFC", sent).replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("", name).strip(". \t\xa0")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    if len(name) > limits.LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        short = dot and len(ending) <= 10
        name = f"{stem[: limits.LONGEST_NAME - 12]}.{ending}" if short else name[: limits.LONGEST_NAME]
    return name or f"attachment-{number}{mimetypes.guess_extension(kind) or ''}"

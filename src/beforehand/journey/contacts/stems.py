"""From a text to stems, for English and German, small and quick rather than learned.

The same cutting is done to the words of the lists and to what customers write, so it need not be right, only the same.
"""

import re
import unicodedata

TOKEN = re.compile(r"[a-z0-9]+")
APOSTROPHES = re.compile("['’`´]")
KEY = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z_-]*+\d[A-Za-z0-9_-]*")
QUOTED = re.compile(
    r"^\s*>.*$|^\s*(?:On .{5,200} wrote|Am .{5,200} schrieb.{0,200}):\s*$[\s\S]*|^-- $[\s\S]*|"
    r"^-{2,}\s*(?:Original Message|Ursprüngliche Nachricht)[\s\S]*",
    re.MULTILINE | re.IGNORECASE,
)
SUFFIXES = ("ungen", "ings", "edly", "ung", "ing", "ern", "ies", "ed", "en", "em", "er", "es", "ly", "e", "s", "n", "y")
SHORTEST = 4
GERMAN = frozenset(("ungen", "ung", "ern", "em"))
LONGEST = 4_000


def fold(text: str) -> str:
    """Small letters without accents: ä becomes a, ß becomes ss; apostrophes go."""
    text = APOSTROPHES.sub("", text.casefold())
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def own_words(text: str) -> str:
    """What the customer wrote themselves: without quoted mails and signatures, and not without end."""
    text = text[:LONGEST]
    return QUOTED.sub("", text) if ">" in text or "\n" in text else text


def stem(word: str) -> str:
    """A folded word without its ending, as long as enough of it is left."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST + (suffix in GERMAN):
            word = word[: -len(suffix)]
            break
    if len(word) > SHORTEST and word[-1] == word[-2]:
        word = word[:-1]
    return word


def tokens(text: str) -> list[str]:
    return TOKEN.findall(fold(text))


def keys_in(text: str) -> tuple[list[str], str]:
    """What looks like a number or a code in a text, in small letters, and the text with # in their places."""
    found = KEY.findall(text)
    return [key.casefold().strip("-_") for key in found], KEY.sub("#", text) if found else text

"""How wide a text is, without a font: advances of DejaVu Sans, the widest face that our font list may fall back to.

A label that fits by this measure fits in every narrower face, so labels placed by it never overlap.
"""

import unicodedata

ADVANCES = {
    0.30: "'ijlIJ",
    0.36: "-f ,.’·/:;\\|",
    0.42: "()[]!tr",
    0.53: '"*_`–s?z',
    0.60: "cLFkvxy",
    0.64: "PTYaeo$0123456789ESbdghnpqu{}É",
    0.70: "KABVXZCR",
    0.79: "UNHD&GOQ",
    0.88: "w#+<=>^~→−M",
}
EM = {letter: advance for advance, letters in ADVANCES.items() for letter in letters}
BOLD = 1.15


def _advance(letter: str) -> float:
    """In ems. Letters that the table does not know are taken as broad; combining marks take no room."""
    known = EM.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0.0
    plain = unicodedata.normalize("NFD", letter)[0]
    return EM.get(plain, 0.7 if plain.islower() and plain not in "mw" else 1.0)


def width(text: str, size: float, bold: bool = False) -> float:
    """An upper estimate of the width of a text at this font size, in the same unit."""
    return sum(map(_advance, text)) * size * (BOLD if bold else 1.0)


def fit(text: str, room: float, size: float, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits with an ellipsis; empty when not even that fits."""
    if width(text, size, bold) <= room:
        return text
    for length in range(min(len(text) - 1, 120), 0, -1):
        short = text[:length].rstrip(" -–_/.,") + "…"
        if width(short, size, bold) <= room:
            return short
    return ""


def fit_both_ends(text: str, room: float, size: float) -> str:
    """Shortened in the middle, for texts that begin alike: “Search r…pened” tells more than “Search resul…”."""
    for length in range(min(len(text) - 1, 120), 2, -1):
        head = length // 2
        short = f"{text[:head].rstrip()}…{text[len(text) - (length - head) :].lstrip()}"
        if width(short, size) <= room:
            return short
    return fit(text, room, size)

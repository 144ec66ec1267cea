"""Bytes to text, whatever they say of themselves: aliases as senders mean them, then ever looser guesses."""

import codecs
import re

from charset_normalizer import from_bytes

from beforehand.lib.text import storable

SAMPLE = 32 << 10
TOO_SHORT = 120  # bytes, of which a guess by frequency finds Arabic in German
ALIASES = {
    "gb2312": "gb18030",
    "iso-gb2312": "gb18030",
    "gbk": "gb18030",
    "gb-2312": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "iso-8859-8-i": "iso-8859-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "windows-874": "cp874",
}
# Codecs of Python that no mail means, some of which take a hostile time.
REFUSED = {"unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined", "mbcs", "oem", "utf_8_sig"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def codec(declared: str) -> str:
    """The codec that a sender means by a name; "" for a name that means nothing."""
    name = declared.strip().strip("\"'").lower()
    name = ALIASES.get(name, name)
    if not _NAME.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if not found._is_text_encoding or found.name.replace("-", "_") in REFUSED:
        return ""
    return ALIASES.get(found.name, found.name)


def text_of(content: bytes, declared: str = "") -> tuple[str, str]:
    """The text, and what was wrong on the way: "", `charset_unknown`, `charset_wrong`. Never raises."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return storable(content[len(mark) :].decode(name, "replace")), ""
    meant = codec(declared) if declared else "ascii"
    wrong = "" if meant else "charset_unknown"
    if meant:
        text = _strict(content, meant)
        if text is not None:
            return storable(text), wrong
    text = _strict(content, "utf-8")
    if text is None:
        text = _cut(content) if meant in {"utf-8", ""} else None
    return storable(_guess(content) if text is None else text), wrong or ("charset_wrong" if declared else "")


def _strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _cut(content: bytes) -> str | None:
    """UTF-8 that was cut off within its last character."""
    pieces = (_strict(content[:-missing], "utf-8") for missing in (1, 2, 3) if len(content) > TOO_SHORT)
    return next((piece for piece in pieces if piece is not None), None)


def _guess(content: bytes) -> str:
    if len(content) <= TOO_SHORT and (text := _strict(content, "cp1252")) is not None:
        return text
    best = from_bytes(content[:SAMPLE], threshold=0.3, explain=False).best()
    if best is not None and best.encoding not in {"ascii", "utf_7"}:
        text = _strict(content, best.encoding)
        if text is not None and "\x00" not in text:
            return text
    return content.decode("cp1252", "replace")

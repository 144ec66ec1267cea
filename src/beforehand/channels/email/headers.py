"""The head of a mail: which lines are headers, and what they say once decoded."""

import base64
import binascii
import quopri
import re
from typing import NamedTuple

from beforehand.channels.email import limits
from beforehand.channels.email.charsets import text_of
from beforehand.channels.email.parsed import Trouble
from beforehand.lib.text import storable

JUNK_LINES = 50
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z-]{0,40})?\?([bBqQ])\?([^?\s]*(?: [^?\s]*)*)\?=")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]|[\r\n]")
_ENDING = re.compile(rb"\r\n?|\n")


class Head(NamedTuple):
    """Header fields as raw bytes in their order, where the body begins, and what was wrong."""

    fields: list[tuple[str, bytes]]
    body: int
    troubles: list[Trouble]

    def last(self, name: str) -> bytes:
        return next((value for key, value in reversed(self.fields) if key.lower() == name), b"")

    def first(self, name: str) -> bytes:
        return next((value for key, value in self.fields if key.lower() == name), b"")


def split(raw: bytes, start: int = 0, end: int | None = None, outer: bool = False) -> Head:
    """The header fields of raw[start:end]. `outer`: junk before the first header of a whole mail is passed over."""
    end = len(raw) if end is None else end
    head = Head([], start, [])
    position = _skip_junk(raw, start, end, head.troubles) if outer else start
    fields: list[tuple[str, list[bytes]]] = []
    stop = min(end, position + limits.MOST_HEADER_BYTES)
    body = end
    while position < end:
        if position >= stop or len(fields) >= limits.MOST_HEADERS:
            head.troubles.append(Trouble("too_many_headers", f"{len(fields)} headers were read."))
            body = _after_blank(raw, position, end)
            break
        line, following = _line(raw, position, end)
        if not line.strip(b"\x00"):
            body = following
            break
        if line[:1] in b" \t" and fields:
            fields[-1][1].append(line)
        elif match := _FIELD.match(line):
            fields.append((match[1].decode("ascii"), [line[match.end() :]]))
        elif line.startswith((b"From ", b">From ")) and len(fields) < 2:
            pass
        elif line.strip():
            body = position
            head.troubles.append(Trouble("no_blank_line", "The text begins without an empty line after the headers."))
            break
        position = following
    kept = [(name, b" ".join(part.strip() for part in parts)[: limits.LONGEST_HEADER]) for name, parts in fields]
    return Head(kept, body, head.troubles)


def _line(raw: bytes, position: int, end: int) -> tuple[bytes, int]:
    newline = raw.find(b"\n", position, end)
    following = end if newline < 0 else newline + 1
    return raw[position:following].rstrip(b"\r\n"), following


def _skip_junk(raw: bytes, start: int, end: int, troubles: list[Trouble]) -> int:
    position = start + 3 if raw.startswith(b"\xef\xbb\xbf", start) else start
    for _ in range(JUNK_LINES):
        line, following = _line(raw, position, min(end, position + 2000))
        if _FIELD.match(line) or line.startswith((b"From ", b">From ")):
            if line[:5] != b"From " and raw[start:position].strip(b"\xef\xbb\xbf\r\n \t\x00"):
                troubles.append(Trouble("junk_before_headers"))
            return position
        if following >= end:
            break
        position = following
    troubles.append(Trouble("no_headers", "Nothing at the beginning looks like a header."))
    return start


def _after_blank(raw: bytes, position: int, end: int) -> int:
    found = [at + len(blank) for blank in (b"\n\r\n", b"\n\n") if (at := raw.find(blank, position - 1, end)) >= 0]
    return min(found, default=end)


def loose(value: bytes) -> str:
    """A raw header as text, encoded words still in it: ASCII by the rules, UTF-8 or a guess by what is sent."""
    text, _ = text_of(value)
    return _CONTROL.sub(" ", text)


def decoded(value: bytes | str) -> str:
    """A header as a person reads it: encoded words decoded, no control characters, no line breaks."""
    text = loose(value) if isinstance(value, bytes) else value
    return _CONTROL.sub(" ", words(text)).strip() if "=?" in text else text.strip()


def words(text: str) -> str:
    """RFC 2047 words decoded; white space between two of them goes, bytes of a character cut in two are joined."""
    pieces: list[tuple[str, bytes | str]] = []
    position = 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        if between.strip() or (between and not pieces):
            pieces.append(("", between))
        content = _word(match[2], match[3])
        charset = match[1].lower()
        last = pieces[-1] if pieces else ("", "")
        if last[0] == charset and isinstance(last[1], bytes):
            pieces[-1] = (charset, last[1] + content)
        else:
            pieces.append((charset, content))
        position = match.end()
    pieces.append(("", text[position:]))
    return storable("".join(part if isinstance(part, str) else text_of(part, name)[0] for name, part in pieces))


def _word(encoding: str, text: str) -> bytes:
    if encoding in "bB":
        return from_base64(text.encode("utf-8"))
    return quopri.decodestring(text.replace("_", " ").encode("utf-8", "replace"), header=True)


def from_base64(content: bytes) -> bytes:
    """What base64 says, without its padding or with characters in it that are none."""
    try:
        return base64.b64decode(content + b"===")
    except (binascii.Error, ValueError):
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        return base64.b64decode(
            letters[: len(letters) // 4 * 4 + (len(letters) % 4 if len(letters) % 4 > 1 else 0)] + b"=="
        )


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """A header such as Content-Type: its main word in lower case, and its parameters (RFC 2231 joined, decoded)."""
    text = loose(value)
    main, _, rest = text.partition(";")
    found: dict[str, str] = {}
    runs: dict[str, dict[int, tuple[bool, str]]] = {}
    for match in _PARAMETER.finditer(rest[:8000]):
        name = match[1].lower()
        content = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        if numbered := _NUMBERED.fullmatch(name):
            place = int(numbered[2] or 0)
            runs.setdefault(numbered[1], {})[place] = (bool(numbered[3]), content)
        else:
            found.setdefault(name, decoded(content))
    for name, run in runs.items():
        found[name] = _joined(run)
    return re.sub(r"[^a-z0-9.+/_-]", "", main.strip().lower())[:120], found


_PARAMETER = re.compile(r"([\w*.'%-]{1,60}+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;]*+))")
_NUMBERED = re.compile(r"([\w.-]{1,40}?)(?:\*(\d{1,3}))?(\*?)(?<=[\d*])")


def _joined(run: dict[int, tuple[bool, str]]) -> str:
    """RFC 2231: pieces in order; the first coded one begins with charset'language'."""
    charset, content, coded_before = "", b"", False
    for _place, (coded, text) in sorted(run.items()):
        if coded:
            if not coded_before and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            coded_before = True
            content += re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text.encode("utf-8"))
        else:
            content += text.encode(charset or "utf-8", "replace") if not charset else text.encode("utf-8")
    text, _ = text_of(content, charset or "utf-8")
    return _CONTROL.sub(" ", text)

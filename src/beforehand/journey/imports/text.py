"""Text files as plain UTF-8: unpacked, transcoded and without NUL, in a temporary file where that changes anything."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import NamedTuple

from beforehand.journey.imports.table import ImportFailed

BLOCK = 1 << 20
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "mac_roman")
OTHER_LETTERS = ("cp1251", "cp1253", "cp1255", "cp1256", "koi8_r")
MANY_BYTES = ("shift_jis", "gb18030", "big5", "euc_kr", "euc_jp")
EVIDENCE = 256 << 10


class Plain(NamedTuple):
    """A readable UTF-8 file, and what had to be found out to make it one."""

    path: Path
    encoding: str
    guessed: bool


@dataclass
class Seen:
    """What the bytes are like when they are read as UTF-8."""

    good: int = 0  # characters beyond ASCII
    bad: int = 0  # bytes that are not UTF-8
    evidence: bytes = b""  # lines with such bytes
    nul: bool = False
    feeds: int = 0
    returns: int = 0

    @property
    def simple(self) -> bool:
        """No NUL, and not two kinds of line endings in one file."""
        return not self.nul and (self.returns in (0, self.feeds) or self.feeds == 0)


def plain(path: Path, folder: Path, encoding: str | None = None, legacy: bool = True) -> Plain:
    """The file as UTF-8 without NUL and with one kind of line ending; a copy in `folder` where it is not so already.

    Without `legacy`, encodings from before Unicode are not thought of.
    """
    if path.stat().st_size == 0:
        raise ImportFailed(f"{path.name} is empty.")
    seen = _look(path)
    found = _known(encoding) if encoding else _encoding(path, seen, legacy)
    if found == "utf-8" and seen.simple and not is_packed(path):
        return Plain(path, found, not encoding)
    copy = folder / "plain.txt"
    _transcode(path, copy, found)
    return Plain(copy, found.removesuffix("-sig"), not encoding)


def is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def blocks(path: Path) -> Iterator[bytes]:
    """The bytes, unpacked. A packed file that ends too early or is damaged is an error of ours, in words."""
    try:
        with _open(path) as file:
            while block := file.read(BLOCK):
                yield block
    except EOFError:
        raise ImportFailed(f"{path.name} ends in the middle: the .gz file is not complete. Copy it again.") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ImportFailed(f"{path.name} cannot be unpacked: it is damaged ({error}). Copy it again.") from None


def _open(path: Path) -> BufferedIOBase:
    return gzip.open(path, "rb") if is_packed(path) else path.open("rb")


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise ImportFailed(f"There is no encoding “{encoding}”. Write one like utf-8, utf-16 or cp1252.") from None
    return "utf-8" if name == "utf-8-sig" else name


def _encoding(path: Path, seen: Seen, legacy: bool) -> str:
    """UTF-8 unless the bytes speak against it. A few bad bytes among good UTF-8 are bad rows, not another encoding."""
    start = next(blocks(path), b"")
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    return _wide(start) or ("utf-8" if seen.good >= seen.bad or not legacy else _legacy(seen.evidence))


def _wide(start: bytes) -> str:
    """UTF-16 without a mark: every other byte of plain text is NUL."""
    pairs = len(start[:4096]) // 2
    if pairs and start[1:4096:2].count(0) > 0.7 * pairs:
        return "utf-16-le"
    return "utf-16-be" if pairs and start[0:4096:2].count(0) > 0.7 * pairs else ""


def _look(path: Path) -> Seen:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    seen = Seen()
    for block in blocks(path):
        seen.nul |= b"\0" in block
        seen.feeds += block.count(b"\n")
        seen.returns += block.count(b"\r")
        text = decoder.decode(block)
        if not text.isascii():
            wrong = len(text.encode("utf-8", "surrogateescape")) - len(text.encode("utf-8", "ignore"))
            seen.bad += wrong
            seen.good += len(text) - len(text.encode("ascii", "ignore")) - wrong
            if wrong and len(seen.evidence) < EVIDENCE:
                seen.evidence += b"\n".join(line for line in block.split(b"\n") if not line.isascii())[:EVIDENCE]
    return seen


def _legacy(evidence: bytes) -> str:
    """Of the encodings that are in use the likeliest; where Western European is about as likely, that one."""
    from charset_normalizer import from_bytes

    found = list(from_bytes(evidence, cp_isolation=[*LATIN, *OTHER_LETTERS, *MANY_BYTES]))
    if not found or (found[0].coherence == 0 and found[0].encoding not in MANY_BYTES):
        return LATIN[0]
    best = found[0]
    about_as_likely = [m for m in found if m.chaos <= best.chaos + 0.15 and m.coherence >= best.coherence - 0.05]
    if any(_reads_alike(evidence, match.encoding, LATIN[0]) for match in about_as_likely):
        return LATIN[0]
    return best.encoding


def _reads_alike(text: bytes, one: str, other: str) -> bool:
    return text.decode(one, "replace") == text.decode(other, "replace")


def _transcode(path: Path, copy: Path, encoding: str) -> None:
    # Bad bytes of UTF-8 stay as they are, so that the reader rejects their rows and not the whole file.
    decoder = None if encoding.startswith("utf-8") else codecs.getincrementaldecoder(encoding)(errors="replace")
    held = b""
    with copy.open("wb") as target:
        for block in blocks(path):
            if decoder is not None:
                block = decoder.decode(block).encode("utf-8")
            block = held + block
            held = block[-1:] if block.endswith(b"\r") else b""
            block = block[: len(block) - len(held)].replace(b"\r\n", b"\n")
            target.write(block.replace(b"\0", "\ufffd".encode()))
        if decoder is not None:
            held += decoder.decode(b"", final=True).encode("utf-8")
        target.write(held)

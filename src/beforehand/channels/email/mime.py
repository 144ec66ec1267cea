"""The tree of a mail's parts, as places in the raw bytes. The standard library's parser takes ten times the memory,
recurses without a limit and takes the square of the depth; this one has limits and says when it met them."""

import quopri
import re
from dataclasses import dataclass, field

from beforehand.channels.email import limits
from beforehand.channels.email.headers import Head, decoded, from_base64, parameters, split
from beforehand.channels.email.parsed import Trouble


@dataclass(slots=True)
class Part:
    """One part. Its content is raw[start:end], still in its transfer encoding."""

    head: Head
    start: int
    end: int
    type: str
    parameters: dict[str, str]
    disposition: str
    children: list["Part"] = field(default_factory=list)
    preamble: tuple[int, int] = (0, 0)

    @property
    def sent_name(self) -> str:
        return self._disposed.get("filename") or self.parameters.get("name") or ""

    @property
    def _disposed(self) -> dict[str, str]:
        return parameters(self.head.last("content-disposition"))[1]

    @property
    def cid(self) -> str:
        return decoded(self.head.last("content-id")).strip("<> ")[: limits.LONGEST_ID]

    @property
    def location(self) -> str:
        return decoded(self.head.last("content-location"))[:2000]


class Tree:
    """Reads the parts of one raw mail. `troubles` says what was cut short."""

    def __init__(self, raw: bytes, troubles: list[Trouble]) -> None:
        self.raw, self.troubles, self.parts = raw, troubles, 0

    def read(self, head: Head, end: int, depth: int = 0, default: str = "text/plain") -> Part:
        written = head.last("content-type")
        kind, found = parameters(written) if written else (default, {})
        if not re.fullmatch(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+", kind):
            kind = "multipart/mixed" if kind.startswith("multipart") else "text/plain"
        disposition = parameters(head.last("content-disposition"))[0]
        part = Part(head, head.body, end, kind, found, disposition)
        self.parts += 1
        if kind.startswith("multipart/"):
            self._children(part, depth)
        return part

    def _children(self, part: Part, depth: int) -> None:
        boundary = part.parameters.get("boundary", "").rstrip()
        if not boundary:
            self._say("no_boundary", "A part of several parts does not say how they are divided.")
        elif depth >= limits.DEEPEST:
            self._say("too_deep", f"Parts nested deeper than {limits.DEEPEST} are left as they are.")
        else:
            self._divide(part, b"--" + boundary.encode("utf-8", "replace"), depth)
        if not part.children:
            part.type = "text/plain"

    def _divide(self, part: Part, line: bytes, depth: int) -> None:
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        opened: int | None = None
        position, finished = part.start, False
        while not finished:
            found = self.raw.find(line, position, part.end)
            if found < 0:
                break
            position = found + len(line)
            newline = self.raw.find(b"\n", position, min(part.end, position + 200))
            rest = self.raw[position : newline if newline >= 0 else min(part.end, position + 200)].strip()
            if (found > part.start and self.raw[found - 1 : found] != b"\n") or rest not in {b"", b"--"}:
                continue
            if opened is None:
                part.preamble = (part.start, found)
            else:
                self._child(part, opened, self._before(found), depth, default)
            finished = rest == b"--" or self.parts >= limits.MOST_PARTS
            opened = part.end if newline < 0 else newline + 1
        if opened is not None and not finished:
            self._say("unfinished", "The last part has no end; the mail may be cut off.")
            self._child(part, opened, part.end, depth, default)
        if self.parts >= limits.MOST_PARTS:
            self._say("too_many_parts", f"More than {limits.MOST_PARTS} parts.")

    def _child(self, part: Part, start: int, end: int, depth: int, default: str) -> None:
        if start < end:
            head = split(self.raw, start, end)
            self.troubles += [trouble for trouble in head.troubles if trouble.code == "too_many_headers"]
            part.children.append(self.read(head, end, depth + 1, default))

    def _before(self, found: int) -> int:
        return found - 2 if self.raw[found - 2 : found] == b"\r\n" else found - 1

    def _say(self, code: str, detail: str) -> None:
        if all(trouble.code != code for trouble in self.troubles):
            self.troubles.append(Trouble(code, detail))

    def content(self, part: Part) -> bytes:
        """The bytes of a part without their transfer encoding."""
        raw = self.raw[part.start : part.end]
        encoding = decoded(part.head.last("content-transfer-encoding")).lower()
        if encoding == "base64":
            return from_base64(raw)
        if encoding == "quoted-printable":
            return quopri.decodestring(raw)
        if encoding not in {"", "7bit", "8bit", "binary", "x-uuencode", "uuencode", "x-uue"}:
            self._say("encoding_unknown", f"“{encoding[:40]}” is no way of encoding that is known; shown as it came.")
        return raw

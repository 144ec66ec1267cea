"""From the tree of parts to what a person reads and which files came with it."""

import binascii
import re
from typing import NamedTuple

from beforehand.channels.email import events, filenames, limits, reports, tnef
from beforehand.channels.email.charsets import text_of
from beforehand.channels.email.headers import decoded, split
from beforehand.channels.email.mime import Part, Tree
from beforehand.channels.email.parsed import Attachment, Event, Report, Trouble

_UUENCODED = re.compile(
    r"^begin(?:-base64)? [0-7]{3,4} (.{1,200})\n((?:[ -`]{1,80}\n)*?)(?:`\n|[ ]?\n)?end[ \t]*(?:\n|\Z)", re.M
)
_YENC = re.compile(r"^=ybegin [^\n]*?name=([^\n]{1,200})\n(?:=ypart [^\n]*\n)?((?:.*\n)*?)=yend[^\n]*(?:\n|\Z)", re.M)
_STANDARD_PREAMBLE = re.compile(
    r"\s*(?:this is a (?:multi-?part|mime)|dies ist eine mehrteilige|ceci est)", re.IGNORECASE
)


class Piece(NamedTuple):
    """A run of what was written: plain text, or HTML."""

    html: bool
    content: str


class Reader:
    """Collects the bodies, files, reports and calendar parts of one mail."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.files: list[Attachment] = []
        self.places: dict[str, int] = {}
        self.events: list[Event] = []
        self.protection: list[str] = []
        self.report: Report | None = None
        self.original = b""
        self.status = b""

    def pieces(self, part: Part) -> list[list[Piece]]:
        """The versions of a part, the plainest first: of an alternative all, of everything else one."""
        kind = part.type
        if kind == "multipart/alternative" and part.children:
            return [version for child in part.children for version in self.pieces(child) if version]
        if part.children:
            return self._several(part)
        if kind in {"text/plain", "text/html"} and part.disposition != "attachment" and not self._is_file(part):
            return [[self._written(part)]]
        if kind in {"text/x-amp-html", "text/watch-html"}:
            return []
        self._attach(part)
        return []

    def _is_file(self, part: Part) -> bool:
        return (
            bool(part.sent_name)
            and (part.disposition != "inline" or part.type == "text/html")
            and bool(self.tree.parts > 1)
        )

    def _several(self, part: Part) -> list[list[Piece]]:
        self._protected(part)
        children = [self.pieces(child) for child in part.children]
        if not any(children):
            preamble = text_of(self.tree.raw[slice(*part.preamble)])[0].strip()
            if preamble and not _STANDARD_PREAMBLE.match(preamble):
                self.tree.troubles.append(Trouble("text_in_preamble"))
                return [[Piece(False, preamble)]]
        plain = [piece for versions in children if versions for piece in versions[0]]
        rich = [piece for versions in children if versions for piece in versions[-1]]
        return [plain] if plain == rich else [plain, rich]

    def _protected(self, part: Part) -> None:
        protocol = part.parameters.get("protocol", "").lower()
        if part.type in {"multipart/signed", "multipart/encrypted"}:
            how = "pgp" if "pgp" in protocol else "smime"
            self.protection.append(f"{how}_{part.type.partition('/')[2]}")

    def _written(self, part: Part) -> Piece:
        content = self.tree.content(part)
        most = limits.MOST_HTML if part.type == "text/html" else limits.MOST_TEXT
        if len(content) > most * 2:
            self._cut(part)
            content = content[: most * 2]
        text, wrong = text_of(content, part.parameters.get("charset", ""))
        if wrong:
            self.tree.troubles.append(Trouble(wrong, part.parameters.get("charset", "")[:40]))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > most:
            self._cut(part)
            text = text[:most]
        if part.type == "text/html":
            return Piece(True, text)
        text = self._armoured(self._encoded(text))
        if part.parameters.get("format", "").lower() == "flowed":
            text = flowed(text, part.parameters.get("delsp", "").lower() == "yes")
        return Piece(False, text)

    def _cut(self, part: Part) -> None:
        code = "html_cut" if part.type == "text/html" else "text_cut"
        if all(trouble.code != code for trouble in self.tree.troubles):
            self.tree.troubles.append(Trouble(code, "The text is very long; the rest is in the original."))

    def _encoded(self, text: str) -> str:
        """Text without the files that old programs put between its lines; they become attachments."""
        if "\nend" in text and "begin" in text:
            text = _UUENCODED.sub(lambda found: self._file_in_text(found, "uuencode"), text)
        if "=yend" in text:
            text = _YENC.sub(lambda found: self._file_in_text(found, "yenc"), text)
        return text

    def _file_in_text(self, found: re.Match[str], origin: str) -> str:
        decode = _from_uuencode if origin == "uuencode" else _from_yenc
        content = decode(found[2])
        if content is None:
            return found[0]
        self.add(found[1].strip(), "application/octet-stream", content, origin=origin)
        return ""

    def _armoured(self, text: str) -> str:
        if "-----BEGIN PGP MESSAGE-----" in text:
            self.protection.append("pgp_inline_encrypted")
        elif "-----BEGIN PGP SIGNED MESSAGE-----" in text:
            self.protection.append("pgp_inline_signed")
        return text

    def _attach(self, part: Part) -> None:
        content, kind = self.tree.content(part), part.type
        if kind == "message/delivery-status":
            self.status = content
        elif kind == "message/disposition-notification":
            self.report = reports.receipt(content)
        elif kind in {"message/rfc822", "text/rfc822-headers", "message/global"}:
            self.original = self.original or content
            subject = decoded(split(content, outer=True).first("subject"))
            self.add(part.sent_name or f"{subject or 'message'}.eml", kind, content, role="message")
        elif kind in {"application/ms-tnef", "application/vnd.ms-tnef"} or part.sent_name.lower() == "winmail.dat":
            self._unwrap(part, content)
        else:
            self._plain_file(part, content, kind)

    def _plain_file(self, part: Part, content: bytes, kind: str) -> None:
        role = "file"
        if kind == "text/calendar" or kind == "application/ics":
            role = "calendar"
            charset = part.parameters.get("charset", "utf-8")
            room = limits.MOST_EVENTS - len(self.events)
            self.events += events.read(
                text_of(content[: limits.MOST_TEXT], charset)[0], part.parameters.get("method", ""), room
            )
        elif kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
            signed = "signed" in part.parameters.get("smime-type", "").lower() or part.sent_name.lower().endswith(
                ".p7s"
            )
            role = "signature" if signed else "encrypted"
            self.protection.append("smime_opaque_signed" if signed else "smime_encrypted")
        elif kind in {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}:
            role = "signature"
        elif kind == "application/pgp-encrypted" or part.sent_name.lower() == "encrypted.asc":
            role = "encrypted"
        inline = part.disposition == "inline"
        self.add(part.sent_name, kind, content, role=role, cid=part.cid, location=part.location, inline=inline)

    def _unwrap(self, part: Part, content: bytes) -> None:
        unpacked = tnef.unpack(content, limits.MOST_ATTACHMENTS)
        if not unpacked.files or not unpacked.whole:
            self.tree.troubles.append(
                Trouble("tnef", "Outlook's wrapping could not be read whole; it is kept as it came.")
            )
            self.add(part.sent_name or "winmail.dat", part.type, content)
        for file in unpacked.files:
            self.add(file.name, file.type or "application/octet-stream", file.content, origin="tnef", cid=file.cid)

    def add(
        self, name: str, kind: str, content: bytes, role: str = "file", origin: str = "mime", cid: str = "",
        location: str = "", inline: bool = False,
    ) -> None:  # fmt: skip
        place = len(self.files)
        if place >= limits.MOST_ATTACHMENTS:
            if all(trouble.code != "too_many_attachments" for trouble in self.tree.troubles):
                self.tree.troubles.append(Trouble("too_many_attachments", f"The first {place} are kept apart."))
            return
        kind = kind if re.fullmatch(r"[a-z0-9.+_-]{1,60}/[a-z0-9.+_-]{1,80}", kind) else "application/octet-stream"
        safe = filenames.safe(name, kind, place + 1)
        self.files.append(Attachment(safe, kind, content, role, cid, inline, origin, name[:400]))
        for key in (cid, location):
            if key:
                self.places.setdefault(key, place)


def flowed(text: str, glued: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next one of the same depth."""
    lines: list[str] = []
    flowing, depth_before = False, 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content[1:] if content.startswith(" ") else content
        flows = content.endswith(" ") and content != "-- "
        piece = content[:-1] if flows and glued else content
        if flowing and depth == depth_before and content != "-- ":
            lines[-1] += piece
        else:
            lines.append((">" * depth + " " if depth else "") + piece)
        flowing, depth_before = flows, depth
    return "\n".join(lines)


def _from_uuencode(text: str) -> bytes | None:
    content = []
    for line in text.splitlines():
        try:
            content.append(binascii.a2b_uu(line))
        except (binascii.Error, ValueError):
            size = ((ord(line[0]) - 32) & 63) * 4 + 5 if line else 0
            try:
                content.append(binascii.a2b_uu(line[: size // 3]))
            except (binascii.Error, ValueError):
                return None
    return b"".join(content)


def _from_yenc(text: str) -> bytes | None:
    raw = text.replace("\n", "").encode("latin-1", "replace")
    joined = re.sub(rb"=(.)", lambda found: bytes([(found[1][0] - 64) % 256]), raw, flags=re.DOTALL)
    return bytes((byte - 42) % 256 for byte in joined)

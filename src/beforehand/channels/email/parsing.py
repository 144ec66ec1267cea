"""Raw bytes to a `Parsed` mail. Any bytes: what cannot be understood is left where it is and said in `troubles`."""

import hashlib
import html
from datetime import datetime

from beforehand.channels.email import addresses, dates, limits, reports
from beforehand.channels.email.bodies import Piece, Reader
from beforehand.channels.email.cleaning import clean
from beforehand.channels.email.headers import Head, decoded, split
from beforehand.channels.email.ids import ids_of
from beforehand.channels.email.mime import Part, Tree
from beforehand.channels.email.parsed import Addresses, Attachment, Body, Parsed, Report, Trouble
from beforehand.channels.email.quoting import split as split_reply


def parse(raw: bytes, arrived: datetime | None = None) -> Parsed:
    """The mail. `arrived`: when our own server took it, where that is known. Never raises."""
    size, digest = len(raw), hashlib.sha256(raw).hexdigest()
    try:
        return _parse(raw, size, digest, arrived)
    except Exception as error:
        # Whatever hides in a stranger's bytes, the mail is kept and waits with its reason. `make fuzz` finds these.
        trouble = Trouble("not_understood", f"{type(error).__name__}: {error}"[:300])
        return Parsed(size, digest, digest, troubles=(trouble,))


def _parse(raw: bytes, size: int, digest: str, arrived: datetime | None) -> Parsed:
    troubles: list[Trouble] = []
    if size > limits.MOST_BYTES:
        troubles.append(Trouble("too_large", f"Only the first {limits.MOST_BYTES >> 20} MB of {size >> 20} are read."))
        raw = raw[: limits.MOST_BYTES]
    if b"\n" not in raw[:10_000]:
        raw = raw.replace(b"\r", b"\n")
    head = split(raw, outer=True)
    troubles += head.troubles
    if b"\x00" in raw[: head.body]:
        troubles.append(Trouble("nul_in_headers"))
    tree = Tree(raw, troubles)
    part = tree.read(head, len(raw))
    reader = Reader(tree)
    body, files = _body(reader, part)
    when, doubt = _sent(head, arrived)
    subject = decoded(head.first("subject"))
    return Parsed(
        size=size,
        digest=digest,
        fingerprint=_fingerprint(raw, head),
        headers=tuple((name, decoded(value)) for name, value in head.fields),
        message_id=next(iter(ids_of([head.first("message-id")])), ""),
        in_reply_to=ids_of(_every(head, "in-reply-to")),
        references=ids_of(_every(head, "references")),
        **_people(head),
        subject=subject[: limits.LONGEST_SUBJECT],
        sent=when,
        sent_doubt=doubt,
        body=body,
        attachments=files,
        events=tuple(reader.events),
        protection=tuple(dict.fromkeys(reader.protection)),
        report=_report(reader, head, body),
        troubles=tuple(dict.fromkeys(troubles)),
    )


def _every(head: Head, name: str) -> list[bytes]:
    return [value for key, value in head.fields if key.lower() == name]


def _people(head: Head) -> dict[str, Addresses]:
    read = {
        field: addresses.read(_every(head, name))
        for field, name in (
            ("senders", "from"),
            ("sender_line", "sender"),
            ("reply_to", "reply-to"),
            ("to", "to"),
            ("cc", "cc"),
            ("bcc", "bcc"),
            ("original_from", "x-original-from"),
            ("resent_from", "resent-from"),
        )
    }
    ours = [value for name in ("delivered-to", "x-original-to", "envelope-to") for value in _every(head, name)]
    read["delivered_to"] = addresses.read(ours)
    froms = len(_every(head, "from"))
    if froms != 1:
        line = read["senders"]
        fault = "several_headers" if froms else "missing"
        read["senders"] = Addresses(line.mailboxes, (*line.defects, fault), line.raw)
    return read


def _sent(head: Head, arrived: datetime | None) -> tuple[datetime | None, str]:
    received = _every(head, "received")
    return dates.sent(
        decoded(head.first("date")), arrived or (dates.of_received(decoded(received[0])) if received else None)
    )


def _fingerprint(raw: bytes, head: Head) -> str:
    """What stays the same on every way that one mail takes: not Received, Delivered-To and the like."""
    hashed = hashlib.sha256()
    for name in ("message-id", "from", "date", "subject"):
        hashed.update(head.first(name) + b"\n")
    hashed.update(raw[head.body :].replace(b"\r\n", b"\n").strip())
    return hashed.hexdigest()


def _body(reader: Reader, part: Part) -> tuple[Body, tuple[Attachment, ...]]:
    versions = [version for version in reader.pieces(part) if any(piece.content.strip() for piece in version)]
    plain = next((v for v in versions if not any(piece.html for piece in v)), None)
    rich = next((v for v in reversed(versions) if any(piece.html for piece in v)), None)
    words = "\n".join(piece.content.strip("\n") for piece in plain) if plain else ""
    if rich is None:
        return _of_text(words), tuple(reader.files)
    cleaned = clean("<br>".join(_as_html(piece) for piece in rich)[: limits.MOST_HTML], reader.places)
    if cleaned.too_deep:
        reader.tree.troubles.append(
            Trouble("html_too_deep", "The HTML is nested very deeply; its words are all there.")
        )
    text = words if words.strip() else cleaned.text
    parts = split_reply(text)
    body = Body(
        text, parts.reply, parts.quoted, parts.signature, cleaned.html, cleaned.reply, cleaned.remote, cleaned.pixels,
        cleaned.links,
    )  # fmt: skip
    shown = [_shown(file, place in cleaned.shown) for place, file in enumerate(reader.files)]
    return body, tuple(shown)


def _of_text(text: str) -> Body:
    parts = split_reply(text)
    return Body(text.strip("\n"), parts.reply, parts.quoted, parts.signature)


def _as_html(piece: Piece) -> str:
    if piece.html:
        return piece.content
    return html.escape(piece.content.strip("\n"), quote=False).replace("\n", "<br>")


def _shown(file: Attachment, inline: bool) -> Attachment:
    fields = (file.name, file.type, file.content, file.kind, file.cid, inline, file.origin, file.sent_name)
    return Attachment(*fields)


def _report(reader: Reader, head: Head, body: Body) -> Report | None:
    if reader.report is not None:
        return reader.report
    if reader.status:
        return reports.delivery(reader.status, reader.original)
    failed = list(addresses.read(_every(head, "x-failed-recipients")).keys)
    sender = decoded(head.first("from")).lower()
    daemon = not sender or "mailer-daemon" in sender or "postmaster@" in sender
    returned = decoded(head.first("return-path")) == "<>"
    if failed or daemon or returned:
        report = reports.in_words(body.text, failed)
        if report and reader.original and not report.about:
            about, references = reports.about_of(reader.original)
            report = Report(report.kind, about, references, report.failures)
        return report
    return None

"""Machines' words about mails of ours: delivery reports (RFC 3464), read receipts (RFC 8098), mails in words."""

import re

from beforehand.channels.email import limits
from beforehand.channels.email.addresses import key_of
from beforehand.channels.email.headers import decoded, split
from beforehand.channels.email.ids import ids_of
from beforehand.channels.email.parsed import Failure, Report

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_SMTP = re.compile(r"(?<!\d)([45])\d\d[ -]")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_ORIGINAL_ID = re.compile(r"^[ \t>]*Message-ID:[ \t]*(<[^<>\s]{3,990}>)", re.IGNORECASE | re.MULTILINE)
# A full mailbox (x.2.2), a busy or slow system: it may arrive yet, whatever the first figure says.
MAY_PASS = {("2", "2"), ("3", "2"), ("4", "7"), ("7", "0")}


def delivery(content: bytes, original: bytes) -> Report:
    """`content`: a message/delivery-status part. `original`: the mail or its headers, where it came back."""
    failures, position = [], 0
    for _ in range(limits.MOST_FAILURES + 1):
        if position >= len(content):
            break
        head = split(content, position)
        position = max(head.body, position + 1)
        values = {name.lower(): decoded(value) for name, value in head.fields}
        if "action" in values or "final-recipient" in values:
            failures.append(_failure(values))
    about, references = about_of(original)
    return Report(_kind(failures), about, references, tuple(failures[: limits.MOST_FAILURES]))


def about_of(original: bytes) -> tuple[str, tuple[str, ...]]:
    """Message-ID and References of the mail that a report gives back."""
    head = split(original, 0, min(len(original), limits.MOST_HEADER_BYTES))
    about = ids_of([head.first("message-id")])
    return (about[0] if about else ""), ids_of([head.first("references"), head.first("in-reply-to")])


def _failure(values: dict[str, str]) -> Failure:
    recipient = values.get("original-recipient") or values.get("final-recipient", "")
    reason = values.get("diagnostic-code", "")
    match = _STATUS.search(values.get("status", "")) or _STATUS.search(reason)
    action = values.get("action", "").lower()
    status = match[0] if match else ""
    address = recipient.rpartition(";")[2].strip().strip("<>")
    return Failure(key_of(address) if "@" in address else address, action, status, reason[:1000], _hard(action, status))


def _hard(action: str, status: str) -> bool:
    if action and action != "failed":
        return False
    if not status:
        return action == "failed"
    first, second, third = status.split(".")
    return first == "5" and (second, third) not in MAY_PASS


def _kind(failures: list[Failure]) -> str:
    actions = {failure.action for failure in failures}
    if "failed" in actions or not actions:
        return "failed"
    return "delayed" if "delayed" in actions else "delivered"


def receipt(content: bytes) -> Report:
    """A message/disposition-notification part: read, or deleted unread."""
    head = split(content)
    said = decoded(head.first("disposition")).lower()
    about = ids_of([head.first("original-message-id")])
    return Report("deleted" if "deleted" in said else "read", about[0] if about else "")


def in_words(text: str, recipients: list[str]) -> Report | None:
    """A bounce that only a person could read: the address, the status and the id that stand in its text."""
    text = text[:100_000]
    status = _STATUS.search(text)
    smtp = _SMTP.search(text)
    addresses = recipients or [found[0] for found in _ADDRESS.finditer(text)][:1]
    about = _ORIGINAL_ID.search(text)
    if not (status or smtp or recipients or about):
        return None
    code = status[0] if status else ""
    hard = _hard("failed", code) if code else bool(smtp and smtp[1] == "5")
    mark = code or (smtp[0] if smtp else "")
    reason = next((line.strip()[:1000] for line in text.splitlines() if mark and mark in line), "")
    failures = tuple(Failure(key_of(address), "failed", code, reason, hard) for address in addresses[:100])
    return Report("failed" if hard or not (code or smtp) else "delayed", about[1] if about else "", (), failures)

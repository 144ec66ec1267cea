"""Whether a mail is from whom it says, by the word of our own mail server alone (RFC 8601, RFC 7489)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from beforehand.channels.email.parsed import Parsed

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]{0,30})(?:/\d+)?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z]{1,20}\.[a-z0-9_-]{1,30})\s*=\s*(\"[^\"]*\"|[^\s;]+)", re.IGNORECASE)


class Result(NamedTuple):
    """One `method=result` with its properties, such as header.from, header.d, smtp.mailfrom."""

    method: str
    result: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class Authentication:
    """`verdict`: pass, fail or none (nobody vouches, nobody objects). `evidence` is the line that was believed."""

    verdict: str
    reason: str
    evidence: str = ""

    @property
    def may_show_journey(self) -> bool:
        """Whether the sender's journey may stand beside the mail. With `none` the desk says that nothing is proven."""
        return self.verdict != "fail"

    @property
    def may_send_journey(self) -> bool:
        """Whether anything of a journey may go out in an answer, and whether the sender's word changes anything."""
        return self.verdict == "pass"


def check(mail: Parsed, servers: Collection[str]) -> Authentication:
    """`servers`: the names (authserv-id) that our own mail servers write. Only the topmost line with one counts:
    a server writes above what the mail brought with it, so a line further down may be the sender's own."""
    sender = mail.sender
    if sender is None:
        return Authentication("fail", "from_in_doubt", ", ".join(mail.senders.defects) or "several mailboxes")
    names = {name.lower() for name in servers}
    line = next((line for line in mail.all("authentication-results") if _server(line) in names), "")
    if not line:
        return Authentication("none", "no_word_of_our_server" if names else "no_server_configured")
    results = read(line)
    dmarc = [result for result in results if result.method == "dmarc"]
    about = [r for r in dmarc if r.properties.get("header.from", sender.domain).lower() == sender.domain]
    if dmarc and not about:
        return Authentication("fail", "about_another_domain", line[:1000])
    if any(result.result == "fail" for result in about):
        return Authentication("fail", "dmarc", line[:1000])
    if any(result.result == "pass" for result in about):
        return Authentication("pass", "dmarc", line[:1000])
    if any(r.method == "dkim" and r.result == "pass" and _aligned(r, sender.domain) for r in results):
        return Authentication("pass", "dkim_of_the_domain", line[:1000])
    return Authentication("none", "nobody_vouches", line[:1000])


def read(line: str) -> list[Result]:
    """The results of one Authentication-Results line."""
    found = []
    for piece in _plain(line).split(";")[1:50]:
        match = _RESULT.match(piece)
        if match:
            properties = {name.lower(): value.strip('"') for name, value in _PROPERTY.findall(piece[match.end() :])}
            found.append(Result(match[1].lower(), match[2].lower(), properties))
    return found


def _plain(line: str) -> str:
    """Without comments, and without what a reason in quotes could smuggle in."""
    for _ in range(4):
        line = _COMMENT.sub(" ", line[:8000])
    return re.sub(r"\breason\s*=\s*(?:\"[^\"]*\"|[^\s;]+)", " ", line, flags=re.IGNORECASE)


def _server(line: str) -> str:
    return next(iter(_plain(line).partition(";")[0].split()), "").lower()


def _aligned(result: Result, domain: str) -> bool:
    signer = result.properties.get("header.d", "").lower().rstrip(".")
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))

"""Address headers. Whom a line names is read strictly; what is odd about it is kept as a defect, never guessed away.

The trap that this is built against: `From: agent@victim.example <attacker@evil.example>` is, to some readers, from
the agent. Encoded words are decoded only in names, so that none can bring an `@` or a `<` to where an address is.
"""

import re
from collections.abc import Iterator

from beforehand.channels.email import limits
from beforehand.channels.email.headers import decoded, loose
from beforehand.channels.email.parsed import Addresses, Mailbox

LONGEST_ADDRESS = 320
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*+\"?|[<>(),:;@]|\s++|[^\"<>(),:;@\s]++", re.DOTALL)
_LOCAL = re.compile(r"[^\s@<>(),:;\"\[\]\\\x00-\x20\x7f]+|\"(?:[^\"\\]|\\.)+\"")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?|\[[0-9A-Fa-f:.IPv]{3,45}\]")
_ADDRESS_LIKE = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_UNDISCLOSED = re.compile(r"undisclosed[ -]recipients|unlisted[ -]recipients", re.IGNORECASE)


def read(values: list[bytes]) -> Addresses:
    """The addresses of all headers of one name. More than one From, say, is a defect that the caller adds."""
    mailboxes: list[Mailbox] = []
    defects: list[str] = []
    for value in values:
        for mailbox, faults in _read(loose(value)):
            defects += faults
            if mailbox is not None:
                mailboxes.append(mailbox)
            if len(mailboxes) >= limits.MOST_ADDRESSES:
                defects.append("too_many")
                break
    raw = ", ".join(loose(value) for value in values[:20])[:2000]
    return Addresses(tuple(mailboxes[: limits.MOST_ADDRESSES]), tuple(dict.fromkeys(defects)), raw)


def _read(line: str) -> Iterator[tuple[Mailbox | None, list[str]]]:
    """Every mailbox of a line with its defects; (None, defects) for a piece that names none."""
    waiting: list[str] = []
    for tokens, fault in _pieces(line):
        text = "".join(tokens).strip()
        if not text and not fault:
            continue
        if "@" not in tokens and "<" not in tokens:
            waiting.append(text)
            if fault:
                yield None, [fault]
            continue
        mailbox, faults = _mailbox(tokens)
        if waiting:
            faults.append("unquoted_comma")
            if mailbox:
                mailbox = mailbox._replace(name=decoded(", ".join([*waiting, mailbox.name]))[:200])
        waiting = []
        yield mailbox, faults + ([fault] if fault else [])
    if waiting and not _UNDISCLOSED.search(line):
        yield None, ["no_address"]


def _pieces(line: str) -> Iterator[tuple[list[str], str]]:
    """The line cut at its commas, and at the colons and semicolons of groups; comments are left out."""
    piece: list[str] = []
    comment, angle, grouped, at = 0, False, False, False
    for match in _TOKEN.finditer(line[: limits.LONGEST_HEADER]):
        mark = match[0]
        if comment:
            comment += (mark == "(") - (mark == ")")
        elif mark == "(":
            comment = 1
        elif mark == ":" and not angle and not at and not grouped:
            piece, grouped = [], True
        elif (mark == "," and not angle) or (mark == ";" and not angle):
            yield piece, ""
            piece, at = [], False
            grouped = grouped and mark != ";"
        else:
            angle = (angle or mark == "<") and mark != ">"
            at = at or mark == "@"
            piece.append(mark)
    yield piece, "unfinished" if comment or angle else ""


def _mailbox(tokens: list[str]) -> tuple[Mailbox | None, list[str]]:
    faults: list[str] = []
    if "<" in tokens:
        start = len(tokens) - 1 - tokens[::-1].index("<")
        inside = tokens[start + 1 :]
        if ">" in inside:
            after = inside[inside.index(">") + 1 :]
            inside = inside[: inside.index(">")]
            if "".join(after).strip():
                faults.append("text_after_address")
        outside = tokens[:start]
        if "<" in outside or ">" in outside:
            faults.append("two_addresses")
        if any(mark == "@" for mark in outside):
            faults.append("address_in_name")
        name = decoded(_unquoted("".join(outside).strip()))
    else:
        inside, name = tokens, ""
    mailbox, more = _address("".join(inside).strip(), name)
    faults += more
    if mailbox and _poses(mailbox):
        faults.append("name_is_another_address")
    return mailbox, faults


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return re.sub(r"\\(.)", r"\1", text.replace('" "', " "))


def _address(text: str, name: str) -> tuple[Mailbox | None, list[str]]:
    faults = []
    if text.startswith("@") and ":" in text:
        text, faults = text.rpartition(":")[2], ["source_route"]
    if not text:
        return None, [*faults, "empty"]
    if len(text) > LONGEST_ADDRESS:
        return None, [*faults, "too_long"]
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        return None, [*faults, "no_address"]
    if domain.endswith("."):
        domain = domain.rstrip(".")
    local, domain = local.strip(), domain.strip()
    if "=?" in local or "=?" in domain:
        faults.append("encoded_address")
    if re.search(r"\s", local) and not local.startswith('"'):
        faults.append("space_in_address")
    elif not _LOCAL.fullmatch(local):
        faults.append("odd_address")
    if not _DOMAIN.fullmatch(domain):
        faults.append("odd_domain")
    return Mailbox(name[:200], f"{local}@{domain}", key_of(f"{local}@{domain}")), faults


def _poses(mailbox: Mailbox) -> bool:
    """Whether the name is an address, and not this one: a reader who sees only names would be misled."""
    return any(key_of(match[0]) != mailbox.key for match in _ADDRESS_LIKE.finditer(mailbox.name))


def key_of(address: str) -> str:
    """What all spellings of an address share: lower case, the domain in its ASCII form, no trailing dot."""
    local, _, domain = address.strip().rpartition("@")
    domain = domain.rstrip(".").lower()
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except (UnicodeError, ValueError):
            domain = domain.casefold()
    return f"{local.strip().strip(chr(34)).lower()}@{domain}"

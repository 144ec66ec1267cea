"""A message in the reader's language, by a server that speaks LibreTranslate's protocol (`BEFOREHAND_TRANSLATE_URL`).

The text of a message goes there when a member asks for it, and never by itself. What comes back is shown below the
original and remembered in memory for an hour; it is in no record and goes to no customer.
"""

import hashlib
import json
import logging
import threading
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from django.conf import settings
from django.core.cache import caches
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from beforehand.journey.record import clean
from beforehand.lib.rate import Rate, limits
from beforehand.lib.trouble import Trouble
from beforehand.service.models import Message
from beforehand.team.models import Member

LONGEST = 10_000
"""Characters of a message that are sent."""
MOST_BYTES = 400_000
CONNECT, PATIENCE, REST = 3.0, 15.0, 30.0
HOUR = 3600
AT_ONCE = 3
"""A few of the threads that answer pages: a slow server takes the others nothing."""
RATE = Rate(10, 30)
log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(AT_ONCE)


class Translation(NamedTuple):
    """`source`: the language it was written in, as the server sees it. `by`: the server. `is_cut`: it was too long."""

    text: str
    source: str
    by: str
    is_cut: bool = False

    @property
    def source_name(self) -> str:
        try:
            return str(get_language_info(self.source)["name_translated"])
        except KeyError:
            return self.source


class _Server:
    """Whether the server answered the last time: while it does not, nobody waits for it again."""

    down_until = 0.0


def reader_language() -> str:
    return _base(get_language() or settings.LANGUAGE_CODE)


def is_offered(message: Message, written_in: str) -> bool:
    """Whether a translation is offered beside a message. `written_in`: the customer's language, if it is known. What
    we wrote is in their language or in ours; a note is the team's own."""
    if not settings.TRANSLATE_URL or message.kind == Message.Kind.NOTE or not _words(message):
        return False
    if not written_in:
        return message.kind == Message.Kind.INBOUND
    return _base(written_in) != reader_language()


def translated(message: Message, language: str, reader: Member) -> Translation:
    """The message in a language. Raises Trouble."""
    text = _words(message)
    if not settings.TRANSLATE_URL or message.kind == Message.Kind.NOTE or not text:
        raise Trouble(_("There is nothing to translate, or nobody has set up a server for it."))
    key = f"{message.pk}:{language}:{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"
    known: Translation | None = caches["translations"].get(key)
    if known is None:
        if wait := limits.wait("translate", str(reader.pk), RATE):
            raise Trouble(_("That was a lot at once. Ask again in %(n)d seconds.") % {"n": wait})
        known = _asked(text, language)
        caches["translations"].set(key, known, HOUR)
    return known


def _words(message: Message) -> str:
    """What is new in it."""
    return message.text[: message.reply_ends].strip()


def _base(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _host() -> str:
    return urlsplit(settings.TRANSLATE_URL).hostname or ""


def _asked(text: str, language: str) -> Translation:
    if _Server.down_until > time.monotonic():
        raise _silent()
    if not _places.acquire(blocking=False):
        raise Trouble(_("Others are having messages translated. Ask again in a moment."))
    try:
        status, body = _call(text[:LONGEST], language)
    except (OSError, urllib3.exceptions.HTTPError) as error:
        _Server.down_until = time.monotonic() + REST
        log.warning("The translation server %s does not answer: %s.", _host(), type(error).__name__)
        raise _silent() from None
    finally:
        _places.release()
    return _read(status, body, language)._replace(is_cut=len(text) > LONGEST)


def _silent() -> Trouble:
    return Trouble(_("The translation server %s does not answer. Ask again in a minute.") % _host())


def _call(text: str, language: str) -> tuple[int, bytes]:
    """Status and body. A server that dribbles, or never ends, is left."""
    sent = {"q": text, "source": "auto", "target": language, "format": "text"}
    if settings.TRANSLATE_KEY:
        sent["api_key"] = settings.TRANSLATE_KEY
    until, body = time.monotonic() + PATIENCE, b""
    place, plain = f"{settings.TRANSLATE_URL}/translate", {"Accept": "application/json", "Accept-Encoding": "identity"}
    with requests.post(
        place, json=sent, headers=plain, timeout=(CONNECT, PATIENCE), allow_redirects=False, stream=True
    ) as answer:
        while len(body) <= MOST_BYTES and (piece := answer.raw.read1(1 << 16)):
            body += piece
            if time.monotonic() > until:
                raise TimeoutError
    return answer.status_code, body


def _read(status: int, body: bytes, language: str) -> Translation:
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    facts = said if isinstance(said, dict) else {}
    if status != 200:
        raise _refused(status, facts.get("error"))
    text, detected = facts.get("translatedText"), facts.get("detectedLanguage")
    if not isinstance(text, str) or not text.strip() or len(body) > MOST_BYTES:
        raise Trouble(_("What the translation server %s answered makes no sense.") % _host())
    source = str(detected.get("language", ""))[:10] if isinstance(detected, dict) else ""
    if source and _base(source) == language:
        raise Trouble(_("It is in your language already, the translation server says."))
    return Translation(clean(text), clean(source), _host())


def _refused(status: int, why: Any) -> Trouble:
    said = clean(" ".join(why.split()), 200) if isinstance(why, str) else ""
    if settings.TRANSLATE_KEY:
        said = said.replace(settings.TRANSLATE_KEY, "…")
    facts = {"host": _host(), "why": said or str(status)}
    log.warning("The translation server %s refuses: %s %s", facts["host"], status, said)
    return Trouble(_("The translation server %(host)s refuses: %(why)s") % facts)

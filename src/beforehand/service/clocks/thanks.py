"""What a customer's message is, where it is not simply one to be answered: only thanks, or a chase.

A plain rule that errs towards waiting: one word that it does not know, and the message waits for an answer. Whoever
reads it may overrule it.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from beforehand.journey.contacts.reading import Reader
from beforehand.service.clocks.ledger import Verdict

MOST_WORDS = 25
CHASES = 1.0
_LISTS = json.loads((Path(__file__).parent / "thanks.json").read_text(encoding="utf-8"))
THANKS, FILLERS, GREETINGS = (frozenset(" ".join(_LISTS[name]).split()) for name in ("thanks", "fillers", "greetings"))
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


class Judged(NamedTuple):
    """`verdict`: closing, chase or nothing; `why` in plain words, for the log."""

    verdict: str = ""
    why: str = ""


def judge(text: str, answered: bool, subject: str = "") -> Judged:
    """`answered`: we spoke last. Only then can a message be mere thanks; only else can it be a chase."""
    if answered and is_only_thanks(text):
        return Judged(Verdict.CLOSING, _("says only thanks"))
    if not answered and (said := chases(text)):
        return Judged(Verdict.CHASE, _("asks for news: “%s”") % said)
    return Judged()


def is_only_thanks(text: str) -> bool:
    """Whether nothing stands in a text but thanks, a greeting and a name."""
    if "?" in text or "？" in text or any(letter.isdigit() for letter in text):
        return False
    words = [(match[0], match.start()) for match in WORD.finditer(text)]
    plain = [word.casefold().replace("’", "'") for word, _at in words]
    if not words or len(words) > MOST_WORDS or not THANKS & set(plain):
        return False
    last_line = text.rstrip().rfind("\n") + 1
    for place, (word, at) in enumerate(words):
        if plain[place] in THANKS or plain[place] in FILLERS:
            continue
        before = plain[place - 1] if place else ""
        signs = at >= last_line > 0 and len(words) - place <= 2
        if not (word[0].isupper() and (signs or before in GREETINGS or before in THANKS)):
            return False
    return True


def chases(text: str) -> str:
    """The words by which somebody asks for news; empty when nobody does."""
    reading, _keys = _reader().read({"text": text})
    if max(reading.signals.get("chase", 0), reading.signals.get("overdue", 0)) < CHASES:
        return ""
    return next((phrase for label, phrase in reading.said if label in {"chase", "overdue"}), "")


@cache
def _reader() -> Reader:
    return Reader({})

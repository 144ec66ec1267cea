"""Full text over messages: SQLite's FTS5 or PostgreSQL's text search behind one interface.

One row a message, with its own id, holding its subject and its words. It is written in the transaction of the message
(bus "message.written"). Ids rise with arrival, so the newest hits come first without sorting: both engines walk them
from the end and stop as soon as there are enough.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import filterfalse
from typing import NamedTuple
from unicodedata import combining, normalize

from django.db import connection, transaction

from beforehand.lib import bus
from beforehand.lib.statements import tell
from beforehand.service.models import Message
from beforehand.service.search.query import Search, Word

TABLE = "service_search"
LONGEST = 100_000
BATCH = 2000
SQLITE = f"""create virtual table if not exists {TABLE} using fts5(
    subject, text, content='service_message', content_rowid='id', tokenize="unicode61 remove_diacritics 2")"""
POSTGRESQL = (
    f"create table if not exists {TABLE} (message bigint primary key, words tsvector not null)",
    f"create index if not exists {TABLE}_words on {TABLE} using gin (words) with (fastupdate = off)",
)
PLAIN = str.maketrans("", "", "\0")
_TOKEN = re.compile(r"\w+")


class Match(NamedTuple):
    """What the engine is asked: the FROM that yields `message` and the WHERE with its parameters."""

    source: str
    where: str
    params: tuple[str, ...]
    id: str


def _fts5() -> bool:
    return connection.vendor == "sqlite"


def install(**facts: object) -> None:
    """Make the index where there is none; an empty record has an empty index."""
    with connection.cursor() as cursor:
        for statement in (SQLITE,) if _fts5() else POSTGRESQL:
            cursor.execute(statement)
    if not Message.objects.exists():
        clear()


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"insert into {TABLE}({TABLE}) values ('delete-all')" if _fts5() else f"truncate {TABLE}")


@bus.on("message.written")
def index(message: Message, **facts: object) -> None:
    index_all([(message.pk, subject_of(message), message.text)])


def subject_of(message: Message) -> str:
    """A message without a subject of its own is found by that of its conversation."""
    return message.subject or message.conversation.subject


def index_all(rows: Iterable[tuple[int, str, str]]) -> None:
    """Index messages that are not indexed yet, as (id, subject, text)."""
    if _fts5():
        kept = [(one, subject.translate(PLAIN), text.translate(PLAIN)) for one, subject, text in rows]
        with connection.cursor() as cursor:
            cursor.executemany(f"insert into {TABLE}(rowid, subject, text) values (%s, %s, %s)", kept)
    elif said := [(one, " ".join(tokens(subject)), " ".join(tokens(text[:LONGEST]))) for one, subject, text in rows]:
        tell(
            f"""insert into {TABLE}(message, words) select one, setweight(to_tsvector('simple', subject), 'A') ||
                setweight(to_tsvector('simple', body), 'B')
                from unnest(%s::bigint[], %s::text[], %s::text[]) as said(one, subject, body)
                on conflict (message) do nothing""",
            [list(column) for column in zip(*said, strict=True)],
        )


def tokens(text: str) -> list[str]:
    """The words of a text as FTS5 tells them apart: letters and digits, without case and marks."""
    folded = text.lower().replace("_", " ")
    if not folded.isascii():
        folded = "".join(filterfalse(combining, normalize("NFKD", folded)))
    return _TOKEN.findall(folded)


def forget(messages: Iterable[Message]) -> None:
    """Take messages out of the index, before their rows go."""
    with connection.cursor() as cursor:
        for one in messages:
            if _fts5():
                sql = f"insert into {TABLE}({TABLE}, rowid, subject, text) values ('delete', %s, %s, %s)"
                cursor.execute(sql, [one.pk, subject_of(one).translate(PLAIN), one.text.translate(PLAIN)])
            else:
                cursor.execute(f"delete from {TABLE} where message = %s", [one.pk])


def rebuild() -> int:
    """Index all messages anew; gives how many there are."""
    with transaction.atomic(), _words_indexed_afterwards():
        clear()
        count = 0
        rows: list[tuple[int, str, str]] = []
        found = Message.objects.order_by("id").values_list("id", "subject", "conversation__subject", "text")
        for one, own, shared, text in found.iterator(BATCH):
            rows.append((one, own or shared, text))
            if len(rows) == BATCH:
                index_all(rows)
                count, rows = count + len(rows), []
        index_all(rows)
    return count + len(rows)


@contextmanager
def _words_indexed_afterwards() -> Iterator[None]:
    """PostgreSQL makes an index of rows that are there in a tenth of the time in which it adds them one by one."""
    if _fts5():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"drop index if exists {TABLE}_words")
        yield
        cursor.execute("set local maintenance_work_mem = '512MB'")
        cursor.execute(POSTGRESQL[1])


def match(search: Search) -> Match | None:
    """The question to the engine for the words and subjects of a search; None where it names none that is sought.

    Words that are excluded alone ask nothing of the index: `narrowing` leaves their conversations out.
    """
    sought = [_asked(word) for word in search.words if not word.negated]
    sought += [_asked(Word(one.text, True), subject=True) for one in search.of("subject") if not one.negated]
    sought = [one for one in sought if one]
    return _match(sought) if sought else None


def excluded(search: Search) -> list[Match]:
    """One question for each word that must not be there."""
    asked = [_asked(word) for word in search.words if word.negated]
    asked += [_asked(Word(one.text, True), subject=True) for one in search.of("subject") if one.negated]
    return [_match([one]) for one in asked if one]


def _match(asked: Sequence[str]) -> Match:
    if _fts5():
        return Match(TABLE, f"{TABLE} match %s", (" AND ".join(asked),), f"{TABLE}.rowid")
    return Match(TABLE, "words @@ %s::tsquery", (" & ".join(asked),), f"{TABLE}.message")


def _asked(word: Word, subject: bool = False) -> str:
    """A word or phrase in the engine's own tongue. `late*` finds what begins so. Only letters and digits go in."""
    found = tokens(word.text)
    if not found:
        return ""
    prefix = word.text.endswith("*")
    if _fts5():
        phrase = '"' + " ".join(found) + '"' + ("*" if prefix else "")
        return f"subject : {phrase}" if subject else phrase
    flags = ("*" if prefix else "") + ("A" if subject else "")
    mark = f":{flags}" if flags else ""
    last = len(found) - 1
    parts = [f"'{token}'" + (mark if subject or at == last else "") for at, token in enumerate(found)]
    return f"({' <-> '.join(parts)})" if len(parts) > 1 else parts[0]


def terms(search: Search) -> list[str]:
    """The words to be marked where they are shown."""
    said = [one.text for one in search.words if not one.negated] + [one.text for one in search.of("subject")]
    return list(dict.fromkeys(token for text in said for token in tokens(text)))

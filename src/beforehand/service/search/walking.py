"""PostgreSQL's two ways to the newest messages with a word: along the ids from the end, or by the index of words.

The first is quick for a word that many have, the second for one that few have. PostgreSQL itself takes every word that
is not among the most common for equally rare, and walks through millions of messages for one that twenty have.
"""

import json
import re
from typing import Any

from django.db import connection

from beforehand.lib.kept import kept
from beforehand.service.search import searching

STEP, FETCH = 1, 4
"""What it costs to look at the next message, and to find one that the index of words names."""
AMPLE = 2
LEAST = 20_000
_WORD = re.compile(r"'\w+'(?::[A-Z*]+)?")


def floor(match: searching.Match, before: int | None, limit: int) -> int | None:
    """Down to which message to walk; None where the index of words is quicker. Fewer hits than `limit` above it mean
    that the word has become rare: then the index is asked all the same."""
    top = before or _newest(match)
    hits = max(_expected(match), 1)
    walked = limit * top / hits
    return None if walked * STEP > hits * FETCH else int(top - AMPLE * walked - LEAST)


@kept()
def _expected(match: searching.Match) -> int:
    """How many hits the statistics of the words expect; no statement runs for that. For a phrase, of which they know
    nothing, as many as for its rarest word."""
    (query,) = match.params
    asked = _WORD.findall(query) if "<->" in query else [query]
    each = f"select 1 from {match.source} where words @@ %s::tsquery"
    with connection.cursor() as cursor:
        cursor.execute(f"explain (format json) {' union all '.join([each] * len(asked))}", asked)
        (told,) = cursor.fetchone()
    plan: Any = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return min(int(one["Plan Rows"]) for one in (plan["Plans"] if len(asked) > 1 else [plan]))


def _newest(match: searching.Match) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select coalesce(max({match.id}), 0) from {match.source}")
        (newest,) = cursor.fetchone()
    return int(newest)

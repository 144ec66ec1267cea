"""PostgreSQL finds the newest hits by either way, and takes the one that the words ask for."""

import pytest
from django.db import connection

from beforehand.service.search import hits, searching, walking
from beforehand.service.search.query import parse

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one way."),
]
MANY = 4000


@pytest.fixture
def words():
    """Every second message has “parcel”, ten “quokka”; “boxes” was a word of the first hundred alone."""
    said = [
        (n, "", f"{'parcel' if n % 2 else 'letter'} {'quokka' if n % 400 == 0 else ''} {'boxes' if n <= 100 else ''}")
        for n in range(1, MANY + 1)
    ]
    searching.clear()
    searching.index_all(said)
    with connection.cursor() as cursor:
        cursor.execute(f"analyze {searching.TABLE}")


def match(text: str) -> searching.Match:
    found = searching.match(parse(text))
    assert found
    return found


def test_a_word_of_many_is_walked_to_and_one_of_few_is_looked_up(words, monkeypatch):
    monkeypatch.setattr(walking, "LEAST", 0)
    floor = walking.floor(match("parcel"), None, 300)
    assert floor is not None and 0 < floor < MANY - 600
    assert walking.floor(match("quokka"), None, 300) is None
    assert walking.floor(match("never"), None, 300) is None
    assert walking.floor(match('"parcel boxes"'), None, 300) is None
    assert walking.floor(match('"parcel letter"'), None, 300) is not None
    assert walking.floor(match('subject:"parcel boxes"'), None, 300) is None


@pytest.mark.parametrize("text", ["parcel", "quokka", "boxes", "never", '"parcel boxes"'])
def test_both_ways_find_the_same(words, text, monkeypatch):
    monkeypatch.setattr(hits, "_read", read)
    found = []
    for floor in (None, 0, MANY // 2, MANY):
        monkeypatch.setattr(walking, "floor", lambda *_asked, down=floor: down)
        found.append(hits._hits(match(text), MANY - 7, 120, None))
    assert found == found[:1] * 4
    assert found[0] == sorted(found[0], reverse=True) and bool(found[0]) == (text != "never")


def read(asked: searching.Match, before: int | None, limit: int, by_words: bool = False) -> list[hits.Hit]:
    """The inner part of what is asked, without the messages themselves."""
    order = f"{asked.id} + 0" if by_words else asked.id
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {asked.id} from {asked.source} where {asked.where} and {asked.id} < %s"
            f" order by {order} desc limit {limit}",
            [*asked.params, before],
        )
        return [(id, 0) for (id,) in cursor.fetchall()]

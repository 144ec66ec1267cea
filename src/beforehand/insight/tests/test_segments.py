"""Segments: which dimensions there are, and how one is written."""

from types import SimpleNamespace

import duckdb
import pytest

from beforehand.insight.segments import BadSegment, Segment, dimensions, find, parse, where


@pytest.fixture
def db():
    connection = duckdb.connect()
    connection.execute(
        """create table touchpoints as
        select i as id, i % 50 as customer, case when i % 4 = 0 then 'email' else 'web' end as channel, '' as place,
          case when i % 10 = 0 then '{"rare": "x"}' when i = 3 then 'broken'
          else '{"plan": "' || case when i % 3 = 0 then 'pro' else 'free' end || '", "who''s": true, "order": "' || i
            || '", "score": ' || i % 5 || '}' end as properties
        from range(1000) t(i)"""
    )
    return connection


def test_channel_and_properties_with_few_values_are_dimensions(db):
    found = {dimension.key: dimension for dimension in find(db)}
    assert set(found) == {"channel", "plan"}
    assert found["channel"].values == ("web", "email")
    assert found["plan"].values == ("free", "pro")
    assert found["plan"].name == "plan"


def test_a_condition_finds_the_rows(db):
    for segment, count in (
        (Segment("channel", "email"), 250),
        (Segment("plan", "pro"), 299),
        (Segment("who's", "true"), 899),
    ):
        sql, parameters = where(segment)
        assert db.execute(
            f"select count(*) from touchpoints where json_valid(properties) and {sql}", parameters
        ).fetchone() == (count,)


def test_a_segment_is_written_with_a_colon():
    assert parse("platform:mobile") == Segment("platform", "mobile")
    assert parse("url:http://x") == Segment("url", "http://x")
    assert str(Segment("platform", "mobile")) == "platform:mobile"
    assert parse("") is None


@pytest.mark.parametrize("text", ["platform", ":mobile", "platform:", 'a"b:c', "x:" + "y" * 400])
def test_what_is_no_segment_is_refused_with_an_example(text):
    with pytest.raises(BadSegment, match="platform:mobile"):
        parse(text)


def test_dimensions_are_kept_for_the_same_version(db):
    reader = SimpleNamespace(db=db, version=5)
    first = dimensions(reader)
    db.execute("delete from touchpoints")
    assert dimensions(reader) is first

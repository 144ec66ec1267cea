"""`beforehand measures` prints what `run` says."""

import json

import pytest
from click.testing import CliRunner

from beforehand.cli.measures import measures as command
from beforehand.insight.measures import all as all_measures
from beforehand.journey import lake
from beforehand.journey.tests.lakes import happened, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    for number in range(3):
        one = person(f"p{number}")
        happened(one, "ad", 0, channel="web", properties='{"platform": "ios"}')
        happened(one, "cart", number + 1, channel="shop")
    lake.seal()


def invoke(*words):
    done = CliRunner().invoke(command, words)
    return done.exit_code, done.output


def test_all_measures_are_listed(shop):
    assert {one["slug"] for one in json.loads(invoke("--json")[1])} == set(all_measures())
    assert "touchpoints" in invoke()[1]


def test_one_measure_with_its_interval_and_groups(shop):
    code, text = invoke("transitions")
    assert code == 0 and "Waits between touchpoints" in text and "n = 3" in text and "Too few" in text
    found = json.loads(invoke("transitions", "--json")[1])
    assert [group["key"] for group in found["groups"]] == [["ad", "cart"]] and found["value"] == 7200


def test_split_period_and_segment(shop):
    found = json.loads(invoke("touchpoints", "--by", "channel", "--segment", "channel:web", "--json")[1])
    assert [(group["key"], group["n"]) for group in found["groups"]] == [(["web"], 3)]
    assert json.loads(invoke("touchpoints", "--from", "2026-03-02", "--to", "2026-03-03", "--json")[1])["n"] == 0


def test_rows_and_sql(shop):
    assert len(json.loads(invoke("touchpoints", "--rows", "4", "--json")[1])) == 4
    assert "percentile" not in invoke("touchpoints", "--sql")[1]
    assert "from touchpoints" in invoke("touchpoints", "--sql")[1]
    assert "FROM touchpoints" in invoke("touchpoints", "--sql", "--spark")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["happiness"], "There is no measure"),
        (["nps", "--by", "moon"], "cannot be split"),
        (["nps", "--segment", "moon"], "platform:mobile"),
        (["nps", "--from", "2024-02-01", "--to", "2024-01-01"], "before it starts"),
    ],
)
def test_what_makes_no_sense_is_said(shop, words, said):
    code, text = invoke(*words)
    assert code == 1 and said in text

"""`beforehand needs` as people run it."""

import json

import pytest
from click.testing import CliRunner

from beforehand.cli.needs import needs
from beforehand.customers.identity import Claim
from beforehand.journey import journeys
from beforehand.journey.models import Need, NeedKind
from beforehand.journey.needs import keeping
from beforehand.journey.needs.reading import read_yaml, write_yaml
from beforehand.journey.tests.needs import BUY, RECEIVE, definition
from beforehand.journey.tests.people import happened

pytestmark = pytest.mark.django_db


def run(*arguments):
    return CliRunner().invoke(needs, [str(argument) for argument in arguments])


@pytest.fixture
def file(tmp_path):
    NeedKind.objects.all().delete()
    path = tmp_path / "kinds.yaml"
    path.write_text(write_yaml([definition(RECEIVE), definition(BUY)]), encoding="utf-8")
    return path


@pytest.fixture
def order():
    happened(Claim("user_id", "u", True), ("Order Completed", {"order_id": 1}), ("Order Delivered", {"order_id": 1}))
    journeys.follow()


def test_kinds_are_loaded_followed_and_listed(file, order):
    said = run("load", file).output.splitlines()
    assert [line for line in said if ": version" in line] == ["receive: version 1", "buy: version 1"]
    assert "  note: No touchpoint that meets it was ever seen: “Order Delivered”." in said
    assert run("follow").output == "2 touchpoints followed.\n"
    (receive,) = [row for row in json.loads(run("list", "--json").output) if row["kind"] == "receive"]
    assert (receive["needs"], receive["met"], receive["open"], receive["beforehand"]) == (1, 1, 0, None)
    assert "Receive my order" in run("list").output


def test_what_was_loaded_is_exported_as_it_was(file):
    run("load", file)
    assert read_yaml(run("export", "receive").output) == [definition(RECEIVE)]
    assert "There is no kind “nothing”" in run("export", "nothing").output
    assert len(read_yaml(run("export", "--ready-made").output)) == len(keeping.ready_made())


def test_a_check_keeps_nothing(file):
    file.write_text("kind: a\ntitle: A\nopens: [X]\n", encoding="utf-8")
    result = run("load", "--check", file)
    assert result.exit_code == 1 and "can never be met" in result.output
    assert not NeedKind.objects.exists()


def test_a_rebuild_says_how_much_it_traced(file, order):
    run("load", file)
    assert run("rebuild").output.endswith("2 touchpoints traced.\n")
    before = list(Need.objects.values())
    run("rebuild")
    assert list(Need.objects.values()) == before


def test_the_preview_says_it_in_a_sentence(file, order):
    result = run("preview", file)
    assert "Receive my order: in the last 90 days this would have been 1 needs, 100% met" in result.output
    assert "Buy it: in the last 90 days this would have been no need at all." in result.output


def test_a_kind_is_switched_off(file):
    run("load", file)
    assert run("off", "buy").output == "buy is off.\n"
    assert [one.kind for one in keeping.definitions()] == ["receive"]


def test_proposing_with_nothing_there_says_so(file):
    assert "Nothing here looks like a need" in run("propose").output

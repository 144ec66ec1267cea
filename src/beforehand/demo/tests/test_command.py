import json
import re
import stat
from functools import partial

import pytest
from click.testing import CliRunner

from beforehand.cli.demo import EMAIL, LOG_IN, demo
from beforehand.demo import opening
from beforehand.demo.company.loading import SOURCE
from beforehand.journey.models import Source, Touchpoint
from beforehand.team.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(opening, "plan", partial(opening.plan, customers=40, days=30))


def run(*arguments):
    result = CliRunner().invoke(demo, ["--no-serve", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_log_in_works_and_stays_the_same(small, settings):
    output = run()
    password = re.search(rf"{EMAIL} and (\S+)", output)[1]
    owner = Member.objects.get(email=EMAIL)
    assert owner.check_password(password)
    assert owner.may_own
    assert stat.S_IMODE((settings.DATA / LOG_IN).stat().st_mode) == 0o600
    before = Touchpoint.objects.count()
    assert password in run()
    assert Touchpoint.objects.count() == before > 0


def test_the_truth_lies_beside_it(small, settings):
    run()
    told = json.loads((settings.DATA / "truth" / "truth.json").read_text(encoding="utf-8"))
    assert told["touchpoints"] == Touchpoint.objects.filter(source__name=SOURCE).count() > 0


def test_a_password_that_was_changed_is_not_printed(small):
    run()
    owner = Member.objects.get(email=EMAIL)
    owner.set_password("one of my own")
    owner.save()
    assert "the password that you chose" in run()


def test_a_folder_with_members_gets_no_second_owner(small):
    Member.objects.create_user("ada@example.com", "secret of Ada", name="Ada", role="owner")
    assert "one of your members" in run()
    assert not Member.objects.filter(email=EMAIL).exists()
    assert Source.objects.filter(name=SOURCE).exists()

from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory

from beforehand.journey import lake
from beforehand.journey.tests.lakes import happened, person
from beforehand.lib.trouble import Trouble
from beforehand.team.models import Member
from beforehand.web.trouble import PlainWords

WORDS = "The lake cannot be read: a file is missing. Run “beforehand lake rebuild”."


def answer(error, **headers):
    return PlainWords(lambda request: None).process_exception(RequestFactory().get("/journey", headers=headers), error)


@pytest.mark.django_db
def test_trouble_is_shown_in_its_own_words(caplog):
    response = answer(Trouble(WORDS))
    assert response.status_code == 503
    assert WORDS in response.content.decode()
    assert "/journey" in caplog.text


@pytest.mark.django_db
def test_a_machine_is_told_the_same(caplog):
    response = answer(Trouble(WORDS), accept="application/json")
    assert WORDS.encode() in response.content or b"lake rebuild" in response.content


def test_other_errors_stay_errors():
    assert answer(ValueError("a bug")) is None


@pytest.mark.django_db
def test_a_page_over_a_damaged_lake_names_the_file_and_what_to_do(client, caplog):
    happened(person("ada"), "home", 0)
    happened(person("grace"), "home", 1)
    lake.seal()
    (path,) = Path(settings.LAKE).glob("touchpoints/*")
    path.write_bytes(path.read_bytes()[:100])
    client.force_login(Member.objects.create_user("own@example.org", "x", role=Member.Role.OWNER, name="Own"))
    response = client.get("/journey?from=2026-02-01&to=2026-04-01")
    assert response.status_code == 503
    assert path.name in response.content.decode()
    assert "beforehand lake rebuild" in response.content.decode()

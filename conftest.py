"""Tests have a data folder of their own, made before Django reads its settings."""

import os
import tempfile

os.environ["BEFOREHAND_DATA"] = tempfile.mkdtemp(prefix="beforehand-test-")
os.environ["DJANGO_SETTINGS_MODULE"] = "beforehand.settings"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import django
import pytest
from django.utils import translation

django.setup()

PASSWORD = "four words of one"
RECORD = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test that talks to the record carries the mark `database`, so that it can run again on PostgreSQL."""
    for item in items:
        if item.get_closest_marker("django_db") or RECORD & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def own_data_folder(settings, tmp_path):
    """The lake and the intake of one test are not those of another."""
    settings.DATA = tmp_path
    settings.LAKE = tmp_path / "lake"
    settings.INTAKE = tmp_path / "intake.sqlite3"
    settings.FILES = tmp_path / "files"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """What a process remembers belongs to the test before, and is not forgotten at some moment of this one."""
    from beforehand.lib import kept

    monkeypatch.setattr(kept, "SECONDS", 3600.0)
    kept.forget_all()


@pytest.fixture(autouse=True)
def english():
    """A page that an earlier test asked for in German leaves its language behind."""
    translation.activate("en")


@pytest.fixture
def ada(db):
    """An owner: may do everything."""
    return _member("ada@example.com", "Ada Osei", "owner")


@pytest.fixture
def ben(db):
    """An agent: customers and their journeys."""
    return _member("ben@example.com", "Ben Haddad", "agent")


@pytest.fixture
def vic(db):
    """A viewer: numbers, no customers."""
    return _member("vic@example.com", "Vic Lund", "viewer")


def _member(email: str, name: str, role: str):
    from beforehand.team.models import Member

    return Member.objects.create_user(email, PASSWORD, name=name, role=role)

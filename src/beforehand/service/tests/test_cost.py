"""What the verbs that people wait for cost, in queries: a figure that may only be raised on purpose."""

import pytest
from django.db import connection

from beforehand.lib import kept
from beforehand.service.arrivals.receiving import begin_with
from beforehand.service.clocks.ledger import Name
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.models import AskedShare, ServicePolicy
from beforehand.service.tests.desk import asks

pytestmark = pytest.mark.django_db
BEGIN, RECEIVE, ANSWER, ANSWER_OF_SAMPLE, NOTE = 11, 10, 24, 26, 12


@pytest.mark.parametrize(
    ("verb", "asked", "most"),
    [
        (lambda talk, ada: begin_with(talk.identifier, "email", "Where is it?", {}), 0, BEGIN),
        (lambda talk, ada: talk.receive("And by when?"), 0, RECEIVE),
        (lambda talk, ada: talk.answer("It comes.", ada, then="done"), 0, ANSWER),
        (lambda talk, ada: talk.answer("It comes.", ada, then="done"), 100, ANSWER_OF_SAMPLE),
        (lambda talk, ada: talk.write_note("Hm.", ada), 0, NOTE),
    ],
    ids=["begin", "receive", "answer", "answer of the sample", "note"],
)
def test_a_verb_asks_the_record_only_so_often(verb, asked, most, mailbox, ada, monkeypatch):
    """`asked`: the percentage of solved cases whose customers are asked, since the sample follows from numbers."""
    monkeypatch.setattr(kept, "SECONDS", 3600.0)
    AskedShare.objects.create(pk=1, percent=asked)
    goals = (Goal(Name.FIRST_RESPONSE, 3_600_000_000), Goal(Name.RESOLUTION, 9_000_000_000))
    ServicePolicy.objects.create(name="All", plain=Policy(goals).plain())
    talk = asks()
    verb(talk, ada)  # what is remembered from the first time on is
    said = [
        sql for sql in heard(lambda: verb(talk, ada)) if "SAVEPOINT" not in sql and "pg_advisory" not in sql
    ]  # which SQLite has no need of
    assert len(said) <= most, f"{len(said)} queries:\n" + "\n".join(sql[:160] for sql in said)


def test_a_clock_that_has_not_moved_is_not_written(mailbox, ada):
    talk = asks()
    touched = [sql for sql in heard(lambda: talk.receive("And by when?")) if "service_clockrow" in sql]
    assert [sql.split()[0].lower() for sql in touched] == ["select"]


def heard(verb):
    """What a verb asks the record."""
    said: list[str] = []

    def hear(execute, sql, *more):
        said.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(hear):
        verb()
    return said

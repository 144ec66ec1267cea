"""What the verbs that people wait for cost, in queries: a figure that may only be raised on purpose."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beforehand.lib import kept
from beforehand.service.arrivals.receiving import begin_with
from beforehand.service.clocks.ledger import Name
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.models import ServicePolicy
from beforehand.service.tests.desk import asks

pytestmark = pytest.mark.django_db
BEGIN, RECEIVE, ANSWER, NOTE = 11, 14, 37, 15


@pytest.mark.parametrize(
    ("verb", "most"),
    [
        (lambda talk, ada: begin_with(talk.identifier, "email", "Where is it?", {}), BEGIN),
        (lambda talk, ada: talk.receive("And by when?"), RECEIVE),
        (lambda talk, ada: talk.answer("It comes.", ada, then="done"), ANSWER),
        (lambda talk, ada: talk.write_note("Hm.", ada), NOTE),
    ],
    ids=["begin", "receive", "answer", "note"],
)
def test_a_verb_asks_the_record_only_so_often(verb, most, mailbox, ada, monkeypatch):
    monkeypatch.setattr(kept, "SECONDS", 3600.0)
    goals = (Goal(Name.FIRST_RESPONSE, 3_600_000_000), Goal(Name.RESOLUTION, 9_000_000_000))
    ServicePolicy.objects.create(name="All", plain=Policy(goals).plain())
    talk = asks()
    verb(talk, ada)  # what is remembered from the first time on is
    with CaptureQueriesContext(connection) as queries:
        verb(talk, ada)
    said = [query["sql"][:160] for query in queries]
    said = [sql for sql in said if "SAVEPOINT" not in sql and "pg_advisory" not in sql]  # which SQLite has no need of
    assert len(said) <= most, f"{len(said)} queries:\n" + "\n".join(said)

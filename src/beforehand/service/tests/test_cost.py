"""What the verbs that people wait for cost, in queries: a figure that may only be raised on purpose."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beforehand.service.clocks.ledger import Name
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.models import ServicePolicy
from beforehand.service.tests.desk import asks

pytestmark = pytest.mark.django_db
RECEIVE, ANSWER, NOTE = 24, 47, 20


@pytest.mark.parametrize(
    ("verb", "most"),
    [
        (lambda talk, ada: talk.receive("And by when?"), RECEIVE),
        (lambda talk, ada: talk.answer("It comes.", ada, then="done"), ANSWER),
        (lambda talk, ada: talk.write_note("Hm.", ada), NOTE),
    ],
    ids=["receive", "answer", "note"],
)
def test_a_verb_asks_the_record_only_so_often(verb, most, mailbox, ada):
    goals = (Goal(Name.FIRST_RESPONSE, 3_600_000_000), Goal(Name.RESOLUTION, 9_000_000_000))
    ServicePolicy.objects.create(name="All", plain=Policy(goals).plain())
    talk = asks()
    verb(talk, ada)  # what is remembered from the first time on is
    with CaptureQueriesContext(connection) as queries:
        verb(talk, ada)
    said = [query["sql"][:160] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(said) <= most, "\n".join(said)

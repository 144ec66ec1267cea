import sqlite3

import pytest

from beforehand.journey.commits import Commits, NotStored
from beforehand.journey.intake import FULL, Intake, Request

BODY = b'{"batch":[]}'


def request(received=1, body=BODY):
    return Request(received, 1, 1, "/v1/batch", "", body)


@pytest.fixture
def intake(settings):
    with Intake(settings.INTAKE) as intake:
        yield intake


def test_every_connection_waits_for_the_disk(intake, settings):
    assert intake.durable
    assert intake.database.execute("PRAGMA synchronous").fetchone() == (FULL,)
    assert intake.database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with Intake(settings.INTAKE) as another:
        assert another.durable


def test_requests_are_read_in_the_order_in_which_they_came(intake):
    intake.append([request(1), request(2)])
    intake.append([request(3)])
    assert [r.received for r in intake.read(0, 10)] == [1, 2, 3]
    assert [r.received for r in intake.read(1, 1)] == [2]


def test_a_group_is_stored_whole_or_not_at_all(intake):
    with pytest.raises(sqlite3.IntegrityError):
        intake.append([request(1), request(body=None)])
    assert list(intake.read(0, 10)) == []
    intake.append([request(2)])
    assert intake.waiting(0) == 1


def test_only_what_is_drained_and_old_is_purged(intake):
    intake.append([request(1), request(2), request(30), request(4)])
    assert intake.purge(received_before=10, through=3) == 2
    assert [r.received for r in intake.read(0, 10)] == [30, 4]


def test_a_number_is_never_given_twice(intake, settings):
    intake.append([request()])
    intake.purge(received_before=10, through=1)
    intake.append([request()])
    assert [r.id for r in intake.read(0, 10)] == [2]


def test_an_intake_that_is_behind_the_record_skips_the_numbers_that_are_passed(intake):
    intake.continue_after(100)
    intake.append([request()])
    assert [r.id for r in intake.read(100, 10)] == [101]
    intake.continue_after(50)
    intake.append([request()])
    assert [r.id for r in intake.read(101, 10)] == [102]


def test_what_is_rewritten_leaves_no_trace_in_the_files(intake, settings):
    secret = b"ada@example.com"
    intake.append([request(body=b'{"batch":["%s"]}' % (secret * 2000)), request()])
    assert intake.forget(lambda r: b"{}" if secret in r.body else None) == 1
    assert [r.body for r in intake.read(0, 10)] == [b"{}", BODY]
    for file in settings.INTAKE.parent.glob("intake*"):
        assert secret not in file.read_bytes()


def commit(intake, *requests):
    """What became of requests that arrive together."""
    import asyncio

    async def arrive():
        commits = Commits(intake)
        outcomes = await asyncio.gather(*(commits.put(r) for r in requests), return_exceptions=True)
        commits.writer.shutdown()
        return outcomes

    return asyncio.run(arrive())


def test_the_answer_comes_after_the_commit(intake, settings):
    """What another connection can see at the moment of the answer is what was committed."""
    import asyncio

    async def arrive():
        commits = Commits(intake)
        for number in range(1, 6):
            await commits.put(request(number))
            with sqlite3.connect(settings.INTAKE) as other:
                seen = other.execute("SELECT max(received) FROM request").fetchone()
            assert seen == (number,)
        await commits.close()

    asyncio.run(arrive())


def test_no_answer_comes_while_the_commit_has_not_returned(intake, monkeypatch):
    import asyncio
    import threading

    may_go_on = threading.Event()
    append = intake.append

    def slow(requests):
        append(requests)
        may_go_on.wait(5)

    monkeypatch.setattr(intake, "append", slow)

    async def arrive():
        commits = Commits(intake)
        answer = asyncio.ensure_future(commits.put(request()))
        await asyncio.sleep(0.1)
        assert not answer.done()
        may_go_on.set()
        await asyncio.wait_for(answer, 5)
        commits.writer.shutdown()

    asyncio.run(arrive())


def test_what_arrives_together_is_one_commit(intake):
    groups = []
    append = intake.append
    intake.append = lambda requests: (groups.append(len(requests)), append(requests))
    assert commit(intake, *[request(n) for n in range(50)]) == [None] * 50
    assert sum(groups) == 50 and len(groups) == 2
    assert intake.waiting(0) == 50


def test_a_full_disk_is_said_to_each_of_them_and_later_ones_get_through(intake):
    pages = intake.database.execute("PRAGMA page_count").fetchone()[0]
    intake.database.execute(f"PRAGMA max_page_count={pages}")
    outcomes = commit(intake, request(body=b"x" * 100_000), request())
    assert [outcome.code for outcome in outcomes if isinstance(outcome, NotStored)][:1] == ["storage_full"]
    intake.database.execute("PRAGMA max_page_count=1000000")
    assert commit(intake, request()) == [None]

"""Parsing in a process of its own gives what parsing here gives, and survives a mail that ends it."""

from datetime import UTC, datetime

import pytest

from beforehand.channels.email import apart
from beforehand.channels.email.tests.mails import SEEDS


@pytest.fixture
def parser():
    parser = apart.Apart()
    yield parser
    parser.close()


@pytest.fixture
def jobs(tmp_path):
    for name, raw in SEEDS.items():
        (tmp_path / name).write_bytes(raw)
    return [apart.Job(tmp_path / name, datetime(2026, 3, 2, tzinfo=UTC)) for name in SEEDS]


def test_it_gives_what_parsing_here_gives(parser, jobs):
    assert list(parser(jobs)) == list(apart.here(jobs))
    assert list(parser(jobs[:2])) == list(apart.here(jobs[:2]))


def test_whoever_stops_half_way_gets_the_right_mails_the_next_time(parser, jobs):
    half = parser(jobs)
    next(half)
    half.close()
    assert list(parser(jobs[3:5])) == list(apart.here(jobs[3:5]))


def test_a_mail_that_ends_the_process_says_so_and_the_next_one_has_a_new_process(parser, jobs):
    assert next(parser(jobs[:1])) == next(apart.here(jobs))
    gone = apart.Job(jobs[0].path.parent / "not there")
    given = parser([jobs[1], gone, jobs[2]])
    assert next(given) == next(apart.here(jobs[1:]))
    with pytest.raises(apart.Ended):
        next(given)
    assert list(parser(jobs[2:3])) == list(apart.here(jobs[2:3]))


def test_it_ends_when_its_input_does(parser, jobs):
    next(iter(parser(jobs[:1])))
    process = parser._process or apart._started()
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()
    parser._process = None

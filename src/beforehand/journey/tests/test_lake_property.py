"""Whatever happens in whatever order: the lake gives the rows that the record alone gives."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from beforehand.customers.models import Identifier
from beforehand.journey import lake
from beforehand.journey.lake import layout, stage
from beforehand.journey.tests.lakes import erase, happened, lake_rows, move, person, plain_rows
from beforehand.team.models import Workspace

PEOPLE = 4
who = st.integers(0, PEOPLE - 1)
events = st.tuples(
    st.just("happens"),
    who,
    st.sampled_from(["home", "cart", "paid", "$identify"]),
    st.sampled_from([0, 0.5, 1, 23, 23.5, 24, 600, 760, 1500]),
)
steps = st.one_of(
    events,
    events,
    st.tuples(st.just("moves"), who, who),
    st.tuples(st.just("is erased"), who),
    st.sampled_from([("seal",), ("seal",), ("compact",), ("fold",), ("rebuild",)]),
    st.tuples(st.just("zone"), st.sampled_from(["UTC", "Europe/Dublin", "America/New_York"])),
)


def do(people, step):
    match step:
        case ("happens", one, name, hours):
            happened(people[one], name, hours, properties='{"n":1}', channel="web")
        case ("moves", one, other):
            move(people[one], people[other].pk)
        case ("is erased", one):
            erase(Identifier.objects.get(pk=people[one].pk).customer_id)
        case ("zone", name):
            Workspace.objects.update_or_create(pk=1, defaults={"zone": name})
        case ("fold",):
            lake.fold(everything=True)
        case (verb,):
            getattr(lake, verb)()


@pytest.mark.slow
class TheLake(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(steps, min_size=3, max_size=25), st.booleans())
    def test_gives_the_rows_that_the_record_alone_gives(self, story, large):
        small_files = patch.multiple(layout, FULL=4, MONTH=2)
        chunks = patch.object(stage, "CHUNK_BYTES", 1 if large else stage.CHUNK_BYTES)
        with small_files, chunks, TemporaryDirectory() as folder, self.settings(LAKE=Path(folder)):
            people = [person(f"u{n}") for n in range(PEOPLE)]
            for step in story:
                do(people, step)
                assert lake_rows() == plain_rows(Workspace.own().zone), step
            assert lake.check() == []

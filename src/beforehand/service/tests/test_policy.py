"""A policy is a value that says what it says, and refuses what cannot be kept to."""

import json

import pytest

from beforehand.lib.working import HOUR
from beforehand.service.clocks.ledger import Category, Name
from beforehand.service.clocks.policy import Goal, Policy, PolicyRefused, policy_in
from beforehand.service.tests.stories import OFFICE, POLICY, at


def test_it_comes_back_from_its_plain_form():
    again = policy_in(json.loads(json.dumps(POLICY.plain())))
    assert (again, again.version) == (POLICY, POLICY.version)


def test_its_version_does_not_depend_on_the_order_in_which_it_is_written():
    assert Policy(tuple(reversed(POLICY.goals))).version == POLICY.version
    assert Policy(POLICY.goals[:1]).version != POLICY.version


def test_without_a_goal_there_is_no_target():
    assert Policy().target(Name.RESOLUTION, at("16 09:00"), OFFICE) is None


@pytest.mark.parametrize(
    ("goals", "field"),
    [
        ([Goal(Name.WAIT, HOUR)], "goals"),
        ([Goal("whatever", HOUR)], "goals"),
        ([Goal(Name.RESOLUTION, 0)], "span"),
        ([Goal(Name.RESOLUTION, -HOUR)], "span"),
        ([Goal(Name.RESOLUTION, 1.5)], "span"),
        ([Goal(Name.RESOLUTION, HOUR), Goal(Name.RESOLUTION, 2 * HOUR)], "goals"),
        ([Goal(Name.RESOLUTION, HOUR, pauses=("lunch",))], "pauses"),
        ([Goal(Name.FIRST_RESPONSE, HOUR, pauses=(Category.WAITING_CUSTOMER,))], "pauses"),
        ([Goal(Name.NEXT_RESPONSE, HOUR, pauses=(Category.WAITING_CUSTOMER,))], "pauses"),
    ],
)
def test_what_cannot_be_kept_to_is_refused_with_words(goals, field):
    with pytest.raises(PolicyRefused) as refused:
        Policy(tuple(goals))
    assert refused.value.field == field
    assert len(str(refused.value)) > 20


@pytest.mark.parametrize(
    "broken", [None, [], {}, {"form": 2}, {"form": 1}, {"form": 1, "goals": [{}]}, {"form": 1, "goals": 3}]
)
def test_what_is_no_policy_is_refused_with_words(broken):
    with pytest.raises(PolicyRefused, match="no policy"):
        policy_in(broken)

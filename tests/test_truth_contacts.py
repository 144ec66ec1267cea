"""What the program says of single contacts stays right on a small simulated company; `make truth` judges large ones."""

import pytest
from truth.contacts import judged_of, lines

from beforehand.demo.company import simulate


@pytest.fixture(scope="module")
def judged():
    return judged_of(simulate(1200, 100, seed=77))


def share(values):
    return sum(values) / len(values)


def test_every_contact_of_the_company_is_found(judged):
    assert len(judged) > 400


def test_contacts_are_linked_to_the_right_need(judged):
    assert share([right for by, keyed, right, *_ in judged if keyed]) > 0.97
    assert share([right for by, keyed, right, *_ in judged if by == "topic"]) > 0.93
    assert share([right for _by, _keyed, right, *_ in judged]) > 0.9


def test_causes_are_right_and_as_sure_as_they_say(judged):
    assert share([same for *_, same, _chance, _said, _true in judged]) > 0.85
    sure = [same for *_, same, chance, _said, _true in judged if chance >= 0.95]
    unsure = [same for *_, same, chance, _said, _true in judged if chance < 0.7]
    assert share(sure) > 0.95
    assert share(unsure) < 0.75


def test_the_table_of_truth_can_be_made_of_it(judged):
    made = list(lines([{"seed": 1, "contacts": judged}, {"seed": 2, "contacts": judged}]))
    assert [line.reached for line in made if line.bar] == [True, True, True]

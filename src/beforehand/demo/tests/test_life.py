"""The simulated company: the same for the same seed, and without a cause the same but for what the cause did."""

import numpy as np
import pytest

from beforehand.demo.company import CAUSES, simulate
from beforehand.demo.company.plan import DAY
from beforehand.demo.company.troubles import CAUSE_NAMES

CUSTOMERS, DAYS, SEED = 900, 150, 5


@pytest.fixture(scope="module")
def company():
    return simulate(CUSTOMERS, DAYS, SEED)


@pytest.fixture(scope="module")
def without():
    return {cause: simulate(CUSTOMERS, DAYS, SEED, {cause}) for cause in CAUSES}


def rows(company, mask=None):
    """Every touchpoint as a comparable row, by its key. Texts are compared as texts, words as words."""
    touchpoints = company.touchpoints if mask is None else company.touchpoints.take(mask)
    columns = dict(touchpoints.columns)
    columns["text"] = np.array([*company.texts, ""], dtype=object)[columns["text"]]
    for word, texts in company.words.items():
        columns[word] = np.array(texts, dtype=object)[columns[word]]
    names = sorted(columns)
    values = [np.nan_to_num(columns[n], nan=-9) if columns[n].dtype.kind == "f" else columns[n] for n in names]
    return dict(zip(columns["key"].tolist(), zip(*(v.tolist() for v in values), strict=True), strict=True))


def test_the_same_seed_gives_the_same_company_and_another_another(company):
    assert rows(simulate(CUSTOMERS, DAYS, SEED)) == rows(company)
    assert rows(simulate(CUSTOMERS, DAYS, SEED + 1)) != rows(company)


def test_keys_are_unique(company):
    for table in (company.touchpoints, company.contacts, company.troubles, *company.life.values()):
        assert len(np.unique(table.key)) == len(table)


def test_everything_lies_within_the_days_and_in_order(company):
    time = company.touchpoints.time
    assert time.min() >= 0
    assert time.max() < DAYS * DAY
    assert (np.diff(time) >= 0).all()


@pytest.mark.parametrize("cause", CAUSES)
def test_customers_whom_a_cause_did_not_meet_live_the_same_life_without_it(company, without, cause):
    met = company.troubles.customer[company.troubles.cause == CAUSE_NAMES.index(cause)]
    assert len(met) > 5
    same = ~np.isin(company.touchpoints.customer, met)
    other = ~np.isin(without[cause].touchpoints.customer, met)
    assert same.sum() > 1000
    assert rows(company, same) == rows(without[cause], other)


@pytest.mark.parametrize("cause", CAUSES)
def test_what_a_cause_did_is_the_difference(company, without, cause):
    """Contacts that are there only with the cause go back to it; hardly any are there only without.

    One that goes back to it is there without it only where the same thing would have gone wrong as it does everywhere.
    """
    number = CAUSE_NAMES.index(cause)
    on, off = company.contacts, without[cause].contacts
    assert not (off.root == number).any()
    added = on.take(~np.isin(on.key, off.key))
    there_anyway = off.take(np.isin(off.key, on.key[on.root == number]))
    assert (there_anyway.root == CAUSE_NAMES.index("everyday")).all()
    assert len(there_anyway) <= 0.1 * len(added) + 1
    assert (added.root == number).mean() > 0.8
    assert (~np.isin(off.key, on.key)).sum() <= 0.2 * len(added) + 2

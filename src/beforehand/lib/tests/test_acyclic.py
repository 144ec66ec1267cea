"""Cycles are looked for again afterwards, whatever happened, and only if they were before."""

import gc

import pytest

from beforehand.lib.acyclic import acyclic


def test_cycles_are_looked_for_again_after_a_failure():
    with pytest.raises(ValueError), acyclic():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()


def test_work_inside_work_ends_nothing_early():
    with acyclic():
        with acyclic():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()

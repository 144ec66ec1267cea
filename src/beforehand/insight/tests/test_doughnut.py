"""The bite is drawn only where it is true: its share of the ring's area, to a tenth of a point."""

import random

import pytest

from beforehand.insight.charts.doughnut import CENTRE, HOLE, OUTER, bite


@pytest.mark.parametrize("share", [0.004, 0.0703, 0.083, 0.239, 0.5])
def test_the_bite_takes_its_share_of_the_ring(share):
    """By throwing darts at the ring, half a million in a grid that is not the drawing's own."""
    chance, hits, gone = random.Random(share), 0, 0
    side, circles = 720, bite(share)
    for row in range(side):
        for column in range(side):
            x = CENTRE + OUTER * (2 * (row + chance.random()) / side - 1)
            y = CENTRE + OUTER * (2 * (column + chance.random()) / side - 1)
            if HOLE**2 <= (x - CENTRE) ** 2 + (y - CENTRE) ** 2 <= OUTER**2:
                hits += 1
                gone += any((x - one.x) ** 2 + (y - one.y) ** 2 < one.r**2 for one in circles)
    assert gone / hits == pytest.approx(share, abs=0.001)


def test_nothing_is_bitten_off_where_nothing_is():
    assert bite(0) == []

"""What explains a number: how much of its explained variance belongs to each of two groups of variables.

Least squares on all variables; a group's part is its Shapley value, the mean of what it adds when it comes first and
when it comes last (R. H. Lindeman, P. F. Merenda, R. Z. Gold 1980, for two groups; U. Grömping 2007, The American
Statistician 61). It needs the sums of squares and products only, so samples of customers can be added up.
"""

import numpy as np


def products(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """The products of one row each, `[row, 1 + variables + 1, same]`: of one, the variables, and the value."""
    whole = np.column_stack([np.ones(len(values)), variables, values])
    found: np.ndarray = whole[:, :, None] * whole[:, None, :]
    return found


def explained(sums: np.ndarray, variables: list[int]) -> float:
    """The share of the value's variance that these variables explain (R²), from the sum of the products of rows."""
    n, total, squares = sums[0, 0], sums[0, -1], sums[-1, -1]
    variance = squares - total * total / n
    if variance <= 0:
        return float("nan")
    places = [0, *(variable + 1 for variable in variables)]
    inner, outer = sums[np.ix_(places, places)], sums[places, -1]
    fitted = np.linalg.lstsq(inner, outer, rcond=1e-10)[0]
    return float(min(max((fitted @ outer - total * total / n) / variance, 0.0), 1.0))


def share(sums: np.ndarray, group: list[int], others: list[int]) -> float:
    """The group's share of what the group and the others explain together."""
    whole = explained(sums, [*group, *others])
    if not whole > 0:
        return float("nan")
    first, last = explained(sums, group), whole - explained(sums, others)
    return min(max((first + last) / 2 / whole, 0.0), 1.0)


def chance(r_squared: float, n: float, variables: int) -> float:
    """How likely variables that explain nothing would seem to explain so much (the F test of the whole)."""
    from scipy.special import fdtrc

    freedom = n - variables - 1
    if freedom < 1 or not r_squared < 1:
        return 0.0 if r_squared >= 1 and freedom >= 1 else 1.0
    return float(fdtrc(variables, freedom, r_squared / variables / ((1 - r_squared) / freedom)))

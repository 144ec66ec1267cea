"""How much more contacts vary than independent ones would: who writes once about something often writes again.

One moment without trouble of each customer stands for a trouble that did nothing. What the customer wrote in the days
after it is compared with what was to be expected; the expectation knows the customer's other contacts only, and is
brought to the level of these moments, in which those who are seldom here count as much as the busy ones.
"""

from typing import Any

import numpy as np

from beforehand.insight.causes.baseline import Baseline
from beforehand.insight.causes.exposed import Struck
from beforehand.insight.causes.landmarks import WINDOW
from beforehand.insight.causes.tendency import Tendency

MOST = 40_000


def spread(db: Any, tendency: Tendency, base: Baseline, struck: Struck) -> float:
    """The variance over that of the gamma-Poisson model, at least 1."""
    used = ", ".join(str(stratum) for stratum in sorted(set(struck.stratum.tolist())))
    rows = db.execute(
        f"""with chosen as (
              select customer, stratum, t, day from cause_followed
              where whole = {WINDOW} and stratum in ({used})
              qualify row_number() over (partition by customer order by hash(t)) = 1
              order by hash(customer) limit {MOST})
            select h.customer, h.stratum, h.day, count(c.t)::double as wrote
            from chosen h left join cause_contacts c
              on c.customer = h.customer and c.t > h.t and c.t < h.t + {WINDOW}
            group by h.customer, h.stratum, h.day"""
    ).fetchnumpy()
    stratum, day, wrote = (np.asarray(rows[key]) for key in ("stratum", "day", "wrote"))
    if not len(wrote):
        return 1.0
    at = np.searchsorted(tendency.customer, np.asarray(rows["customer"]))
    mean = (base.rate[stratum] * base.season[day[:, None] + np.arange(WINDOW)]).sum(1)
    expected = tendency.without(at, wrote, mean) * mean
    if not wrote.sum() or not expected.sum():
        return 1.0
    expected *= wrote.sum() / expected.sum()
    sure = tendency.shape + tendency.wrote[at] - wrote
    return max(1.0, float(((wrote - expected) ** 2).sum() / (expected + expected**2 / sure).sum()))

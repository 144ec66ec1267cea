"""How much each customer tends to write, whatever happens: a trouble is compared with the same customer too.

The contacts of a customer outside the windows after troubles are compared with those that the time and the steps of
that time lead one to expect. One who wrote twice as much is not taken at twice the rate, but between that and what
customers with as much activity do on average: the posterior mean of a gamma-Poisson model (J. E. Morris 1983; N. E.
Breslow 1984 for rates), whose shape and whose dependence on activity are estimated from all customers.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from beforehand.insight.causes.landmarks import WINDOW
from beforehand.insight.causes.timeline import Span

STATES = 40
"""Steps whose contacts are told apart when a customer's contacts are expected; the rest share one rate."""
SOON = 1.0
"""So many days after a step most of what is written about it comes: a trouble right after a step takes it along."""


class Tendency(NamedTuple):
    """Of each customer: contacts outside windows, those that others would have written, the factor that customers as
    active as this one have on average, and what others as active write a day."""

    customer: np.ndarray
    wrote: np.ndarray
    expected: np.ndarray
    prior: np.ndarray
    active: np.ndarray
    shape: float

    @property
    def factor(self) -> np.ndarray:
        """How many times what others write in the same state."""
        return (self.shape + self.wrote) / (self.shape / self.prior + self.expected)

    @property
    def sure(self) -> np.ndarray:
        """The factor's square over its variance."""
        return self.shape + self.wrote

    def without(self, at: np.ndarray, wrote: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """The factors of customers (places) as if a part of what they wrote, and the `mean` that others would have
        written in that part, were not known."""
        left = np.maximum(self.expected[at] - mean, 0.0)
        return (self.shape + self.wrote[at] - wrote) / (self.shape / self.prior[at] + left)


def tendencies(db: Any, when: Span) -> Tendency:
    """Estimate them all and make `cause_tendency` (customer, tendency)."""
    customer, days, time, everything, steps, contacts = _unexposed(db, when)
    if not contacts.sum():
        found = Tendency(
            customer, contacts, np.zeros(len(customer)), np.ones(len(customer)), np.zeros(len(customer)), 1e9
        )
    else:
        rate = _rates(np.column_stack([time, steps]), contacts)
        expected = np.column_stack([time, steps]) @ rate
        active = (np.column_stack([days, everything]) @ rate) / np.maximum(days, 1.0)
        prior, shape = gamma_prior(contacts, expected, active)
        found = Tendency(customer, contacts, expected, prior, active, shape)
    _keep(db, customer, found.factor)
    return found


def _keep(db: Any, customer: np.ndarray, factor: np.ndarray) -> None:
    import pyarrow as pa

    db.register("cause_loading", pa.table({"customer": customer, "tendency": factor}))
    db.execute("create or replace temp table cause_tendency as from cause_loading")
    db.unregister("cause_loading")


def _unexposed(db: Any, when: Span) -> tuple[np.ndarray, ...]:
    """Of each customer outside windows: days, steps entered by state (one column a common state), contacts."""
    db.execute(
        f"""create or replace temp table cause_covered as
            select customer, sum(least({WINDOW}, ending - t)) as covered from (
              select customer, t, least(coalesce(lead(t) over (partition by customer order by t, id), {when.end}),
                {when.end}) as ending from cause_troubles)
            group by customer"""
    )
    wrote = f"""
        select c.customer, count(*)::double as contacts
        from (select customer, t from cause_contacts semi join cause_people using (customer)) c
        asof left join cause_troubles e on e.customer = c.customer and e.t < c.t
        where e.t is null or e.t <= c.t - {WINDOW} group by c.customer"""
    table = db.execute(
        f"""select p.customer, {when.end} - p.since as days,
              greatest({when.end} - p.since - coalesce(v.covered, 0), 0) as time, coalesce(w.contacts, 0) as contacts
            from cause_people p left join cause_covered v using (customer) left join ({wrote}) w using (customer)
            order by p.customer"""
    ).fetchnumpy()
    customer = np.asarray(table["customer"])
    every, free = _steps(db, customer)
    return customer, np.asarray(table["days"]), np.asarray(table["time"]), every, free, np.asarray(table["contacts"])


def _steps(db: Any, customer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many steps of each state each customer entered, and how many of these outside windows."""
    rows = db.execute(
        f"""with common as (
              select state, least(row_number() over (order by count(*) desc, state) - 1, {STATES})::int as number
              from cause_states group by state),
            placed as (
              select s.customer, c.number, s.entered
              from cause_states s semi join cause_people using (customer) join common c on c.state = s.state)
            select s.customer, s.number, count(*)::double as every,
              count(*) filter (e.t is null or e.t <= s.entered + {SOON} - {WINDOW})::double as free
            from placed s
            asof left join cause_troubles e on e.customer = s.customer and e.t <= s.entered + {SOON}
            group by s.customer, s.number"""
    ).fetchnumpy()
    every, free = (np.zeros((len(customer), STATES + 1)) for _ in range(2))
    at = np.searchsorted(customer, np.asarray(rows["customer"]))
    every[at, rows["number"]], free[at, rows["number"]] = rows["every"], rows["free"]
    return every, free


def _rates(causes: np.ndarray, counts: np.ndarray, rounds: int = 200) -> np.ndarray:
    """Non-negative rates, one a column, that best explain the counts: maximum likelihood for sums of Poisson variables
    by EM (Y. Vardi, L. Shepp, L. Kaufman 1985, JASA 80)."""
    totals = causes.sum(0)
    rate = np.where(totals > 0, counts.sum() / np.maximum(causes.sum(), 1e-9), 0.0)
    for _ in range(rounds):
        mean = causes @ rate
        ratio = np.divide(counts, mean, out=np.zeros_like(counts), where=mean > 0)
        rate = np.divide(rate * (ratio @ causes), totals, out=np.zeros_like(rate), where=totals > 0)
    return rate


def gamma_prior(counts: np.ndarray, expected: np.ndarray, active: np.ndarray) -> tuple[np.ndarray, float]:
    """The mean of each customer's factor before any contact was seen, and the shape: counts are Poisson with mean
    factor x expected, and the factor is gamma around exp(a) active^b. a, b and the shape by maximum likelihood
    (negative binomial)."""
    known = expected > 1e-6
    log_active = np.log(np.maximum(active, 1e-9))
    log_active = np.clip(log_active - np.median(log_active[known]), -3, 3)
    k, e, x = counts[known], expected[known], log_active[known]

    def loss(at: np.ndarray) -> float:
        shape, mean = np.exp(at[2]), e * np.exp(at[0] + at[1] * x)
        terms = gammaln(k + shape) - gammaln(shape) - k * np.log1p(shape / mean) - shape * np.log1p(mean / shape)
        return -float(terms.sum()) / max(len(k), 1)

    best = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"maxiter": 400, "xatol": 1e-4, "fatol": 1e-8}).x
    shape = float(np.exp(np.clip(best[2], -5, 12)))
    return np.exp(best[0] + best[1] * log_active), shape

"""A simulated company whose truth is known: what happened to whom, and what each cause did.

`simulate(customers, days, seed, off)` gives a `Company`: every touchpoint, and beside it every need and every contact
with its true cause. Whatever is left to chance is drawn by a key of who and what it is about (`draws`), never from a
running stream; so the same seed with a cause switched off is the same life without it, and the difference is what the
cause did.
"""

from beforehand.demo.company.life import Company, simulate
from beforehand.demo.company.plan import CAUSES, Plan, small

__all__ = ["CAUSES", "Company", "Plan", "simulate", "small"]

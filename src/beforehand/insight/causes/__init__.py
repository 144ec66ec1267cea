"""Causes of contacts: how many contacts a trouble brought that would not have come without it, and which are blamed.

`find` works on the tables of a lake's reader, `run_search` keeps what it finds, `latest` gives the kept, `victims` the
rows behind one. docs/causes.md explains the method with its sources, its limits and how well it does where the truth is
known.
"""

from beforehand.insight.causes.found import Cause, Findings
from beforehand.insight.causes.storing import current, latest, run_search, search_when_due, victims

__all__ = ["Cause", "Findings", "current", "latest", "run_search", "search_when_due", "victims"]

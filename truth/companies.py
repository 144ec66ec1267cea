"""A small company as the program sees it: tables of a DuckDB connection, the ready-made kinds of needs and promises."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import duckdb


def tables(company: Any) -> duckdb.DuckDBPyConnection:
    """A connection of its own with the company's touchpoints, as the lake's reader gives them."""
    from beforehand.demo.company.tables import register

    db = duckdb.connect(config={"threads": 1})
    db.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
    register(company, db)
    return db


@cache
def configuration() -> dict[str, Any]:
    """What `find` asks for beside the tables: the kinds of needs, the rules of promises, the costs of contacts."""
    from beforehand.demo.company.plan import COSTS
    from beforehand.insight.causes.clocks import clocks_of, pledges_of
    from beforehand.journey.needs.keeping import ready_made as kinds
    from beforehand.journey.promises.rules import _rule, ready_made

    rules = [_rule(**facts) for facts in ready_made()]
    return {"clocks": clocks_of(kinds()), "pledges": pledges_of(rules), "costs": dict(COSTS)}


def small_company(seed: int, off: Iterable[str] = ()) -> Any:
    from beforehand.demo.company.life import live
    from beforehand.demo.company.plan import small

    return live(small(seed, off))

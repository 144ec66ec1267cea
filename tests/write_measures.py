"""Writes docs/measures.md from the measures themselves. `make docs` runs it, a test compares."""

from pathlib import Path

from beforehand.insight.estimators import ESTIMATORS
from beforehand.insight.measure import Measure
from beforehand.insight.measures import all as all_measures

PAGE = Path(__file__).parents[1] / "docs" / "measures.md"
HEAD = """# The measures

What each number means, how its interval is made, and the query for the rows behind it. `beforehand measures SLUG`
answers one. This page is made by `make docs` from `src/beforehand/insight/measures/`; [insight](insight.md) says how
intervals are made, and [how to add a measure](adding-a-measure.md) what a file there has.
"""
UNITS = {
    "count": "a count",
    "share": "a share, 0 to 1",
    "seconds": "seconds",
    "points": "points, -100 to 100",
    "rate": "for every 1,000 customers",
    "score": "a score",
}
STEPS = ("first step", "second step")


def section(measure: Measure) -> str:
    facts = [
        f"unit: {UNITS[measure.unit]}",
        f"good: {measure.good}",
        f"interval: {ESTIMATORS[measure.estimator].title}",
    ]
    if measure.keys:
        facts.append(f"grouped by: {', '.join(measure.keys)}")
    if measure.splits:
        facts.append(f"can be split by: {', '.join(measure.splits)}")
    facts.append(f"adds up as: {measure.kind}")
    lines = "\n".join(f"- {fact}" for fact in facts)
    sql = "\n".join(line.rstrip() for line in measure.rows_sql(STEPS).splitlines())
    return f"\n## {measure.title}\n\n`{measure.slug}`\n\n{measure.definition}\n\n{lines}\n\n```sql\n{sql}\n```\n"


def page() -> str:
    return HEAD + "".join(section(measure) for measure in all_measures().values())


def main() -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

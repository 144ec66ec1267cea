"""The report as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from beforehand import __version__
from beforehand.insight.charts.trend import Trend, trend
from beforehand.insight.report.contents import Report
from beforehand.insight.result import Group, Result
from beforehand.lib.format import number
from beforehand.team.models import Workspace

SHEETS = ("tokens", "base", "table", "stat", "whisker", "chart")
ROWS = 20
STEPS = 12
WIDTH, HEIGHT = 1040.0, 190.0


@dataclass(frozen=True)
class Part:
    """A measure with those of its groups that the page shows, on one scale from 0 to `most`."""

    result: Result
    groups: list[Group]
    most: float

    @property
    def more(self) -> int:
        return int(self.result.extra.get("groups") or len(self.groups)) - len(self.groups)


def page(report: Report) -> str:
    """The file's text. Light or dark as the reader's system is; on paper always light."""
    results = report.results
    context = {
        "report": report,
        "company": Workspace.own().name,
        "version": __version__,
        "style": style(),
        "touchpoints": results["touchpoints"],
        "customers": results["customers"],
        "headlines": [results[slug] for slug in ("contact-rate", "back-and-forth", "dead-ends")] + [report.retention],
        "chart": chart(results["customers"]),
        "stages": part(report.parts["stage"], STEPS),
        "channels": part(report.parts["channel"], STEPS),
        "waits": part(results["transitions"], ROWS),
        "variants": part(results["variants"], STEPS),
        "funnel": part(results["funnel"], STEPS),
        "loops": part(results["back-and-forth"], STEPS),
        "ends": part(results["dead-ends"], STEPS),
        "cohorts": cohorts(report.retention),
        "scores": report.scores,
        "service": report.service,
        "definitions": list(results.values()),
    }
    return re.sub(r"\n\s*\n+", "\n", render_to_string("insight/report.html", context))


def part(result: Result, most: int) -> Part:
    groups = result.groups[:most]
    ends = [
        group.high if group.extra.get("enough") and group.high is not None else group.value or 0 for group in groups
    ]
    return Part(result, groups, max(ends, default=1) or 1)


def chart(result: Result) -> Trend | None:
    return trend(result.trend, WIDTH, HEIGHT, number)


@dataclass(frozen=True)
class Cohort:
    """Those who first came in one week or month: how many, and for each age the group, or nothing yet."""

    first: str
    n: int
    cells: list[Group | None]


def cohorts(result: Result) -> list[Cohort]:
    rows: dict[str, dict[int, Group]] = {}
    for group in result.groups:
        first, age = group.key
        rows.setdefault(first, {})[int(age)] = group
    oldest = max((age for row in rows.values() for age in row), default=0)
    return [
        Cohort(first, max(group.n for group in row.values()), [row.get(age) for age in range(1, oldest + 1)])
        for first, row in sorted(rows.items())[-STEPS:]
    ]


def style() -> SafeString:
    """The look's own style sheets, without their comments, and the report's."""
    files = [finders.find(f"web/{name}.css") for name in SHEETS] + [finders.find("insight/report.css")]
    text = "\n".join(Path(str(file)).read_text(encoding="utf-8") for file in files if file)
    return mark_safe(re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip())  # noqa: S308

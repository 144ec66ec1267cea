"""The report's numbers for machines."""

from typing import Any

from beforehand import __version__
from beforehand.insight.report.contents import Report
from beforehand.insight.result import Group, Result


def numbers(report: Report) -> dict[str, Any]:
    """Plain values. Shares are 0 to 1, waits are seconds, a missing end of an interval is null."""
    return {
        "version": __version__,
        "generated_at": report.generated.isoformat(timespec="seconds"),
        "period": {"from": report.start.isoformat(), "to": report.end.isoformat()},
        "segment": str(report.segment) if report.segment else None,
        "touchpoints": report.results["touchpoints"].n,
        "customers": report.results["customers"].n,
        "breaks": [one.as_dict() for one in report.breaks],
        "transitions": [_transition(group) for group in report.results["transitions"].groups],
        "measures": {slug: _measure(result) for slug, result in report.results.items() if slug != "transitions"}
        | {"transitions": _measure(report.results["transitions"], groups=False)},
        "splits": {by: [_group(group) for group in result.groups] for by, result in report.parts.items()},
    }


def _transition(group: Group) -> dict[str, Any]:
    previous, name = group.key
    extra = group.extra
    return {
        "from": previous,
        "to": name,
        "n": group.n,
        "mean_seconds": extra.get("mean"),
        "median_seconds": group.value,
        "p90_seconds": extra.get("p90"),
        "median_low_seconds": group.low,
        "median_high_seconds": group.high,
    }


def _measure(result: Result, groups: bool = True) -> dict[str, Any]:
    found = {
        name: getattr(result, name)
        for name in (
            "title",
            "value",
            "low",
            "high",
            "n",
            "unit",
            "good",
            "enough",
            "approximate",
            "estimator",
            "version",
        )
    }
    found["groups"] = [_group(group) for group in result.groups] if groups else []
    found["trend"] = [
        {"day": point.day.isoformat(), "value": point.value, "low": point.low, "high": point.high, "n": point.n}
        for point in result.trend
    ]
    return found


def _group(group: Group) -> dict[str, Any]:
    return {"key": list(group.key), "label": group.label, "value": group.value, "low": group.low, "high": group.high,
            "n": group.n, "extra": group.extra}  # fmt: skip

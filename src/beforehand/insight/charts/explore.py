"""Charts that people explore, drawn by Vega-Lite to SVG on the server. Their colours are the look's own, by class."""

import json
import re
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from beforehand.insight import figures
from beforehand.insight.result import Result

INK, SECOND, LINE, ACCENT, SURFACE = "#000001", "#000002", "#000003", "#000004", "#000005"
CLASSES = {INK: "vg-ink", SECOND: "vg-second", LINE: "vg-line", ACCENT: "vg-accent", SURFACE: "vg-surface"}
"""Placeholders for the colours of a theme: each becomes a class, so that one drawing serves light and dark."""
FONT = "system-ui, sans-serif"


def themed(svg: str, label: str) -> SafeString:
    """The drawing with classes instead of colours, without what a content policy forbids."""
    for colour, name in CLASSES.items():
        svg = re.sub(rf'(fill|stroke)="{colour}"', rf'\1="currentColor" class="{name}-\1"', svg)
    svg = re.sub(r' style="[^"]*"', "", svg)
    svg = re.sub(r"<svg ", '<svg role="img" aria-label="' + re.sub(r'[<>"&]', " ", label) + '" ', svg, count=1)
    return mark_safe(svg)  # noqa: S308


def retention(result: Result) -> SafeString:
    """A heat map: cohorts down, ages across, the share who came back as the depth of the colour."""
    rows = [
        {
            "cohort": group.key[0][:10],
            "age": int(float(group.key[1])),
            "share": group.value,
            "text": figures.figure(group.value, "share")[0].split(".")[0],
            "n": group.n,
        }
        for group in result.groups
        if group.value is not None
    ]
    if not rows:
        return mark_safe("")
    return themed(_svg(_heat(rows)), result.title)


def _heat(rows: list[dict[str, Any]]) -> dict[str, Any]:
    import altair as alt

    cohorts = len({row["cohort"] for row in rows})
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("age:O", title=None, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("cohort:O", title=None),
    )
    cells = base.mark_rect(color=ACCENT, cornerRadius=2).encode(
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 1]), legend=None)
    )
    text = base.mark_text(fontSize=11).encode(
        text="text:N", color=alt.condition(alt.datum.share > 0.55, alt.value(SURFACE), alt.value(INK))
    )
    chart = (cells + text).properties(width=560, height=min(26 * cohorts, 780), background="transparent")
    spec: dict[str, Any] = chart.configure(font=FONT).configure_view(stroke=None).configure_axis(
        labelColor=SECOND, domain=False, ticks=False, labelFontSize=11, grid=False
    ).to_dict()  # fmt: skip
    return spec


def _svg(spec: dict[str, Any]) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(spec)))

"""Ways through: what customers did from first to last, the commonest first."""

from typing import Any

from beforehand.insight.filters import Filter
from beforehand.insight.overview import ask, catalogue_of
from beforehand.insight.views.board import BoardView
from beforehand.insight.views.map import segments

ARROW = " → "
STEPS = 12


class VariantsView(BoardView):
    template = "insight/variants.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        result = ask(reader, chosen, "variants")
        meaning = catalogue_of(reader)
        customers = result.n
        rows, covered = [], 0
        for group in result.groups:
            covered += group.n
            names = group.key[0].split(ARROW)
            steps = [
                {"label": meaning.get(n, (n, "", ""))[0], "kind": meaning.get(n, ("", "", "value"))[2]} for n in names
            ]
            rows.append(
                {
                    "steps": steps[:STEPS],
                    "more": max(len(steps) - STEPS, 0),
                    "group": group,
                    "covered": covered / max(customers, 1),
                }
            )
        return {
            "segments": segments("variants", chosen),
            "result": result,
            "rows": rows,
            "different": result.extra.get("groups"),
            "covered": covered / max(customers, 1),
            "most": max((group.value or 0 for group in result.groups), default=0),
        }

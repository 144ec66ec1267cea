"""Where the journey goes wrong: the list, and a page for each break."""

from typing import Any

from beforehand.insight import shown
from beforehand.insight.filters import Filter
from beforehand.insight.overview import catalogue_of
from beforehand.insight.views.board import BoardView


class BreaksView(BoardView):
    template = "insight/breaks.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        found = shown.latest()
        return {
            "breaks": found,
            "inside": {one.pk for one in found if one.concerns(chosen.start, chosen.end)},
            "scan": shown.latest_scan(),
            "meaning": catalogue_of(reader),
        }

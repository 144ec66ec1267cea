"""The experience report of the period, to take away: the same as `beforehand report --html`."""

from typing import Any

from django.http import HttpResponse

from beforehand.insight import report
from beforehand.insight.filters import Filter
from beforehand.insight.views.board import BoardView


class ReportView(BoardView):
    """One HTML file that holds everything it shows."""

    def show(self, reader: Any, chosen: Filter, **where: Any) -> HttpResponse:
        found = report.gather(reader, chosen.start, chosen.end, chosen.segment)
        response = HttpResponse(report.page(found))
        response["Content-Disposition"] = f'attachment; filename="report-{chosen.start}-{chosen.end}.html"'
        return response

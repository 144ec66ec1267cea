"""The experience report: one look at a period, the worst breaks first.

Verbs: `gather` (ask everything once), `page` (a self-contained HTML file), `numbers` (for machines), `show` (in the
terminal).
"""

from beforehand.insight.report.contents import Report, gather
from beforehand.insight.report.html import page
from beforehand.insight.report.machine import numbers
from beforehand.insight.report.terminal import show

__all__ = ["Report", "gather", "numbers", "page", "show"]

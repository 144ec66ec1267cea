"""The experience report: one look at a period, the worst breaks first.

Verbs: `gather` (ask everything once), `page` (a self-contained HTML file), `numbers` (for machines), and in the module
terminal, which pages do not need, `show`.
"""

from beforehand.insight.report.contents import Report, gather
from beforehand.insight.report.html import page
from beforehand.insight.report.machine import numbers

__all__ = ["Report", "gather", "numbers", "page"]

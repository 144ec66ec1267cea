"""Breaks: places where the journey goes wrong, found by looking everywhere and honest about having looked everywhere.

`scan` searches a reader's touchpoints, `run_scan` keeps what it finds, `latest` gives the kept ones, `affected` the
customers behind one. docs/breaks.md explains the method with its sources and its limits.
"""

from beforehand.insight.breaks.affected import affected
from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.scanning import scan
from beforehand.insight.breaks.storing import latest, run_scan, scan_when_due

__all__ = ["Found", "affected", "latest", "run_scan", "scan", "scan_when_due"]

"""Breaks: places where the journey goes wrong, found by looking everywhere and honest about having looked everywhere.

`scanning.scan` searches a reader's touchpoints, `storing.run_scan` keeps what it finds and `storing.latest` gives it,
`affected.affected` gives the customers behind one, `knowing.know` keeps a member's word that one is known.
docs/breaks.md explains the method with its sources and its limits.
"""

"""How long customers wait: the ledger of a case, its clocks, their targets, and whose working time they count in."""

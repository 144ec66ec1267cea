"""What members do in conversations: each act is a touchpoint, a line of the ledger, and rows, in one transaction."""

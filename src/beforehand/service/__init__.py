"""The safety net: conversations with customers who had to come to us, and how long they waited.

Nouns: a conversation and its ledger (everything that bears on a clock, in order), a turn (the customer's words that
wait for an answer), a clock, a policy with its goals, a target (a goal frozen when its clock began). Verbs: `case_of`
(the clocks of a ledger), `who_waits`, `owed` (what the ledger must say next).

Clocks are a pure function of the ledger: nothing is polled, and a breach is a matter of comparing two times.
"""

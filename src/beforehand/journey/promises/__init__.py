"""Promises: what we said we would do, by when, and how it will be known that it was done.

A promise is a touchpoint, and so are its renegotiation, its withdrawal and the word that it was kept; the rows in the
record follow from them.
Nouns: a rule (which touchpoints are promises), a promise. Verbs: `promises_of` (pure), `making.make`, `renegotiate`,
`keep`, `withdraw`, and the projection's `follow`, `refresh`, `rebuild`.
"""

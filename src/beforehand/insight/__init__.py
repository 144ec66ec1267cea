"""What the journeys say.

Nouns: measure, query, result, roll-up, break, report. Verbs: run, explain (drill down to rows), scan (for breaks),
write (a report). Reads touchpoints and fact tables through the lake, never through another room's models.
"""

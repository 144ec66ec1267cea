"""Needs: what customers try to get done, followed from the touchpoint that opens one to the one that meets it.

Nouns: a kind of need (`definition`, kept in versions by `book`), a need and its steps (`shapes`). Verbs: `trace` (one
customer's touchpoints into needs and contacts, pure), `projection` (follow, refresh, rebuild), `baselines`, `propose`.
"""

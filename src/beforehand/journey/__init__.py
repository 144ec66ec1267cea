"""What happened: every touchpoint between a customer and the company, in any channel, on one journey.

Nouns: touchpoint, source, write key, catalogue entry, stage, failed message, lake file, journey (one customer's
summary). Verbs: record, receive, drain, replay, seal, fold, compact, rebuild, check, guess.

The record (SQL) holds every touchpoint; the lake (Parquet) holds the same rows in a shape that is fast to read.
"""

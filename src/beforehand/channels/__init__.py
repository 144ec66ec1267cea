"""The doors: how customers reach the company and the company reaches them.

Nouns: mailbox, arrival (what came in, raw), parsed mail, verdict (what kind of mail it is), outgoing (a message on its
way out), delivery (one recipient of it), guard, brake, chat widget, visitor, stored file. Verbs: arrive, read, again,
take in, put, discard; send, take back, send again, accept, step; pull, release; block; parse, classify, decide,
compose. Each channel is a slice (`email/`, `chat/`). `email/parsing.py` and what it calls are pure code: bytes in,
values out.
"""

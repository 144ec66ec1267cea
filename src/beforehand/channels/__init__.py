"""The doors: how customers reach the company and the company reaches them.

Nouns: parsed mail, verdict (what kind of mail it is), decision (where it belongs), reply, reply token. Verbs: parse,
classify, decide, authenticate, compose. Each channel is a slice with the same inner names. What is here so far is the
part of e-mail that is pure code: it reads bytes and gives values; nothing in it knows a database, a clock or a socket.
"""

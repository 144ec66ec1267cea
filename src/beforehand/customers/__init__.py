"""Who we serve.

Nouns: identifier (a claim such as a user id or an e-mail address), edge (the evidence that two identifiers are one
person), customer (a person: a set of identifiers), company (an account that people belong to), erasure.
Verbs: identify, connect, merge, undo, approve, decline, export, erase.

A customer is a function of the set of edges, never of the order in which they arrived. A merge is an edge that can be
revoked, never a move of data.
"""

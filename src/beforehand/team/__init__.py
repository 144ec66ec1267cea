"""Our own people and our own house.

Nouns: member (somebody of ours who can log in), role, workspace (the company that runs this: its name, zone and
currency), audit entry. Verbs: invite, appoint, leave, note (in the audit).
"""

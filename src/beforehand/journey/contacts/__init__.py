"""Contacts: by which touchpoints customers had to come to us, what each was about, and why it happened.

Nouns: a contact (`needs.shapes.ContactTrace`), a reading of its text (`reading`), the facts around it (`situation`), a
cause. Verbs: `contacts_of` (link and explain one customer's contacts, pure), `judging.judge` (a person's word),
`audit.draw` (what people are to judge).
"""

from beforehand.journey.contacts.tracing import Understanding, contacts_of

__all__ = ["Understanding", "contacts_of"]

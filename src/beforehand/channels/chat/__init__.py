"""Live chat and the web form: what stands on a company's own pages.

Nouns: widget, visitor (a browser that chats, known by a token), signed identity, door key (which makes a message count
once). Verbs: `meet` a visitor, `vouches`, `say`. The pages' side is `static/channels/chat/`; what is said goes over the
bus (`chat.said`, `chat.history`, ...) to the room above, which keeps conversations.
"""

"""Push: what waits for a member reaches their device while the desk is closed (RFC 8030, 8291, 8292).

Nouns: device (a browser that a member let be pushed to), server key. A push goes through the one outbox; what it says
is encrypted for the device, so that the push service in between reads nothing.
"""

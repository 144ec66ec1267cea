"""E-mail, as pure functions: bytes in, values out; a reply in, bytes out.

`parsing.parse` reads any bytes and never raises. `classifying.classify` says who or what wrote. `authenticating.check`
says whether the sender is who they say. `placing.decide` says where it belongs. `composing.compose` writes a reply.
"""

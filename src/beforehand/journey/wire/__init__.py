"""The wire: what trackers send, and what it means here.

`body` inflates and checks a whole request, `segment` and `posthog` turn its messages into the one shape of `message`,
`clock` puts their times right. Nothing in here touches a database.
"""

from beforehand.journey.wire.decode import decode, decode_one
from beforehand.journey.wire.message import Failure, Message, Refused

__all__ = ["Failure", "Message", "Refused", "decode", "decode_one"]

from beforehand.channels.models.arrivals import Arrival
from beforehand.channels.models.chat import ChatWidget, Visitor
from beforehand.channels.models.files import StoredFile
from beforehand.channels.models.mailboxes import Blocked, Mailbox
from beforehand.channels.models.outgoing import Brake, Delivery, Outgoing
from beforehand.channels.models.push import PushDevice

__all__ = [
    "Arrival",
    "Blocked",
    "Brake",
    "ChatWidget",
    "Delivery",
    "Mailbox",
    "Outgoing",
    "PushDevice",
    "StoredFile",
    "Visitor",
]

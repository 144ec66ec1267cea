from beforehand.service.models.asked import AskedShare, SolvedCheck
from beforehand.service.models.clocks import ClockRow, LedgerEntry, PolicyVersion, ServicePolicy
from beforehand.service.models.conversation import Conversation, Merge, Participant, Priority, Status
from beforehand.service.models.desk import (
    AtDesk,
    BulkRun,
    DeskSetting,
    Lease,
    Macro,
    MacroFile,
    Notification,
    Presence,
    Reading,
    SavedView,
)
from beforehand.service.models.fields import Field, FieldValue, Tag, Tagging
from beforehand.service.models.message import Attachment, Draft, KnownId, Mention, Message

__all__ = [
    "AskedShare",
    "AtDesk",
    "Attachment",
    "BulkRun",
    "ClockRow",
    "Conversation",
    "DeskSetting",
    "Draft",
    "Field",
    "FieldValue",
    "KnownId",
    "Lease",
    "LedgerEntry",
    "Macro",
    "MacroFile",
    "Mention",
    "Merge",
    "Message",
    "Notification",
    "Participant",
    "PolicyVersion",
    "Presence",
    "Priority",
    "Reading",
    "SavedView",
    "ServicePolicy",
    "SolvedCheck",
    "Status",
    "Tag",
    "Tagging",
]

from beforehand.journey.models.catalogue import CatalogueEntry, Kind, Stage
from beforehand.journey.models.contacts import AuditDraw, AuditItem, ContactCost
from beforehand.journey.models.intake import DrainCursor, FailedMessage, ImportRun, Source, WriteKey
from beforehand.journey.models.lake import DirtyCustomer, LakeFile, LakeState
from beforehand.journey.models.needs import Contact, Need, NeedChanged, NeedDue, NeedKind, StepBaseline
from beforehand.journey.models.promises import Promise, PromiseRule
from beforehand.journey.models.touchpoint import Journey, ProjectionCursor, Touchpoint

__all__ = [
    "AuditDraw",
    "AuditItem",
    "CatalogueEntry",
    "Contact",
    "ContactCost",
    "DirtyCustomer",
    "DrainCursor",
    "FailedMessage",
    "ImportRun",
    "Journey",
    "Kind",
    "LakeFile",
    "LakeState",
    "Need",
    "NeedChanged",
    "NeedDue",
    "NeedKind",
    "ProjectionCursor",
    "Promise",
    "PromiseRule",
    "Source",
    "Stage",
    "StepBaseline",
    "Touchpoint",
    "WriteKey",
]

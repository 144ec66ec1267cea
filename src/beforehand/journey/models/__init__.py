from beforehand.journey.models.catalogue import CatalogueEntry, Kind, Stage
from beforehand.journey.models.intake import DrainCursor, FailedMessage, ImportRun, Source, WriteKey
from beforehand.journey.models.lake import DirtyCustomer, LakeFile, LakeState
from beforehand.journey.models.touchpoint import Journey, ProjectionCursor, Touchpoint

__all__ = [
    "CatalogueEntry",
    "DirtyCustomer",
    "DrainCursor",
    "FailedMessage",
    "ImportRun",
    "Journey",
    "Kind",
    "LakeFile",
    "LakeState",
    "ProjectionCursor",
    "Source",
    "Stage",
    "Touchpoint",
    "WriteKey",
]

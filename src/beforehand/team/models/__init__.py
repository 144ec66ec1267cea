from beforehand.team.models.members import (
    AuditEntry,
    Availability,
    Hours,
    HoursVersion,
    LastOwner,
    Member,
    MemberManager,
    Team,
    TeamMember,
    Workspace,
    _known_currency,
    _known_zone,
    short_name,
)
from beforehand.team.models.tokens import ApiAnswer, ApiToken

__all__ = [
    "ApiAnswer",
    "ApiToken",
    "AuditEntry",
    "Availability",
    "Hours",
    "HoursVersion",
    "LastOwner",
    "Member",
    "MemberManager",
    "Team",
    "TeamMember",
    "Workspace",
    "_known_currency",
    "_known_zone",
    "short_name",
]

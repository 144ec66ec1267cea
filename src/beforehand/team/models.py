"""Members, the workspace and the audit."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberManager(BaseUserManager["Member"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email__iexact=username or "")


class Member(AbstractBaseUser):
    """Somebody of ours. What a member may do follows from the role alone."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner: everything, also members, keys and erasure")
        MANAGER = "manager", _("Manager: everything but members and keys")
        AGENT = "agent", _("Agent: customers and their journeys")
        VIEWER = "viewer", _("Viewer: may look at numbers, not at customers")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.AGENT)
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(auto_now_add=True)

    objects = MemberManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in str(self).split()[:2]).upper()

    @property
    def may_see_customers(self) -> bool:
        return self.role != self.Role.VIEWER

    @property
    def may_configure(self) -> bool:
        """Catalogue, stages, merges, the failed lane."""
        return self.role in {self.Role.OWNER, self.Role.MANAGER}

    @property
    def may_own(self) -> bool:
        """Members, write keys, erasure."""
        return self.role == self.Role.OWNER


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. Write one like Europe/Dublin."), params={"name": name})


class Workspace(models.Model):
    """The company that runs this installation. There is exactly one row; `Workspace.own()` gives it."""

    name = models.CharField(_("name"), max_length=120, default="My company")
    zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[_known_zone])
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    language = models.CharField(_("language"), max_length=10, default="en")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def own(cls) -> "Workspace":
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class AuditEntry(models.Model):
    """Who did what, for good. It names things by kind and key, so it outlives them."""

    time = models.DateTimeField(auto_now_add=True, db_index=True)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.member or 'command line'} {self.verb} {self.subject}"

    @classmethod
    def note(cls, verb: str, subject: str, by: Member | None = None, **detail: Any) -> "AuditEntry":
        return cls.objects.create(member=by, verb=verb, subject=subject, detail=detail)

"""Members, their teams and hours, the workspace and the audit."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from beforehand.lib import bus
from beforehand.lib.prepared import Prepared


class LastOwner(ValidationError):
    """Without an owner nobody could invite, make keys or erase: the last one stays."""

    def __init__(self) -> None:
        super().__init__(_("This is the last owner. Make somebody else an owner first."), code="last_owner")


class MemberManager(BaseUserManager["Member"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def invite(self, email: str, name: str, role: str, by: "Member | None" = None) -> "Member":
        """A member who cannot log in until they have followed their link and chosen a password."""
        with transaction.atomic():
            member = self.create_user(email, name=name, role=role)
            AuditEntry.note("invited", member.email, by, role=role)
        return member

    def owners(self) -> models.QuerySet["Member"]:
        """Those who own and can log in."""
        return self.filter(role=Member.Role.OWNER, is_active=True).exclude(
            password__startswith=UNUSABLE_PASSWORD_PREFIX
        )

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email__iexact=username or "")


def short_name(role: "Member.Role") -> str:
    """ "Owner" of "Owner: everything, ..."."""
    return str(role.label).partition(":")[0]


def initials_of(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()


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
        return initials_of(str(self))

    @property
    def is_invited(self) -> bool:
        """Invited, but has not been here yet."""
        return self.is_active and not self.has_usable_password()

    @property
    def role_name(self) -> str:
        return short_name(self.Role(self.role))

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

    def appoint(self, role: str, by: "Member | None" = None) -> None:
        """Give another role."""
        with transaction.atomic():
            before = self._locked().role
            if before == role:
                return
            if role != self.Role.OWNER:
                self._keep_an_owner()
            self.role = role
            self.save(update_fields=["role"])
            AuditEntry.note("appointed", self.email, by, role=role, before=before)

    def leave(self, by: "Member | None" = None) -> None:
        """Close the account: their sessions and links end at once; what they did stays theirs."""
        with transaction.atomic():
            if not self._locked().is_active:
                return
            self._keep_an_owner()
            self.is_active = False
            self.save(update_fields=["is_active"])
            AuditEntry.note("closed", self.email, by)

    def come_back(self, by: "Member | None" = None) -> None:
        with transaction.atomic():
            if self._locked().is_active:
                return
            self.is_active = True
            self.save(update_fields=["is_active"])
            AuditEntry.note("opened", self.email, by)

    def settle_in(self, name: str, password: str) -> None:
        """Follow the link: a name and a password of one's own. The link is used up by it."""
        with transaction.atomic():
            verb = "joined" if self.is_invited else "reset password"
            self.name = name
            self.set_password(password)
            self.save(update_fields=["name", "password"])
            AuditEntry.note(verb, self.email, self)

    def forget_second_step(self, by: "Member | None" = None) -> None:
        """For whoever lost phone and spare codes: from now on the password alone lets in."""
        from allauth.mfa.models import Authenticator

        with transaction.atomic():
            if Authenticator.objects.filter(user=self).delete()[0]:
                AuditEntry.note("turned off second step of", self.email, by)

    def _locked(self) -> "Member":
        """The row as it is now, held until the transaction ends, together with those of all owners."""
        list(Member.objects.owners().select_for_update().order_by("pk"))
        return Member.objects.select_for_update().get(pk=self.pk)

    def _keep_an_owner(self) -> None:
        owners = Member.objects.owners()
        if owners.filter(pk=self.pk).exists() and not owners.exclude(pk=self.pk).exists():
            raise LastOwner


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. Write one like Europe/Dublin."), params={"name": name})


def _known_currency(code: str) -> None:
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        raise ValidationError(
            _("“%(code)s” is no currency. Write its three letters, like EUR or GBP."), params={"code": code}
        )


class Workspace(models.Model):
    """The company that runs this installation. There is exactly one row; `Workspace.own()` gives it."""

    name = models.CharField(_("name"), max_length=120, default="My company")
    zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[_known_zone])
    currency = models.CharField(_("currency"), max_length=3, default="EUR", validators=[_known_currency])
    language = models.CharField(_("language"), max_length=10, default="", blank=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def own(cls) -> "Workspace":
        return _own.first() or cls.objects.get_or_create(pk=1)[0]

    def change(self, by: Member | None = None, **values: str) -> None:
        """Set what differs, note it, and tell the rooms: a new zone moves the borders of every day."""
        before = {name: getattr(self, name) for name, value in values.items() if getattr(self, name) != value}
        if not before:
            return
        with transaction.atomic():
            for name, value in values.items():
                setattr(self, name, value)
            self.save(update_fields=list(before))
            AuditEntry.note(
                "changed", str(_("company")), by, **{name: [old, values[name]] for name, old in before.items()}
            )
            bus.emit("workspace.changed", changed=set(before))

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


_own = Prepared(lambda: Workspace.objects.filter(pk=1))


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

    @property
    def details(self) -> list[str]:
        """Each detail as a line; what was and what is, with an arrow between."""
        return [
            f"{name}: {' → '.join(str(part) for part in value) if isinstance(value, list) else value}"
            for name, value in self.detail.items()
        ]

    @classmethod
    def note(cls, verb: str, subject: str, by: Member | None = None, **detail: Any) -> "AuditEntry":
        return cls.objects.create(member=by, verb=verb, subject=subject, detail=detail)


class Hours(models.Model):
    """Working hours under a name; `plain` is a calendar as `lib.working` writes it. Which version of it a target was
    counted in stays readable for ever (`HoursVersion`)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    plain = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "hours"

    def __str__(self) -> str:
        return self.name


class HoursVersion(models.Model):
    """A calendar as it once was, by its fingerprint. Rows are only added."""

    version = models.CharField(max_length=40, primary_key=True)
    plain = models.JSONField()
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.version


class Team(models.Model):
    """Members who share a queue."""

    class Handing(models.TextChoices):
        """How a conversation finds its owner in the team."""

        BY_HAND = "by_hand", _("by hand: whoever takes it")
        IN_TURN = "in_turn", _("in turn")
        BY_LOAD = "by_load", _("to whoever has the fewest open")

    name = models.CharField(_("name"), max_length=80, unique=True)
    hours = models.ForeignKey(Hours, models.PROTECT, null=True, blank=True, verbose_name=_("working hours"))
    handing = models.CharField(_("handing out"), max_length=10, choices=Handing, default=Handing.BY_HAND)
    most = models.PositiveSmallIntegerField(_("most open conversations of one member"), default=0, blank=True)
    back_after = models.PositiveSmallIntegerField(_("back to the team, unopened, after minutes"), default=0, blank=True)
    """Of the team's working time; 0 for never."""

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A member in a team. `skills` are free words, for instance languages; `last_given` keeps the turn."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="places")
    member = models.ForeignKey(Member, models.CASCADE, related_name="places")
    skills = models.JSONField(default=list, blank=True)
    last_given = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("team", "member", name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.member} in {self.team}"


class Availability(models.Model):
    """Whether a member is there, from when on and by whose word. The latest row holds; until `until`, if it says so."""

    class State(models.TextChoices):
        HERE = "here", _("here")
        AWAY = "away", _("away: nothing new")
        GONE = "gone", _("away: what waits goes back to the team")

    member = models.ForeignKey(Member, models.CASCADE, related_name="availabilities")
    state = models.CharField(max_length=5, choices=State)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="availability_latest")]
        verbose_name_plural = "availabilities"

    def __str__(self) -> str:
        return f"{self.member}: {self.state}"

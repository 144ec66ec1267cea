"""Identifiers, the edges between them, and the customers and companies that follow from both."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import JSONTextField, MomentField


class Customer(models.Model):
    """A person. Every identifier brings a customer of its own, with the same id; those who turn out to be one person
    are the customer of the strongest identifier among them. So undoing a merge gives each side its old id back.

    A customer that was joined to another keeps its row and is no longer `current`.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=200, default="", blank=True, db_index=True)
    current = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name or f"c-{self.pk}"


class Identifier(models.Model):
    """A claim that ties touchpoints to a person.

    `proved` says that a server of ours or a signed token vouched for it; what a browser claims of a user id or an
    e-mail address is another row (`proved` false) that never is the proved one without a verified edge.
    """

    class Kind(models.TextChoices):
        USER_ID = "user_id", _("user id")
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        HANDLE = "handle", _("handle")
        EXTERNAL = "external", _("other id")
        ANONYMOUS_ID = "anonymous_id", _("browser or device")

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12, choices=Kind)
    value = models.CharField(max_length=200, db_index=True)
    proved = models.BooleanField(default=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="identifiers")
    traits = JSONTextField(default=dict)
    trait_times = JSONTextField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint("kind", "value", "proved", name="identifier_once")]

    def __str__(self) -> str:
        return self.value


class Edge(models.Model):
    """Evidence that two identifiers are one person: one row a pair and standing (claimed, verified, a member's word).

    `first` is the smaller id. The row holds the best evidence there was: the strongest, of that the oldest. Edges are
    weighed by standing, strength, time of the evidence and the pair's own names, so that the order of arrival does not
    matter. A member's word may bring companions (`along`): what they vouched for in the same breath.
    """

    class Strength(models.IntegerChoices):
        CLAIMED = 10, _("claimed by a browser")
        SENT = 20, _("sent together by our server")
        ALIAS = 30, _("alias call")
        SIGNED = 40, _("signed token")
        MEMBER = 50, _("joined by a member")

    class Skipped(models.TextChoices):
        ACCOUNTS = "accounts", _("would make two known accounts one customer")
        LIMIT = "limit", _("would give one customer too many identifiers of a kind")
        CLAIM = "claim", _("only claimed, and reaches a known customer")

    first = models.ForeignKey(Identifier, models.CASCADE, related_name="edges_out", db_index=False)
    second = models.ForeignKey(Identifier, models.CASCADE, related_name="edges_in", db_index=False)
    verified = models.BooleanField()
    strength = models.SmallIntegerField(choices=Strength)
    evidence_time = MomentField()
    evidence = models.CharField(max_length=300, default="")
    skipped = models.CharField(max_length=10, choices=Skipped, default="", blank=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    along = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="companions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second", "verified"], condition=models.Q(strength__lt=50), name="edge_once"
            ),
            models.UniqueConstraint(
                fields=["first", "second", "verified"], condition=models.Q(strength=50), name="edge_once_by_member"
            ),
        ]
        indexes = [
            models.Index(fields=["first", "second"], name="edge_pair"),
            models.Index(fields=["first", "skipped"], name="edge_out"),
            models.Index(fields=["second", "skipped"], name="edge_in"),
            models.Index(fields=["skipped", "-evidence_time"], condition=~models.Q(skipped=""), name="edge_to_review"),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}"


class Revocation(models.Model):
    """An edge that somebody took back (an undone merge) or declined in the review list. Deleting it restores."""

    edge = models.OneToOneField(Edge, models.CASCADE, related_name="revocation")
    time = models.DateTimeField(auto_now_add=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.edge} taken back"


class Company(models.Model):
    """An account that customers belong to: the group of a group call."""

    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200, default="", blank=True)
    traits = JSONTextField(default=dict)
    trait_times = JSONTextField(default=dict)

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name or self.key


class Membership(models.Model):
    """An identifier that was seen as part of a company. It hangs on the identifier, so a merge moves nothing."""

    identifier = models.ForeignKey(Identifier, models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, models.CASCADE, related_name="memberships")
    since = MomentField()

    class Meta:
        constraints = [models.UniqueConstraint("identifier", "company", name="membership_once")]

    def __str__(self) -> str:
        return f"{self.identifier} of {self.company}"


class Consent(models.Model):
    """That somebody gave or withdrew leave to be written to: for what, on which channel, when, and how we know.

    Rows are only added. It hangs on the identifier, so a merge moves nothing; of two people who turn out to be one the
    stricter word holds (`consent.standing`).
    """

    identifier = models.ForeignKey(Identifier, models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=40)
    channel = models.CharField(_("channel"), max_length=40, default="", blank=True)
    given = models.BooleanField()
    time = MomentField()
    evidence = models.CharField(_("evidence"), max_length=300, default="", blank=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.identifier} {'gave' if self.given else 'withdrew'} {self.purpose}"


class Erasure(models.Model):
    """What was removed when somebody asked to be forgotten: counts and places, nothing about the person."""

    time = models.DateTimeField(auto_now_add=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    manifest = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"erasure {self.pk}"

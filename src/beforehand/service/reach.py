"""Who may see which conversations: the one predicate for lists, search, live updates, notifications, export and API."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext as _

from beforehand.lib.prepared import Prepared
from beforehand.lib.trouble import Trouble
from beforehand.team.models import Member

if TYPE_CHECKING:
    from beforehand.service.models import Conversation


class OutOfReach(Trouble):
    def __init__(self) -> None:
        super().__init__(_("This conversation belongs to a team that you are not in. Ask somebody in it."))


def within(member: Member, of: str = "") -> Q:
    """What a member may reach, as a condition on conversations; `of` is the path to one, such as `conversation__`.

    Owners and managers reach all. An agent reaches those of their teams, those of no team, those they own, and those in
    a note of which they were named. Viewers reach none. A merged conversation is reached as its head is.
    """
    if not member.is_active or not member.may_see_customers:
        return Q(pk__in=[])
    return Q() if member.may_configure else Q(WithinAgent(member.pk, of))


class WithinAgent(Func):
    """The condition for an agent, written out: a page asks it ten times, and the ORM took 4 ms each time to put it
    together."""

    output_field = models.BooleanField()
    arity = 3
    TEAMS = "select team_id from team_teammember where member_id = %s"
    NAMED = """select said.conversation_id from service_mention named
        join service_message said on said.id = named.message_id where named.member_id = %s"""
    LEADING = """select talk.head_id from service_mention named join service_message said on said.id = named.message_id
        join service_conversation talk on talk.id = said.conversation_id
        where named.member_id = %s and talk.head_id is not null"""

    def __init__(self, member: int, of: str = "") -> None:
        super().__init__(F(f"{of}id"), F(f"{of}owner_id"), F(f"{of}team_id"))
        self.member = member

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **_more: Any) -> tuple[str, tuple[str | int, ...]]:
        id, owner, team = (compiler.compile(one)[0] for one in self.get_source_expressions())
        # PostgreSQL looks an array up in its indexes, where it would go through all rows for a subquery.
        among = "{} = any(array({}))" if connection.vendor == "postgresql" else "{} in ({})"
        named = " or ".join(among.format(id, one) for one in (self.NAMED, self.LEADING))
        reached = f"({owner} = %s or {team} is null or {among.format(team, self.TEAMS)} or {named})"
        return reached, (self.member,) * 4


class Conversations(models.QuerySet["Conversation"]):
    def reachable_by(self, member: Member) -> Self:
        """Those that a member may see, and nothing else: every look-up begins here."""
        if member.is_active and member.may_configure:
            return self
        heads = self.model._default_manager.filter(within(member), pk=OuterRef("head"))
        return self.filter(within(member) & Q(head=None) | Q(Exists(heads), head__isnull=False))

    def heads_reachable_by(self, member: Member) -> Self:
        """Those of them that were not merged into another: what a view holds."""
        return self.filter(within(member), head=None)

    def of_case(self, head: int) -> "models.QuerySet[Conversation, dict[str, Any]]":
        """The numbers of a head and of everything that was merged into it. Two look-ups: an `or` makes SQLite go
        through the whole table, since nearly all heads are null."""
        return self.filter(pk=head).values("pk").union(self.filter(head=head).values("pk"), all=True)


def stand_in(may_configure: bool, number: int = 0) -> Member:
    """A member to put a statement together with: what they may reach is that of everybody like them, by number."""
    return Member(pk=number, role=Member.Role.OWNER if may_configure else Member.Role.AGENT)


def may_reach(conversation: "Conversation", member: Member) -> bool:
    return find(conversation.pk, member) is not None


def find(number: int, member: Member) -> "Conversation | None":
    """A conversation, if a member may reach it, with its customer, status, owner and team."""
    if not member.is_active or not member.may_see_customers:
        return None
    return _any.first(number) if member.may_configure else _of_agent.first(number, member.pk)


def _one(number: int, member: Member) -> "Conversations":
    from beforehand.service.models import Conversation

    related = ("identifier__customer", "status", "owner", "team")
    return Conversation.objects.reachable_by(member).filter(pk=number).select_related(*related)


_any = Prepared(lambda number: _one(number, stand_in(True)), int)
_of_agent = Prepared(lambda number, member: _one(number, stand_in(False, member)), int, int)


def check(conversation: "Conversation", member: Member | None) -> None:
    """Raises OutOfReach where a member may not reach a conversation."""
    if member is not None and not may_reach(conversation, member):
        raise OutOfReach

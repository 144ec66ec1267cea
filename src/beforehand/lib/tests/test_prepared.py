"""A prepared look-up gives what its queryset gives, for every value, on every database."""

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.test.utils import CaptureQueriesContext

from beforehand.lib.prepared import Prepared, listed, numbers
from beforehand.lib.statements import ask
from beforehand.team.models import ApiToken, Member, Team, TeamMember

pytestmark = pytest.mark.django_db


def members(number, role):
    in_team = Exists(TeamMember.objects.filter(member=OuterRef("pk")))
    return Member.objects.filter(Q(pk__lte=number) | Q(role=role)).annotate(in_team=in_team).order_by("pk")


def test_rows_are_those_of_the_queryset_whatever_is_asked(ada, ben, vic):
    TeamMember.objects.create(team=Team.objects.create(name="Mine"), member=ben)
    prepared = Prepared(members, int, str)
    for number in (0, ada.pk, ben.pk, vic.pk):
        for role in ("agent", "owner", "nothing", "' or 1=1 --"):
            wanted = list(members(number, role))
            found = prepared(number, role)
            assert found == wanted and [vars(one) | {"_state": 0} for one in found] == [
                vars(one) | {"_state": 0} for one in wanted
            ]
    assert prepared.first(0, "nothing") is None and prepared.first(0, "agent") == ben


def test_what_the_queryset_says_by_itself_may_be_any_text(ada, ben):
    odd = "100 %s of %% 'it' \\ \N{HEAVY CHECK MARK} mark 7"
    Team.objects.create(name=odd)
    prepared = Prepared(lambda handing: Team.objects.filter(handing=handing, name__contains=odd).order_by("pk"), str)
    assert [one.name for one in prepared("by_hand")] == [odd] and prepared("in_turn") == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps what it has read by itself.")
def test_postgresql_reads_it_once_and_knows_what_never_changes(ada):
    prepared = Prepared(lambda number: Team.objects.filter(handing="in_turn", pk__lt=number), int)
    for number in (1, 70_000, 2):
        assert prepared(number) == []
    (found,) = ask("select statement from pg_prepared_statements where statement like %s", ["%team_team%in_turn%"])
    assert "'in_turn'" in found[0] and "$1" in found[0] and "$2" not in found[0]


def test_numbers_are_one_argument(ada, ben, vic):
    prepared = Prepared(lambda ids: Member.objects.filter(pk__in=numbers(ids)).order_by("pk"), str)
    for ids in ([], [vic.pk, ada.pk], [ben.pk, 10**12]):
        assert prepared(listed(ids)) == list(Member.objects.filter(pk__in=ids).order_by("pk"))


def test_what_is_selected_beside_a_row_is_there_and_null_is_none(ada):
    token, _text = ApiToken.make(ada, "t", [])
    prepared = Prepared(lambda pk: ApiToken.objects.select_related("member", "revoked_by").filter(pk=pk), int)
    found = prepared.first(token.pk)
    with CaptureQueriesContext(connection) as queries:
        assert found.member == ada and found.revoked_by is None and found.created == token.created
    assert not queries.captured_queries


def test_values_come_as_tuples(ada, ben):
    prepared = Prepared(lambda role: Member.objects.filter(role=role).values_list("pk", "email"), str)
    assert prepared("agent") == [(ben.pk, ben.email)]


def test_a_row_that_was_found_can_be_changed(ada):
    found = Prepared(lambda pk: Member.objects.filter(pk=pk), int).first(ada.pk)
    found.name = "Ada O."
    found.save()
    ada.refresh_from_db()
    assert ada.name == "Ada O."


def test_an_argument_that_the_sql_lost_is_no_look_up():
    with pytest.raises(AssertionError):
        Prepared(lambda number, lost: Member.objects.filter(pk=number), int, int)(1, 2)

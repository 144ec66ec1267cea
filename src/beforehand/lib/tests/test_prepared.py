"""A prepared look-up gives what its queryset gives, for every value, on every database."""

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.test.utils import CaptureQueriesContext

from beforehand.lib.prepared import Prepared
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

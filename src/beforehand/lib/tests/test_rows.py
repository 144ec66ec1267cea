"""Rows by cheap statements are the rows that Django would have written and read."""

import pytest
from django.core.exceptions import ObjectDoesNotExist

from beforehand.lib import rows
from beforehand.team.models import Hours, Member, Team

pytestmark = pytest.mark.django_db


def test_put_gives_ids_and_writes_what_django_would(ada):
    teams = [Team(name="One", most=3), Team(name="Two")]
    rows.put(teams)
    assert [Team.objects.get(pk=one.pk).name for one in teams] == ["One", "Two"]
    assert Team.objects.values().get(pk=teams[0].pk)["most"] == 3
    teams[0].refresh_from_db()
    teams[0].name = "Uno"
    teams[0].save()
    assert Team.objects.filter(name="Uno").count() == 1


def test_put_keeps_an_id_that_is_given():
    rows.put([Hours(pk=77, name="Late", plain={"a": [1, "ü"]})])
    assert Hours.objects.get(pk=77).plain == {"a": [1, "ü"]}


def test_replace_writes_all_or_the_columns_named(ada):
    ada.name, ada.email = "Ada II", "ada2@example.com"
    rows.replace(ada, "name")
    kept = Member.objects.get(pk=ada.pk)
    assert (kept.name, kept.email) == ("Ada II", "ada@example.com")
    rows.replace(ada)
    assert Member.objects.get(pk=ada.pk).email == "ada2@example.com"


def test_a_row_that_is_gone_cannot_be_replaced():
    team = Team.objects.create(name="One")
    Team.objects.all().delete()
    with pytest.raises(ObjectDoesNotExist):
        rows.replace(team)


def test_put_over_writes_what_is_there_over_and_adds_the_rest():
    there = Team.objects.create(name="One", most=3)
    rows.put_over([Team(name="One", most=5), Team(name="Two", most=7)], "name")
    assert dict(Team.objects.values_list("name", "most")) == {"One": 5, "Two": 7}
    assert Team.objects.get(name="One").pk == there.pk


def test_put_new_leaves_what_is_there_as_it_is():
    new, again = Team(name="One", most=3), Team(name="One", most=5)
    assert rows.put_new(new, "name") and not rows.put_new(again, "name")
    assert (new.pk, again.pk) == (Team.objects.get(most=3).pk, None)
    assert Team.objects.count() == 1


def test_found_rows_are_those_that_django_reads(ada, ben):
    names = [field.attname for field in Member._meta.concrete_fields]

    def values(member):
        return [getattr(member, name) for name in names]

    read = rows.found(Member, "id in (%s, %s) order by id desc", ada.pk, ben.pk)
    assert [values(one) for one in read] == [values(one) for one in Member.objects.order_by("-id")]
    hours = Hours.objects.create(name="Late", plain={"a": [1]})
    assert rows.found(Hours, "name = %s", "Late")[0].plain == {"a": [1]}
    assert not rows.found(Hours, "id = %s", hours.pk + 1)

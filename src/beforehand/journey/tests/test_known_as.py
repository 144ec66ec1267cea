"""A link that another program makes from an identifier leads to the customer, and to nobody without a log-in."""

import pytest

from beforehand.customers.identity import Claim, identify
from beforehand.team.models import Member

pytestmark = pytest.mark.django_db


def member(role="agent"):
    return Member.objects.create_user(f"{role}@example.org", name="Ada", role=role)


def test_it_leads_to_the_customer(client):
    claim = Claim("user_id", "shop/48102", True)
    customer = identify([claim])[claim]
    client.force_login(member())
    assert client.get("/customers/as/user_id/shop/48102").headers["Location"] == f"/customers/{customer}"


def test_it_says_that_nobody_is_known_by_that_name(client):
    client.force_login(member())
    assert client.get("/customers/as/user_id/nobody-here").status_code == 404


def test_it_refuses_who_may_not_see_customers(client):
    client.force_login(member("viewer"))
    assert client.get("/customers/as/user_id/48102").status_code == 403


def test_it_asks_for_a_log_in_first(client):
    assert client.get("/customers/as/user_id/48102").headers["Location"].startswith("/account/login/")

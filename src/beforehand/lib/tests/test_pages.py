"""Long lists, a page at a time."""

import pytest
from django.test import RequestFactory

from beforehand.lib.pages import LAST, number_of, page_of


def asking(page: str):
    return RequestFactory().get("/", {"page": page})


def test_a_page_knows_its_rows_and_whether_another_follows():
    first, last = page_of(asking("1"), list(range(70)), size=50), page_of(asking("2"), list(range(70)), size=50)
    assert (len(first), first.first, first.last, first.earlier, first.later) == (50, 1, 50, None, 2)
    assert (len(last), last.first, last.last, last.earlier, last.later) == (20, 51, 70, 1, None)


def test_a_full_last_page_promises_nothing():
    assert page_of(asking("1"), list(range(50)), size=50).later is None


def test_a_page_beyond_the_end_is_empty():
    page = page_of(asking("9"), list(range(10)))
    assert (page.rows, page.first, page.later, page.earlier) == ([], 0, None, 8)


def test_rows_may_be_fetched_by_offset_and_limit():
    asked = []
    page_of(asking("3"), lambda offset, limit: asked.append((offset, limit)) or [], size=20)
    assert asked == [(40, 21)]


@pytest.mark.parametrize(
    ("page", "number"), [("", 1), ("x", 1), ("-1", 1), ("0", 1), ("²", 1), ("7", 7), ("9" * 9, LAST), ("9" * 99, 1)]
)
def test_nonsense_is_the_first_page(page, number):
    assert number_of(asking(page)) == number

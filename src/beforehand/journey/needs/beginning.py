"""How a process of a rebuild begins. It imports nothing of Django before Django is set up."""

import pickle
from pathlib import Path


def begin(facts: bytes, folder: Path) -> None:
    """Set Django up, and know the book (its facts, pickled) and where the lake is."""
    import django

    django.setup()

    from django.conf import settings

    from beforehand.journey.needs import parts
    from beforehand.journey.needs.book import Book

    settings.LAKE = folder
    parts.know(Book(**pickle.loads(facts)))  # noqa: S301

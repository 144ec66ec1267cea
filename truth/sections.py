"""What is judged: one company at a time, in a process of its own, and lines of the table of all of them."""

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from truth.table import Line


class Section(NamedTuple):
    """Judges one seed in a process of its own, and makes lines of all. `companies` are as many as the bar asks for."""

    title: str
    judge: Callable[[int], dict[str, Any]]
    lines: Callable[[Sequence[dict[str, Any]]], Iterable[Line]]
    companies: int


def sections() -> dict[str, Section]:
    from truth import causes, contacts, needs

    return {
        "causes": Section("Causes of contacts", causes.judge, causes.lines, 100),
        "none": Section("No cause planted", causes.judge_none, causes.lines_none, 100),
        "needs": Section("Needs, needs met beforehand, stuck", needs.judge, needs.lines, 20),
        "contacts": Section("Single contacts", contacts.judge, contacts.lines, 10),
    }


def prepare() -> None:
    """What a process needs before it may ask the program anything: settings, with a data folder of its own."""
    os.environ["BEFOREHAND_DATA"] = os.environ.get("TRUTH_DATA") or tempfile.mkdtemp(prefix="beforehand-truth-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "beforehand.settings"
    import django

    django.setup()


def one(name: str, seed: int) -> dict[str, Any]:
    return sections()[name].judge(seed)

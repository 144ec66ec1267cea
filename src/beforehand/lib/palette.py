"""What a room offers to the palette: listen to `palette.search` and return answers.

@bus.on("palette.search")
def find_customers(q: str, member: Member) -> list[Answer]: ...
"""

from typing import NamedTuple


class Answer(NamedTuple):
    """One line: what it is, where it leads, a few words beside it, an icon of the sprite."""

    title: str
    url: str
    about: str = ""
    icon: str = "right"

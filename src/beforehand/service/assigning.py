"""Who answers: handing out what waits in a team, and taking back what its owner cannot answer."""

from beforehand.service import acting


def hand_out(doing: acting.Act) -> None:
    """Give what waits in a team without an owner to somebody, the team's way."""

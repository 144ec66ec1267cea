"""How long raw requests stay after they were drained."""

import time

from django.conf import settings

from beforehand.journey.cursor import drained_through
from beforehand.journey.intake import Intake

DAY = 86_400_000_000


def purge() -> int:
    """Delete raw requests that are drained and older than RAW_DAYS; how many went."""
    before = time.time_ns() // 1000 - settings.RAW_DAYS * DAY
    with Intake(settings.INTAKE) as intake:
        return intake.purge(before, drained_through())

"""What the scheduler does for needs, every few seconds."""

from datetime import timedelta

from django.utils import timezone

from beforehand.journey.lake import fact_files
from beforehand.journey.models import NeedChanged
from beforehand.journey.needs import baselines, projection

MANY = 2_000
LONG_ENOUGH = timedelta(minutes=5)


def keep_up() -> None:
    """Follow the record, learn the baselines that can be learned now, and make the fact files anew when worth it."""
    projection.follow()
    if baselines.learn_when_due():
        projection.follow()
    if _worth_folding():
        fact_files.fold()


def catch_up(progress: projection.Progress | None = None) -> int:
    """The same until nothing is left to do; how many touchpoints were followed."""
    followed = projection.follow(progress)
    if baselines.learn():
        projection.follow(progress)
    fact_files.fold()
    return followed


def _worth_folding() -> bool:
    changed = NeedChanged.objects.count()
    if not changed or changed >= MANY:
        return changed > 0
    return all(timezone.now() - file.created > LONG_ENOUGH for file in fact_files.live())

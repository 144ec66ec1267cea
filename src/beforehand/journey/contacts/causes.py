"""Why a contact happened: a small multinomial logistic model over the named features of its situation.

The weights are few and readable (weights.json, with the command that made it); `chances` is their softmax.
"""

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

VALUE, INFORMATION, FAILURE, CHASE, RIGHTS = CAUSES = ("value", "information", "failure", "chase", "rights")
LABELS = {
    VALUE: _("value"),
    INFORMATION: _("information"),
    FAILURE: _("failure"),
    CHASE: _("any news?"),
    RIGHTS: _("rights"),
}
WEIGHTS = Path(__file__).parent / "weights.json"


class Verdict(NamedTuple):
    """The likeliest cause, its probability, and the features that spoke most for it."""

    cause: str
    probability: float
    reasons: tuple[str, ...]


@cache
def weights() -> dict[str, tuple[float, ...]]:
    """feature -> weight of each cause, in the order of `CAUSES`."""
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return {feature: tuple(by_cause[cause] for cause in CAUSES) for feature, by_cause in stored.items()}


def chances(features: Mapping[str, float]) -> list[float]:
    """The probability of each cause, in the order of `CAUSES`."""
    known = weights()
    a = b = c = d = e = 0.0
    for feature, value in features.items():
        of = known.get(feature)
        if of is not None:
            a, b, c, d, e = (
                a + value * of[0], b + value * of[1], c + value * of[2], d + value * of[3], e + value * of[4],
            )  # fmt: skip
    top = max(a, b, c, d, e)
    raised = [math.exp(score - top) for score in (a, b, c, d, e)]
    total = sum(raised)
    return [one / total for one in raised]


def judge(features: Mapping[str, float]) -> Verdict:
    """The likeliest cause of a contact with these features."""
    found = chances(features)
    place = max(range(len(CAUSES)), key=found.__getitem__)
    return Verdict(CAUSES[place], found[place], _reasons(features, place))


def _reasons(features: Mapping[str, float], place: int) -> tuple[str, ...]:
    """Up to three features whose weight for this cause lies most above its mean over the causes."""
    known = weights()
    pull = []
    for feature, value in features.items():
        of = known.get(feature)
        if of is not None and feature != "always":
            pull.append((value * (of[place] - sum(of) / len(of)), feature))
    pull.sort(reverse=True)
    return tuple(feature for points, feature in pull[:3] if points > 0.1)

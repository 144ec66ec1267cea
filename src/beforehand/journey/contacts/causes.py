"""Why a contact happened: a small multinomial logistic model over the named features of its situation.

The weights are few and readable (weights.json, with the command that made it); `chances` is their softmax.
"""

import json
from collections.abc import Mapping
from functools import cache
from math import exp
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
WORTH_SAYING = 0.1
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
    """The probability of each cause, in the order of `CAUSES`. Written out, for it runs once a contact."""
    known = weights()
    value = information = failure = chase = rights = 0.0
    for feature, size in features.items():
        of = known.get(feature)
        if of is not None:
            value += size * of[0]
            information += size * of[1]
            failure += size * of[2]
            chase += size * of[3]
            rights += size * of[4]
    top = max(value, information, failure, chase, rights)
    raised = [exp(value - top), exp(information - top), exp(failure - top), exp(chase - top), exp(rights - top)]
    total = sum(raised)
    return [one / total for one in raised]


def judge(features: Mapping[str, float]) -> Verdict:
    """The likeliest cause of a contact with these features."""
    found = chances(features)
    probability = max(found)
    place = found.index(probability)
    return Verdict(CAUSES[place], probability, _reasons(features, place))


def _reasons(features: Mapping[str, float], place: int) -> tuple[str, ...]:
    """Up to three features whose weight for this cause lies most above its mean over the causes."""
    known = pulls()
    pull = [(size * known[feature][place], feature) for feature, size in features.items() if feature in known]
    pull.sort(reverse=True)
    return tuple(feature for points, feature in pull[:3] if points > WORTH_SAYING)


@cache
def pulls() -> dict[str, tuple[float, ...]]:
    """How far each weight lies above the mean of its feature; without `always`, which is no reason."""
    means = {feature: sum(of) / len(of) for feature, of in weights().items() if feature != "always"}
    return {feature: tuple(weight - mean for weight in weights()[feature]) for feature, mean in means.items()}

"""Makes weights.json: `python -m beforehand.journey.contacts.fitting`.

The examples (examples.json) are put into situations drawn at random, as assumed in SITUATIONS: a contact about a
failure mostly follows trouble, one that asks for news mostly follows a silence, and so on. A multinomial logistic model
with a ridge penalty is fitted by Newton's method; the penalty is the one with the best held-out likelihood, where whole
texts are held out, never only their fillings. The softmax is then flattened by the temperature that fits held-out
texts best, so that its probabilities are not those of texts it knows.
"""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from beforehand.journey.contacts.causes import CAUSES, WEIGHTS
from beforehand.journey.contacts.reading import NOTHING, Reader, starter
from beforehand.journey.contacts.situation import Before, features, names
from beforehand.journey.needs.definition import Definition
from beforehand.journey.needs.shapes import DAY, NeedTrace, StepTrace, Trouble

COMMAND = "python -m beforehand.journey.contacts.fitting"
SEED = 20
DRAWS = 12
FOLDS = 6
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0)
TEMPERATURES = tuple(round(0.6 + 0.05 * n, 2) for n in range(45))
SILENT_TEXTS = 0.12
REPEATED = 0.5  # of texts after another contact, how many say so
SHARES = {"value": 0.14, "information": 0.28, "failure": 0.3, "chase": 0.2, "rights": 0.08}
# Of texts that ask when something comes, how many are of each cause.
ASKING = {"when": {"information": 0.6, "failure": 0.2, "chase": 0.2}, "overdue": {"failure": 0.75, "chase": 0.25}}
# cause: chance of trouble before, of being stuck, of a need that is over, of none known, of a contact before, of
# nothing since that contact, of an answer since it, of a promise that is late, of one that is open
SITUATIONS = {
    "value": (0.03, 0.05, 0.15, 0.35, 0.08, 0.35, 0.6, 0.01, 0.02),
    "information": (0.05, 0.15, 0.12, 0.25, 0.1, 0.4, 0.6, 0.01, 0.03),
    "failure": (0.75, 0.4, 0.12, 0.12, 0.18, 0.4, 0.5, 0.1, 0.05),
    "chase": (0.5, 0.5, 0.02, 0.1, 0.92, 0.75, 0.45, 0.08, 0.15),
    "rights": (0.1, 0.1, 0.25, 0.4, 0.08, 0.4, 0.5, 0.03, 0.03),
}
# cause: chance that the need is of a kind whose contacts are mostly of value, information, failure, rights, or any
LEANINGS = {
    "value": (0.5, 0.07, 0.03, 0.1, 0.3),
    "information": (0.06, 0.4, 0.08, 0.12, 0.34),
    "failure": (0.03, 0.28, 0.16, 0.05, 0.48),
    "chase": (0.03, 0.15, 0.05, 0.05, 0.72),
    "rights": (0.03, 0.1, 0.02, 0.45, 0.4),
}
Array = NDArray[np.float64]


class Example(NamedTuple):
    """A contact whose cause is known: its features, its cause's place, and the text that it came from."""

    features: dict[str, float]
    cause: int
    text: int


def examples(seed: int = SEED, draws: int = DRAWS, path: Path | None = None) -> list[Example]:
    """Every text of the file `draws` times, in as many situations; causes weighted afterwards, not here."""
    written = json.loads((path or Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
    reader = Reader({kind: Definition(kind, kind.replace("-", " ")) for kind in starter()["topics"]})
    chance = random.Random(seed)  # noqa: S311
    found = []
    for number, (group, language, text) in enumerate(_texts(written)):
        for _ in range(draws):
            cause = chance.choices([*ASKING[group]], [*ASKING[group].values()])[0] if group in ASKING else group
            need, topic = _need(cause, chance)
            before = _before(cause, chance)
            if group == "overdue" and cause == "failure" and chance.random() < REPEATED:
                before = before._replace(earlier=None)
            reading = NOTHING
            if chance.random() >= SILENT_TEXTS:
                said = text.replace("{thing}", chance.choice(written["things"][language]))
                if before.earlier is not None and cause != "chase" and chance.random() < REPEATED:
                    said = f"{chance.choice(written['again'][language])} {said}"
                reading = reader.read({"text": said})[0]
            found.append(Example(features(reading, need, 0, before, topic), CAUSES.index(cause), number))
    return found


def _texts(written: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for group, by_language in written["texts"].items():
        for language, texts in by_language.items():
            for text in texts:
                yield group, language, text


def _need(cause: str, chance: random.Random) -> tuple[NeedTrace | None, str]:
    """A need as it may stand at time 0, and the kind that the contact is about."""
    trouble, stuck, over, unknown = SITUATIONS[cause][:4]
    groups = [
        *starter()["leanings"].values(),
        ["receive-my-order", "return-it", "get-my-money-back", "complete-a-purchase"],
    ]
    kind = chance.choice(chance.choices(groups, LEANINGS[cause])[0])
    if chance.random() < unknown:
        return None, kind
    need = NeedTrace(kind, 1, "", -20 * DAY, 1, [StepTrace("step", -20 * DAY)])
    if chance.random() < trouble:
        need.trouble = [Trouble(2, "trouble", -int(chance.expovariate(1 / 3) * DAY))]
    if chance.random() < stuck:
        need.steps[0].stuck_at = -DAY
    if chance.random() < over:
        need.met = -DAY
    return need, ""


def _before(cause: str, chance: random.Random) -> Before:
    earlier, silent, answered, late, promised = SITUATIONS[cause][4:]
    before = chance.random() < earlier
    return Before(
        3 if before else None,
        before and chance.random() < answered,
        before and chance.random() < silent,
        4 if chance.random() < late else None,
        chance.random() < promised,
    )


def matrix(found: Sequence[Example]) -> tuple[Array, Array, Array]:
    """Features, one column a name; the cause, one column each; weights by which the causes have their SHARES."""
    place = {name: n for n, name in enumerate(names())}
    rows = np.zeros((len(found), len(place)))
    for row, example in enumerate(found):
        for name, value in example.features.items():
            rows[row, place[name]] = value
    causes = np.eye(len(CAUSES))[[example.cause for example in found]]
    weight = causes @ (np.array([SHARES[cause] for cause in CAUSES]) / np.maximum(causes.mean(axis=0), 1e-9))
    return rows, causes, weight


def fit(rows: Array, causes: Array, weight: Array, penalty: float, rounds: int = 30) -> Array:
    """Weights (features by causes) of the ridge-penalised multinomial logistic model, by Newton's method.

    C. Bishop 2006, Pattern Recognition and Machine Learning, 4.3.4. The penalty spares no feature, so the weights are
    unique though the softmax does not change when all causes move together.
    """
    n, k = rows.shape[1], causes.shape[1]
    found = np.zeros((n, k))
    for _ in range(rounds):
        share = softmax(rows @ found)
        slope = rows.T @ (weight[:, None] * (share - causes)) + penalty * found
        bend = np.zeros((n * k, n * k))
        for a in range(k):
            for b in range(a, k):
                part = weight * share[:, a] * ((a == b) - share[:, b])
                block = rows.T @ (part[:, None] * rows) + (penalty * np.eye(n) if a == b else 0.0)
                bend[a * n : (a + 1) * n, b * n : (b + 1) * n] = block
                bend[b * n : (b + 1) * n, a * n : (a + 1) * n] = block.T
        step = np.linalg.solve(bend, slope.T.ravel()).reshape(k, n).T
        found -= step
        if np.abs(step).max() < 1e-6:
            break
    return found


def softmax(scores: Array) -> Array:
    raised: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def held_out(found: Sequence[Example], penalty: float) -> tuple[Array, Array, Array]:
    """Scores of examples whose text the model had not seen, with their causes and weights."""
    rows, causes, weight = matrix(found)
    texts = sorted({example.text for example in found})
    random.Random(SEED).shuffle(texts)  # noqa: S311
    fold = {text: n % FOLDS for n, text in enumerate(texts)}
    folds = np.array([fold[example.text] for example in found])
    scores = np.zeros(causes.shape)
    for n in range(FOLDS):
        out = folds == n
        scores[out] = rows[out] @ fit(rows[~out], causes[~out], weight[~out], penalty)
    return scores, causes, weight


def surprise(scores: Array, causes: Array, weight: Array, temperature: float = 1.0) -> float:
    """Mean negative log likelihood."""
    chosen = (softmax(scores / temperature) * causes).sum(axis=1)
    return float(-(weight * np.log(np.maximum(chosen, 1e-12))).sum() / weight.sum())


def make() -> dict[str, Any]:
    """All that weights.json holds."""
    found = examples()
    tried = {penalty: held_out(found, penalty) for penalty in PENALTIES}
    penalty = min(PENALTIES, key=lambda one: surprise(*tried[one]))
    scores, causes, weight = tried[penalty]
    temperature = min(TEMPERATURES, key=lambda one: surprise(scores, causes, weight, one))
    right = scores.argmax(axis=1) == causes.argmax(axis=1)
    final = fit(*matrix(found), penalty) / temperature
    return {
        "made_by": COMMAND,
        "examples": len(found),
        "texts": len({example.text for example in found}),
        "penalty": penalty,
        "temperature": temperature,
        "held_out_right": round(float((weight * right).sum() / weight.sum()), 4),
        "held_out_surprise": round(surprise(scores, causes, weight, temperature), 4),
        "weights": {
            name: {cause: round(float(final[row, column]), 3) for column, cause in enumerate(CAUSES)}
            for row, name in enumerate(names())
        },
    }


if __name__ == "__main__":
    WEIGHTS.write_text(json.dumps(make(), indent=1) + "\n", encoding="utf-8")

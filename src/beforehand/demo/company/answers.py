"""Surveys, which not everybody answers and the unhappy not like the others; reviews; friends who are told."""

import numpy as np

from beforehand.demo.company.log import Log
from beforehand.demo.company.plan import DAY, HOUR, Plan
from beforehand.demo.company.table import Table

MEASURES = ["csat", "ces", "nps"]
TOP = [5, 7, 10]


def tell(
    plan: Plan, log: Log, people: Table, life: dict[str, Table], troubles: Table, contacts: Table
) -> dict[str, dict[str, float]]:
    """Write answers, reviews and word of mouth; give who was asked, who answered, and the mean score of both."""
    dice, orders = plan.dice, life["orders"]
    hurt = np.zeros(len(people))
    np.add.at(hurt, troubles.customer, 1.0)
    late = (orders.cause >= 0) | orders.slow
    felt = 8.6 - 3.2 * late - 0.5 * np.minimum(hurt[orders.customer], 3) + 1.5 * dice.normal("nps", orders.key)
    asked = dice.chance("asked nps", orders.key, 0.35)
    nps = _survey(plan, log, orders, asked, orders.delivered + 2 * DAY, 2, felt)
    eased = 6.0 - 2.2 * (orders.fate > 0) + dice.normal("ces", orders.key)
    asked = dice.chance("asked ces", orders.key, 0.3)
    ces = _survey(plan, log, orders, asked, orders.time + HOUR, 1, eased)
    served = 4.3 - 1.1 * (contacts.root >= 0) - 0.6 * (contacts.level > 0) + 0.8 * dice.normal("csat", contacts.key)
    asked = dice.chance("asked csat", contacts.key, 0.6)
    csat = _survey(plan, log, contacts, asked, contacts.answered + 4 * HOUR, 0, served)
    happy = ~late & (hurt[orders.customer] == 0)
    reviews = orders.take(dice.chance("reviews", orders.key, np.where(happy, 0.07, 0.03)))
    log.add("Review Written", reviews, reviews.delivered + 3 * DAY, place="/product", product=reviews.product)
    tells = orders.take(dice.chance("tells a friend", orders.key, np.where(happy, 0.04, 0.005)))
    log.add("Friend Referred", tells, tells.delivered + 4 * DAY, channel="social")
    return {"csat": csat, "ces": ces, "nps": nps}


def _survey(
    plan: Plan, log: Log, of: Table, asked: np.ndarray, time: np.ndarray, measure: int, felt: np.ndarray
) -> dict[str, float]:
    """Ask, and let those answer who do. `felt` is on the scale of the measure, before it is rounded."""
    dice, top = plan.dice, TOP[measure]
    score = np.round(felt).clip(0 if measure == 2 else 1, top).astype(np.int8)
    answers = asked & dice.chance(f"answers {MEASURES[measure]}", of.key, _answers(measure, score / top))
    some = of.take(answers)
    at = time + dice.around(f"answers when {measure}", of.key, 14 * HOUR, 0.8)
    size = len(some)
    log.add(
        "Survey Answered",
        some,
        at[answers],
        channel="email",
        which=str(measure),
        measure=np.full(size, measure, dtype=np.int8),
        score=score[answers],
        max=np.full(size, top, dtype=np.int8),
    )
    asked, answers = asked & (time < log.end), answers & (at < log.end)
    return {
        "asked": int(asked.sum()),
        "answered": int(answers.sum()),
        "mean_of_all": round(float(score[asked].mean()), 3) if asked.any() else float("nan"),
        "mean_of_answers": round(float(score[answers].mean()), 3) if answers.any() else float("nan"),
    }


def _answers(measure: int, share: np.ndarray) -> np.ndarray:
    """Who was served badly answers more often; who is asked to recommend and would not, hardly ever."""
    if MEASURES[measure] == "nps":
        return 0.08 + 0.40 * share**3
    return 0.20 + 0.35 * (1 - share) ** 1.5 + 0.06 * (share == 1)

"""Fitting the thresholds of ``knowledge.decision`` on the dev split, with its own ``decide``.

Every message earns a credit: 1 for the right answer or for refusing what is out of scope, less for asking
back, nothing otherwise. Maximised is the mean credit of all messages, in scope or not, among thresholds that refuse at
most 1.25 % of the in-scope messages. Never fit on the test split: it would inflate every figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.evaluation.measure import Measured, topic_of
from bot.evaluation.metrics import expected_calibration_error
from knowledge.decision import OUT_OF_SCOPE, STATE_CHANGING, Outcome, Thresholds, decide

REFUSED_AT_MOST = 0.0125  # of the in-scope messages; the target is 3 %, and unseen questions are refused twice as often
# What asking back is worth, so that it pays off where an answer is more likely wrong than right.
_CLARIFIED = 0.3  # in scope, the right topic among the buttons
_CLARIFIED_OUT_OF_SCOPE = 0.1  # nothing false was said, but the person was not told who knows
_BAND = 0.03  # how far below the answer threshold asking back begins at least
_STRICTER = 0.12  # how far above the answer threshold the state-changing one lies at least
_AS_GOOD = 0.003  # credit below the best that is chance
_COARSE, _FINE = 0.05, 0.01  # steps of the grid
_EXCESS = 2.0  # price of in-scope refusals above the limit, where no thresholds can keep it


@dataclass(frozen=True)
class Fit:
    """Fitted thresholds and how they do on the messages they were fitted on; shares from 0 to 1."""

    thresholds: Thresholds
    in_scope_right: float
    out_of_scope_refused: float
    wrongly_refused: float
    objective: float

    @property
    def keeps_limit(self) -> bool:
        """Whether few enough in-scope messages are refused; if not, no thresholds could do it."""
        return self.wrongly_refused <= REFUSED_AT_MOST


def fit(measured: Sequence[Measured]) -> Fit:
    """The best thresholds for these messages, by a coarse grid and a fine one around its best point.

    Raises:
        ValueError: the messages are all in scope or all out of scope.
    """
    cases = [entry for entry in measured if entry.ranking]
    if len({entry.question.in_scope for entry in cases}) < 2:
        raise ValueError("thresholds need messages in scope and out of scope")
    floor = state_changing_floor(cases)
    coarse = _best(cases, floor, _grid(0.0, 1.0, 0.0, 1.0, _COARSE))
    at = coarse.thresholds
    around = _grid(at.answer - _COARSE, at.answer + _COARSE, at.clarify - _COARSE, at.clarify + _COARSE, _FINE)
    found = _best(cases, floor, around)
    power = calibration(cases, found.thresholds)
    calibrated = replace(found.thresholds, calibration=power)
    return replace(found, thresholds=calibrated)


def calibration(measured: Sequence[Measured], thresholds: Thresholds) -> float:
    """The power of the score that comes nearest to the share of right answers (least expected calibration error)."""
    answered = [(decide(entry.ranking, thresholds), entry.question.topic) for entry in measured]
    answered = [(decision, wanted) for decision, wanted in answered if decision.outcome is Outcome.ANSWER]
    if not answered:
        return 1.0
    right = [topic_of(decision.label) == wanted for decision, wanted in answered]

    def error(power: float) -> float:
        scores = [min(1.0, decision.score) ** power for decision, _ in answered]
        return expected_calibration_error(scores, right)

    return min((round(0.05 * step, 2) for step in range(1, 31)), key=error)


def evaluate(measured: Sequence[Measured], thresholds: Thresholds) -> Fit:
    """How these thresholds would have done, decided anew from the rankings."""
    right = refused = 0
    credit = {True: 0.0, False: 0.0}
    count = {True: 0, False: 0}
    refused_out_of_scope = 0
    for entry in measured:
        wanted, in_scope = entry.question.topic, entry.question.in_scope
        decision = decide(entry.ranking, thresholds)
        count[in_scope] += 1
        if decision.outcome is Outcome.CLARIFY:
            if not in_scope:
                credit[in_scope] += _CLARIFIED_OUT_OF_SCOPE
            elif wanted in map(topic_of, decision.candidates):
                credit[in_scope] += _CLARIFIED
            continue
        got = topic_of(decision.label)
        credit[in_scope] += got == wanted
        right += in_scope and got == wanted
        refused += in_scope and got == OUT_OF_SCOPE
        refused_out_of_scope += not in_scope and got == OUT_OF_SCOPE
    return Fit(
        thresholds,
        right / count[True],
        refused_out_of_scope / count[False],
        refused / count[True],
        (credit[True] + credit[False]) / len(measured),
    )


def state_changing_floor(measured: Sequence[Measured]) -> float:
    """The lowest score from which no message here is wrongly taken for restart, stop or a wish for a person.

    It lies midway between the highest wrong score and the lowest right one above it; 0 where none is wrong.
    """
    best = [(entry, entry.ranking[0]) for entry in measured if entry.ranking[0].label in STATE_CHANGING]
    wrong = [scored.score for entry, scored in best if topic_of(scored.label) != entry.question.topic]
    if not wrong:
        return 0.0
    above = (scored.score for _, scored in best if scored.score > max(wrong))
    return (max(wrong) + min(above, default=1.0)) / 2


def _best(measured: Sequence[Measured], floor: float, grid: Iterator[tuple[float, float]]) -> Fit:
    """Of the points that are as good as the best one in the middle, which is the least likely to sit on an edge."""
    fits = [
        evaluate(measured, Thresholds(answer, clarify, round(min(1.0, max(floor, answer + _STRICTER)), 4)))
        for answer, clarify in grid
    ]
    highest = max(_worth(found) for found in fits)
    equals = [found for found in fits if _worth(found)[0] == highest[0] and _worth(found)[1] >= highest[1] - _AS_GOOD]
    answers = sorted({found.thresholds.answer for found in equals})
    row = [found for found in equals if found.thresholds.answer == answers[len(answers) // 2]]
    return row[len(row) // 2]


def _worth(found: Fit) -> tuple[bool, float]:
    return found.keeps_limit, found.objective - _EXCESS * max(0.0, found.wrongly_refused - REFUSED_AT_MOST)


def _grid(
    answer_from: float, answer_to: float, clarify_from: float, clarify_to: float, step: float
) -> Iterator[tuple[float, float]]:
    for answer in _steps(answer_from, answer_to, step):
        for clarify in _steps(clarify_from, clarify_to, step):
            if clarify <= max(0.0, answer - _BAND):
                yield answer, clarify


def _steps(low: float, high: float, step: float) -> list[float]:
    first, last = max(0.0, low), min(1.0, high)
    return [round(first + number * step, 4) for number in range(round((last - first) / step) + 1)]

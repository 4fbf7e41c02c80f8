"""The measures of `yibao evaluate`, against values worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from bot.evaluation import metrics, thresholds
from bot.evaluation.measure import Measured, Verdict, is_uncited, rank_of_topic, verdict_of
from bot.evaluation.nearest import Near
from bot.evaluation.questions import Question
from bot.evaluation.summary import METRICS, by_topic, summarise
from knowledge.content import Content
from knowledge.decision import Scored, Thresholds
from knowledge.search import Found

EXPECTED = ["rights", "rights", "authority", "authority", "out_of_scope", "out_of_scope"]
PREDICTED = ["rights", "authority", "authority", "out_of_scope", "out_of_scope", "clarified"]


def test_accuracy_counts_right_predictions() -> None:
    assert metrics.accuracy(EXPECTED, PREDICTED) == pytest.approx(3 / 6)


def test_topic_accuracy_looks_at_in_scope_messages_only() -> None:
    assert metrics.topic_accuracy(EXPECTED, PREDICTED) == pytest.approx(2 / 4)


def test_a_clarified_message_is_not_right() -> None:
    assert metrics.topic_accuracy(["rights", "rights"], ["rights", "clarified"]) == 0.5
    assert metrics.out_of_scope_recall(["out_of_scope"], ["clarified"]) == 0.0


def test_macro_f1_is_the_mean_over_the_expected_topics() -> None:
    # rights: precision 1, recall 1/2, F1 2/3; authority: 1/2, 1/2, 1/2; out_of_scope: 1/2, 1/2, 1/2
    assert metrics.macro_f1(EXPECTED, PREDICTED) == pytest.approx((2 / 3 + 1 / 2 + 1 / 2) / 3)


def test_out_of_scope_recall_and_wrongly_refused() -> None:
    assert metrics.out_of_scope_recall(EXPECTED, PREDICTED) == pytest.approx(1 / 2)
    assert metrics.wrongly_refused(EXPECTED, PREDICTED) == pytest.approx(1 / 4)


def test_clarified_share() -> None:
    assert metrics.clarified_share(PREDICTED) == pytest.approx(1 / 6)


def test_recall_at_k_and_mean_reciprocal_rank() -> None:
    ranks = [1, 2, None, 4]
    assert metrics.recall_at_k(ranks, 1) == 0.25
    assert metrics.recall_at_k(ranks, 2) == 0.5
    assert metrics.recall_at_k(ranks, 5) == 0.75
    assert metrics.mean_reciprocal_rank(ranks) == pytest.approx((1 + 1 / 2 + 0 + 1 / 4) / 4)


def test_expected_calibration_error_weighs_bins_by_their_size() -> None:
    # (0.9, 1]: confidence .95, accuracy 1/2; (0.2, 0.3]: confidence .3, accuracy 1
    confidences, right = [1.0, 0.9 + 1e-9, 0.3], [True, False, True]
    assert metrics.expected_calibration_error(confidences, right) == pytest.approx(2 / 3 * 0.45 + 1 / 3 * 0.7)


def test_a_perfectly_calibrated_bot_has_no_calibration_error() -> None:
    assert metrics.expected_calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0.0)


def test_calibration_bins_cover_both_ends() -> None:
    found = metrics.calibration_bins([0.0, 1.0], [False, True], bins=2)
    assert [entry.count for entry in found] == [1, 1]
    assert metrics.calibration_bins([0.9], [True], bins=2)[0].count == 0


def test_auroc_counts_pairs_in_the_right_order() -> None:
    # positives .9 and .4 against negatives .5 and .1: three of four pairs are in order
    assert metrics.auroc([0.9, 0.4, 0.5, 0.1], [True, True, False, False]) == pytest.approx(3 / 4)


def test_wilson_interval() -> None:
    # 95 of 100; the textbook's value
    low, high = metrics.wilson_interval(0.95, 100)
    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)
    assert metrics.wilson_interval(1.0, 10)[1] == 1.0


@pytest.mark.parametrize(
    "measure",
    [
        lambda: metrics.share([]),
        lambda: metrics.accuracy([], []),
        lambda: metrics.macro_f1([], []),
        lambda: metrics.topic_accuracy(["out_of_scope"], ["out_of_scope"]),
        lambda: metrics.out_of_scope_recall(["rights"], ["rights"]),
        lambda: metrics.mean_reciprocal_rank([]),
        lambda: metrics.expected_calibration_error([], []),
        lambda: metrics.calibration_bins([0.5], []),
        lambda: metrics.auroc([0.1], [True]),
        lambda: metrics.wilson_interval(0.5, 0),
    ],
)
def test_nothing_to_measure_is_an_error_and_no_number(measure) -> None:
    with pytest.raises(ValueError):
        measure()


# What a reply counts as ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "topic", "verdict"),
    [
        ("answer", "rights", Verdict.ANSWERED),
        ("checklist", "what_documents", Verdict.ANSWERED),
        ("smalltalk", "smalltalk", Verdict.ANSWERED),
        ("handoff", "human", Verdict.ANSWERED),
        ("clarify", "out_of_scope", Verdict.CLARIFIED),
        ("refusal", "out_of_scope", Verdict.REFUSED),
        ("refusal", "law_article", Verdict.REFUSED),
        ("answer", "out_of_scope", Verdict.REFUSED),
        ("error", "out_of_scope", Verdict.FAILED),
    ],
)
def test_the_type_and_topic_of_a_reply_give_the_verdict(type: str, topic: str, verdict: Verdict) -> None:
    assert verdict_of({"type": type, "topic": topic}) is verdict


def test_only_statements_need_citations() -> None:
    assert is_uncited({"type": "answer", "citations": []})
    assert is_uncited({"type": "checklist", "citations": []})
    assert not is_uncited({"type": "answer", "citations": [{"id": "000#p1"}]})
    assert not is_uncited({"type": "smalltalk", "citations": []})


def test_retrieval_is_right_with_an_answer_of_the_topic_or_an_article(content: Content) -> None:
    found = [
        Found("passage", "000#p1", 0.9, ""),
        Found("law", "sil:58", 0.8, ""),
        Found("question", "rights", 0.7, ""),
    ]
    assert rank_of_topic(found, "rights", content) == 3
    assert rank_of_topic(found, "law_article", content) == 2
    assert rank_of_topic(found, "pay_online", content) is None


# Fitting the thresholds ---------------------------------------------------------------------------------


def measured(topic: str, *ranking: tuple[str, float], verdict: Verdict = Verdict.ANSWERED) -> Measured:
    """A message of a topic with the scores of its labels, best first."""
    question = Question(f"{topic}-{ranking}", "text", topic, "plain")
    scores = tuple(Scored(label, score) for label, score in ranking)
    return Measured(question, verdict, ranking[0][0], ranking[0][1], False, (), scores, 1, 0.01)


SEPARABLE = [
    measured("rights", ("rights", 0.8)),
    measured("rights", ("rights", 0.7)),
    measured("authority", ("rights", 0.45), ("authority", 0.4)),
    measured("out_of_scope", ("rights", 0.2)),
    measured("out_of_scope", ("out_of_scope", 0.6), ("rights", 0.1)),
]


def test_fitting_answers_the_sure_asks_about_the_doubtful_and_refuses_the_rest() -> None:
    found = thresholds.fit(SEPARABLE)
    assert 0.45 < found.thresholds.answer <= 0.7
    assert 0.2 < found.thresholds.clarify <= 0.45
    assert found.in_scope_right == pytest.approx(2 / 3)
    assert found.out_of_scope_refused == 1.0
    assert found.wrongly_refused == 0.0
    assert found.objective == pytest.approx((1 + 1 + 0.3 + 2) / 5)


def test_fitting_rather_asks_back_than_refuses_what_is_in_scope() -> None:
    cases = [measured("rights", ("rights", 0.2)), *[measured("out_of_scope", ("rights", 0.3))] * 5]
    found = thresholds.fit(cases)
    assert found.keeps_limit
    assert found.thresholds.clarify <= 0.2


def test_a_limit_that_no_thresholds_can_keep_is_said() -> None:
    found = thresholds.fit([measured("rights", ("out_of_scope", 0.9)), measured("out_of_scope", ("rights", 0.3))])
    assert not found.keeps_limit


def test_no_message_is_wrongly_taken_for_a_wish_to_restart() -> None:
    cases = [
        *SEPARABLE,
        measured("out_of_scope", ("restart", 0.85), ("rights", 0.1)),
        measured("human", ("human", 0.95)),
    ]
    assert thresholds.state_changing_floor(cases) == pytest.approx(0.9)
    assert thresholds.fit(cases).thresholds.state_changing == pytest.approx(0.9)


def test_state_changing_intents_always_need_more_than_an_answer() -> None:
    assert thresholds.state_changing_floor(SEPARABLE) == 0.0
    fitted = thresholds.fit(SEPARABLE).thresholds
    assert fitted.state_changing > fitted.answer > fitted.clarify


def test_a_restart_is_the_right_reply_to_small_talk_that_asks_for_one() -> None:
    found = thresholds.evaluate(
        [measured("smalltalk", ("restart", 0.9)), measured("out_of_scope", ("emergency", 0.9))],
        Thresholds(answer=0.3, clarify=0.1, state_changing=0.5),
    )
    assert (found.in_scope_right, found.out_of_scope_refused) == (1.0, 1.0)


def test_thresholds_need_both_kinds_of_messages() -> None:
    with pytest.raises(ValueError, match="in scope and out of scope"):
        thresholds.fit([measured("rights", ("rights", 0.9))])


# The report ---------------------------------------------------------------------------------------------

SPLIT = [
    measured("rights", ("rights", 0.8), ("authority", 0.1)),
    measured("authority", ("authority", 0.3), verdict=Verdict.CLARIFIED),
    measured("out_of_scope", ("out_of_scope", 0.6), ("rights", 0.1), verdict=Verdict.REFUSED),
    measured("out_of_scope", ("rights", 0.7)),
]


def test_the_summary_has_every_metric() -> None:
    found = summarise(SPLIT)
    assert list(found) == [metric.key for metric in METRICS]
    assert found["topic_accuracy"] == 0.5
    assert found["out_of_scope_recall"] == 0.5
    assert found["right_when_answered"] == 0.5
    assert found["out_of_scope_answered"] == 0.5
    assert found["turn_median"] == pytest.approx(10.0)
    assert not any(math.isnan(value) for value in found.values())


def test_a_bot_that_answers_nothing_still_gets_a_summary() -> None:
    silent = [measured(entry.question.topic, ("rights", 0.1), verdict=Verdict.REFUSED) for entry in SPLIT]
    assert summarise(silent)["topic_accuracy"] == 0.0


def test_topics_are_listed_with_precision_the_worst_first() -> None:
    rows = {row.name: row for row in by_topic(SPLIT)}
    assert rows["rights"].precision == 0.5
    assert rows["rights"].f1 == pytest.approx(2 / 3)
    assert rows["authority"].precision is None
    assert next(iter(rows)) == "authority"


# matplotlib 3.5 (spaCy and Rasa allow no later one) calls pyparsing by its old names.
@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_the_report_shows_pictures_tables_and_every_wrong_message(tmp_path: Path) -> None:
    from bot.evaluation.report import Evaluation, write_report

    evaluation = Evaluation({"dev": SPLIT, "test": SPLIT}, Thresholds(0.3, 0.1, 0.5), "rev", "enc", ("Stale.",))
    write_report(evaluation, tmp_path, nearest=lambda _: Near("may i see my records", "rights", 0.5))
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    errors = (tmp_path / "errors.md").read_text(encoding="utf-8")
    values = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    for split in ("dev", "test"):
        for name in ("confusion", "scores", "reliability"):
            assert f"({name}_{split}.png)" in report
            assert (tmp_path / f"{name}_{split}.png").read_bytes().startswith(b"\x89PNG")
        assert f"## {split}: 2 of 4" in errors
        assert values["splits"][split]["passed"]["uncited"] is True
    assert "| topic accuracy | ≥ 0.9500 (zh 0.9300) | 0.5000 |" in report
    assert "**FAIL**" in report
    assert "**Stale.**" in report
    assert "got **clarified**" in errors
    assert "may i see my records" in errors

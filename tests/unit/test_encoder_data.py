"""What the encoder learns from: every English question once, with the most specific label known."""

from pathlib import Path

import pytest

from bot.encoder import data
from bot.encoder.__main__ import main
from bot.encoder.errors import EncoderBuildError

NLU = """
version: "3.1"
nlu:
- synonym: urban
  examples: |
    - town
- intent: payment_time
  examples: |
    - when do i pay
    - my mother is [67](age), when does she pay
    - 什么时候交医保
- intent: deny
  examples: |
    - no
"""
ANSWERS = """
topic: payment_time
title: {en: When to pay}
answers:
  - id: payment_time
    questions: {en: [when is the payment window]}
  - id: payment_time.missed
    questions: {en: [When do I  pay, "i missed the window"], zh: [错过了怎么办]}
"""
LAW = """
law: sil
articles:
  - number: "58"
    questions: {en: [within how many days must the boss register me]}
  - number: "59"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in {
        "data/nlu/a.yml": NLU,
        "knowledge/answers/b.yml": ANSWERS,
        "knowledge/law/c.yml": LAW,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def labels(project: Path) -> dict[str, str]:
    return {example.text: example.label for example in data.load(project).examples}


def test_questions_come_from_nlu_answers_and_law(project: Path) -> None:
    assert labels(project) == {
        "my mother is 67, when does she pay": "payment_time",
        "no": "deny",
        "when is the payment window": "payment_time",
        "When do I  pay": "payment_time.missed",
        "i missed the window": "payment_time.missed",
        "within how many days must the boss register me": "law_article.sil:58",
    }


def test_a_text_that_two_intents_claim_is_left_out_and_named(project: Path) -> None:
    (project / "data/nlu/d.yml").write_text(
        "nlu: [{intent: how_to_pay, examples: '- When do i pay'}]", encoding="utf-8"
    )
    found = data.load(project)
    assert found.ambiguous == ("when do i pay",)
    assert "When do I  pay" not in {example.text for example in found.examples}


def test_out_of_scope_texts_are_alike_only_within_one_answer() -> None:
    unsorted, weather = (data.Example("x", label, True) for label in ("out_of_scope", "out_of_scope.weather"))
    assert (weather.intent, weather.group, weather.pairable) == ("out_of_scope", "out_of_scope.weather", True)
    assert not unsorted.pairable


def test_the_digest_follows_the_questions_and_not_their_files(project: Path) -> None:
    before = data.load(project).sha256
    (project / "data/nlu/a.yml").rename(project / "data/nlu/z.yml")
    assert data.load(project).sha256 == before
    (project / "data/nlu/z.yml").write_text(NLU.replace("when do i pay", "when must i pay"), encoding="utf-8")
    assert data.load(project).sha256 != before


@pytest.mark.parametrize("content", ["a: b: c", "nlu: [{intent: x}]", "- a list"])
def test_a_broken_file_is_named(project: Path, content: str) -> None:
    (project / "data/nlu/a.yml").write_text(content, encoding="utf-8")
    with pytest.raises(EncoderBuildError, match=r"^data/nlu/a\.yml: "):
        data.load(project)


def test_dry_run_says_what_would_be_done_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(project), "--dry-run"]) == 0
    assert "6 questions with 4 labels in 3 files" in capsys.readouterr().out
    assert not (project / "knowledge/minilm").exists()


def test_an_empty_project_gives_one_line_of_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "no questions" in error

"""Chinese questions in the encoder's space: learnt from pairs, stored small, and known to be stale."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.encoder import chinese
from bot.encoder.chinese import Settings, fit, is_stale, measure
from bot.encoder.errors import EncoderBuildError
from bot.encoder.pairs import load_pairs
from knowledge.chinese_map import ChineseMap
from knowledge.encoder import ENCODER_PATH, Encoder
from knowledge.errors import EncoderError
from tests.fakes import FakeEncoder

PARTS = (
    {"how": "怎么", "where": "在哪里", "when": "什么时候"},
    {"pay": "缴费", "enrol": "参保", "claim": "报销", "file": "备案"},
)
TWINS = [
    (f"{one} {other}", f"{first}{second}") for one, first in PARTS[0].items() for other, second in PARTS[1].items()
]


@pytest.fixture(scope="module")
def made() -> ChineseMap:
    english = FakeEncoder().encode([one for one, _ in TWINS])
    return fit([other for _, other in TWINS], english, Settings(rarest=1))


def test_a_question_comes_to_lie_beside_its_english_twin(made: ChineseMap) -> None:
    scores = measure(made, [other for _, other in TWINS], FakeEncoder().encode([one for one, _ in TWINS]))
    assert (scores.recall_at_1, scores.pairs) == (1.0, 12)
    assert scores.mean_cosine > 0.9


def test_slips_and_traditional_characters_change_nothing(made: ChineseMap) -> None:
    assert made.vector("怎麼交費") @ made.vector("怎么缴费") == pytest.approx(1.0, abs=1e-5)


def test_every_text_has_a_vector_of_unit_length(made: ChineseMap) -> None:
    vectors = made.encode(["怎么缴费", "龘", "A股"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_a_map_is_what_was_saved_and_stays_on_the_disk(made: ChineseMap, tmp_path: Path) -> None:
    made.save(tmp_path)
    loaded = ChineseMap.load(tmp_path)
    assert isinstance(loaded.vectors, np.memmap)
    assert loaded.vector("在哪里报销") == pytest.approx(made.vector("在哪里报销"), abs=1e-6)


def test_a_damaged_map_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "chinese-vectors.npy").write_bytes(b"no array")
    with pytest.raises(EncoderError, match="make chinese-map"):
        ChineseMap.load(tmp_path)


# Pairs and manifest -------------------------------------------------------------------------------------


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def project(root: Path, chinese_examples: str = "    - 怎么缴费\n    - 在哪缴费\n") -> Path:
    nlu = "nlu:\n- intent: how_to_pay\n  examples: |\n"
    write(root / "data/nlu/paying.yml", nlu + "    - how do i pay\n    - where do i pay\n")
    write(root / "data/nlu/zh/paying.yml", nlu + chinese_examples)
    write(
        root / "knowledge/answers/rights.yml",
        "answers:\n- {id: rights, questions: {en: [my rights], zh: [我的权利]}}\n",
    )
    return root


def test_pairs_are_read_line_by_line(tmp_path: Path) -> None:
    found = [(pair.english, pair.chinese) for pair in load_pairs(project(tmp_path))]
    assert found == [("how do i pay", "怎么缴费"), ("where do i pay", "在哪缴费"), ("my rights", "我的权利")]


def test_sides_of_different_length_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(EncoderBuildError, match=r"zh/paying.yml: the intent 'how_to_pay' has 2 English and 1 Chinese"):
        load_pairs(project(tmp_path, "    - 怎么缴费\n"))


def test_the_map_is_stale_when_a_pair_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chinese, "_FEWEST", 1)
    root, folder = project(tmp_path / "project"), tmp_path / "minilm"
    shutil.copytree(ENCODER_PATH, folder)
    scores = chinese.make(root, folder, Settings(rarest=1, held_out=0.4))
    assert not is_stale(root, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["chinese"]["held_out"]["recall_at_1"] == scores.recall_at_1
    encoder = Encoder.load(folder)
    assert encoder.fingerprint != Encoder.load(folder, chinese=False).fingerprint
    near = encoder.encode(["怎么缴费", "how do i pay"])
    assert near[0] @ near[1] > 0.8

    write(
        root / "data/nlu/zh/paying.yml", "nlu:\n- intent: how_to_pay\n  examples: |\n    - 怎么缴费\n    - 去哪缴费\n"
    )
    assert is_stale(root, folder)


def test_a_map_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "minilm"
    shutil.copytree(ENCODER_PATH, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["chinese"] = {"model": "of another model"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(EncoderError, match="make chinese-map"):
        Encoder.load(folder)

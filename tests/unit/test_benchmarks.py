"""What README says of the benchmarks is what was measured, and both sides are measured on the same data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from benchmarks import projects, tables
from benchmarks.examples import read_examples
from benchmarks.passages import more
from knowledge.encoder import DIMENSION

README = tables.README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["stock", "scale"])
def test_the_table_in_readme_is_the_one_of_the_results(name: str) -> None:
    text = dict(tables.tables())[name]
    assert f"<!-- {name} -->\n{text}<!-- /{name} -->" in README
    assert (tables.RESULTS / f"{name}.md").read_text(encoding="utf-8") == text


def test_no_turn_of_the_comparison_failed() -> None:
    result = json.loads((tables.RESULTS / "stock.json").read_text(encoding="utf-8"))
    assert all(load["failed"] == 0 for side in ("stock", "yibao") for load in result[side]["loads"])


def test_both_sides_learn_the_same_examples(tmp_path: Path) -> None:
    projects.make_yibao(tmp_path / "yibao", 5)
    projects.make_stock(tmp_path / "stock", 5)
    yibao = read_examples(tmp_path / "yibao" / "data" / "nlu")
    stock = read_examples(tmp_path / "stock" / "data" / "nlu.yml")
    assert {intent: texts for intent, texts in yibao.items() if intent != "smalltalk"} == {
        intent: texts for intent, texts in stock.items() if not intent.startswith("smalltalk")
    }
    assert set(yibao["smalltalk"]) <= {text for texts in stock.values() for text in texts}
    assert all(len(texts) <= 5 for texts in yibao.values())


def test_stock_has_the_domain_the_rules_and_the_words_of_yibao(tmp_path: Path) -> None:
    projects.make_stock(tmp_path, 5)
    yaml = YAML(typ="safe")
    domain = yaml.load(tmp_path / "domain.yml")
    parts = [yaml.load(path) for path in (projects.ROOT / "bot" / "domain").glob("*.yml")]
    for name in ("intents", "slots", "forms", "actions", "entities"):
        assert sorted(domain[name]) == sorted(entry for part in parts for entry in part.get(name, ()))
    greeting = domain["responses"]["utter_smalltalk/smalltalk"][0]["custom"]
    assert greeting["type"] == "smalltalk" and greeting["text"].startswith("Hello.")
    files = (projects.ROOT / "data" / "stories").glob("*.yml")
    rules = {rule["rule"]: rule["steps"] for path in files for rule in yaml.load(path)["rules"]}
    learnt = {rule["rule"]: rule["steps"] for rule in yaml.load(tmp_path / "data" / "rules.yml")["rules"]}
    assert {name for name in rules if learnt[name] != rules[name]} == {"answer smalltalk"}
    assert [steps[0]["intent"] for name, steps in learnt.items() if name not in rules] == ["nlu_fallback"] * 2


def test_a_table_without_its_place_in_readme_is_reported() -> None:
    with pytest.raises(SystemExit, match=r"README\.md: no <!-- stock -->"):
        tables.put_between("no markers here", "stock", "table")


def test_made_passages_are_as_far_from_their_neighbours_as_real_ones() -> None:
    dice = np.random.default_rng(7)
    subjects = dice.standard_normal((40, DIMENSION))
    real = (subjects[dice.integers(40, size=4_000)] + dice.standard_normal((4_000, DIMENSION))).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    vectors, fit = more(real, 6_000)
    assert vectors.shape == (6_000, DIMENSION)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert fit.made[1] == pytest.approx(fit.real[1], abs=0.02)

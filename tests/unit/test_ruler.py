"""The phrase ruler finds what spaCy's entity ruler finds."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from bot.language.ruler import FACTORY

PHRASES = {
    "village": "household=agricultural",
    "village hukou": "household=agricultural hukou=yes",
    "hukou": "hukou=yes",
    "my mother in law": "person=mother_in_law",
    "my mother": "person=mother",
    "in law": "law=any",
    "i'm 4": "age=4",
}
TEXTS = [
    "",
    "nothing here",
    "village hukou village",
    "My mother has a Village Hukou, my mother in law has none",
    "i'm 4 and in law village",
    "hukou hukou hukou",
]


@pytest.fixture
def ours() -> spacy.Language:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe(FACTORY)
    ruler.add(([token.norm_ for token in nlp.make_doc(phrase)], "fact", name) for phrase, name in PHRASES.items())
    return nlp


@pytest.fixture
def spacys() -> spacy.Language:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "NORM", "overwrite_ents": True})
    ruler.add_patterns([{"pattern": phrase, "label": "fact", "id": name} for phrase, name in PHRASES.items()])
    return nlp


def entities(nlp: spacy.Language, text: str) -> list[tuple[int, int, str, str]]:
    return [(span.start, span.end, span.label_, span.ent_id_) for span in nlp(text).ents]


@pytest.mark.parametrize("text", TEXTS)
def test_entities_are_those_of_spacys_ruler(ours: spacy.Language, spacys: spacy.Language, text: str) -> None:
    assert entities(ours, text) == entities(spacys, text)


def test_a_saved_pipeline_loads_by_itself_and_finds_the_same(ours: spacy.Language, tmp_path: Path) -> None:
    ours.to_disk(tmp_path / "saved")
    loaded = spacy.load(tmp_path / "saved")
    assert [entities(loaded, text) for text in TEXTS] == [entities(ours, text) for text in TEXTS]


def test_of_two_phrases_with_the_same_norms_the_first_stays() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(FACTORY).add([(["without"], "negation", "not with"), (["without"], "negation", "not")])
    assert entities(nlp, "without") == [(0, 1, "negation", "not with")]

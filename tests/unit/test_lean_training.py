"""Training without Rasa's cache and copies starts from the same examples and gives a model that answers the same."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.runtime import lean_training, quiet

quiet.prepare()
import spacy  # noqa: E402
from rasa.engine.training import graph_trainer  # noqa: E402
from rasa.model_training import train  # noqa: E402
from rasa.nlu.tokenizers.spacy_tokenizer import SpacyTokenizer  # noqa: E402
from rasa.nlu.utils.spacy_utils import SpacyModel, SpacyNLP  # noqa: E402
from rasa.shared.importers.importer import (  # noqa: E402
    CombinedDataImporter,
    E2EImporter,
    ResponsesSyncImporter,
    TrainingDataImporter,
)
from rasa.shared.nlu.training_data.message import Message  # noqa: E402
from rasa.shared.nlu.training_data.training_data import TrainingData  # noqa: E402

_CHANGED: tuple[tuple[Any, str], ...] = (
    (graph_trainer, "TrainingHook"),
    (TrainingData, "merge"),
    (CombinedDataImporter, "get_nlu_data"),
    (ResponsesSyncImporter, "get_nlu_data"),
    (E2EImporter, "get_nlu_data"),
    (Message, "__hash__"),
    (SpacyNLP, "process_training_data"),
    (SpacyTokenizer, "process_training_data"),
)
_FILES = {
    "config.yml": "recipe: default.v1\nassistant_id: s\nlanguage: en\npipeline: []\npolicies: [{name: RulePolicy}]\n",
    "domain.yml": (
        "version: '3.1'\nintents: [pay, where]\n"
        "responses:\n  utter_pay: [{text: Here.}]\n  utter_faq/how: [{text: So.}]\n"
    ),
    "data/one.yml": (
        "version: '3.1'\nnlu:\n- intent: pay\n  examples: |\n    - how to pay\n    - pay\n    - how to pay\n"
        "- synonym: premium\n  examples: |\n    - fee\n- regex: year\n  examples: |\n    - \\d{4}\n"
    ),
    "data/two.yml": (
        "version: '3.1'\nnlu:\n- intent: where\n  examples: |\n    - where to pay\n    - in [Wuhan](town)\n"
        "- intent: pay\n  examples: |\n    - how to pay\n- lookup: town\n  examples: |\n    - Wuhan\n"
    ),
    "data/rules.yml": "version: '3.1'\nrules:\n- rule: pay\n  steps:\n  - intent: pay\n  - action: utter_pay\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small Rasa project, with doubles within a file and between two."""
    for name, text in _FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def lean(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes training lean until the test's end."""
    for owner, name in _CHANGED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    yield lean_training.install


def read(project: Path) -> list[TrainingData]:
    """What an importer gives, however it is asked."""
    importer = TrainingDataImporter.load_from_config(
        str(project / "config.yml"), str(project / "domain.yml"), [str(project / "data")]
    )
    return [importer.get_nlu_data(), importer.get_nlu_data("en"), importer.get_nlu_data(language="en")]


def examples(data: TrainingData) -> list[tuple[Any, ...]]:
    return [(one.get("text"), one.get("intent"), str(one.get("entities"))) for one in data.training_examples]


def test_the_examples_are_those_that_rasa_reads(project: Path, lean: Any) -> None:
    stock = read(project)[0]

    lean()
    first, *again = read(project)

    assert all(one is first for one in again)  # read once
    assert examples(first) == examples(stock)
    assert [text for text, *_ in examples(first) if text] == ["how to pay", "pay", "where to pay", "in Wuhan"]
    assert first.entity_synonyms == stock.entity_synonyms == {"fee": "premium"}
    assert first.regex_features == stock.regex_features
    assert first.lookup_tables == stock.lookup_tables
    assert first.responses == stock.responses
    assert first.fingerprint() == stock.fingerprint()


def test_messages_are_split_into_words_and_examples_are_not(lean: Any) -> None:
    text = {"text": "Where do I pay in Wuhan?"}
    nlp = SpacyNLP(SpacyModel(spacy.blank("en"), "blank"), {**SpacyNLP.get_default_config(), "case_sensitive": True})
    tokenizer = SpacyTokenizer(SpacyTokenizer.get_default_config())

    def split(message: Message) -> list[str]:
        tokenizer.process(nlp.process([message], nlp._model))
        return [word.text for word in message.get("text_tokens")]

    stock = split(Message(dict(text)))
    lean()
    data = TrainingData([Message(dict(text))])

    assert split(Message(dict(text))) == stock == ["Where", "do", "I", "pay", "in", "Wuhan", "?"]
    assert tokenizer.process_training_data(nlp.process_training_data(data, nlp._model)) is data
    assert data.training_examples[0].data == text


def test_the_model_is_the_one_that_rasa_trains(
    project: Path, lean: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(project / "cache"))

    def trained(name: str) -> dict[str, bytes]:
        result = train(
            str(project / "domain.yml"),
            str(project / "config.yml"),
            [str(project / "data")],
            str(project),
            force_training=True,
            fixed_model_name=name,
        )
        with tarfile.open(result.model) as model:
            files = {member.name: model.extractfile(member) for member in model if member.isfile()}
            return {name: file.read() for name, file in files.items() if file and name != "metadata.json"}

    stock = trained("stock")
    assert any((project / "cache").iterdir())
    kept = sorted((project / "cache").rglob("*"))

    lean()

    assert trained("lean") == stock
    assert sorted((project / "cache").rglob("*")) == kept  # nothing was put by for a next training

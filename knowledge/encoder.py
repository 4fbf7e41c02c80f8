"""Text to vectors with the shipped int8 ONNX model; no torch needed.

English is read by the model, Chinese by the map that lies beside it; both give vectors of one space.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.chinese import WORDS_PATH, has_chinese, language_of, settle
from knowledge.chinese_map import TABLE_FILE, VECTORS_FILE, ChineseMap
from knowledge.errors import EncoderError

Vectors = npt.NDArray[np.float32]
DIMENSION = 384
ENCODER_PATH = Path(__file__).parent / "minilm"
_THREADS = 2  # texts encoded side by side when many are asked for
_WORTH_THREADS = 8
_CACHE = 4096  # texts; one turn asks for the same sentence several times, and traffic repeats itself


class TextEncoder(Protocol):
    """What search and classifier need of an encoder."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors may change."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), 384), float32, unit length."""


class Encoder:
    """The fine-tuned all-MiniLM-L6-v2 behind ONNX Runtime, with the map of Chinese.

    Example:
        >>> encoder = Encoder.load()  # doctest: +SKIP
        >>> encoder.encode(["how do i pay"]).shape  # doctest: +SKIP
        (1, 384)
    """

    def __init__(self, session: Any, tokenizer: Any, fingerprint: str, chinese: ChineseMap | None = None) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._chinese = chinese
        self._fingerprint = fingerprint
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def load(cls, path: Path = ENCODER_PATH, *, chinese: bool = True) -> Encoder:
        """Load the artefact; without ``chinese``, the model alone.

        Raises:
            EncoderError: a file is missing or not what the manifest says.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        model, tokenizer_file = path / "model.onnx", path / "tokenizer.json"
        try:
            manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
            weights = model.read_bytes()
            tokenizer = Tokenizer.from_file(str(tokenizer_file))
        except (OSError, ValueError) as error:
            raise EncoderError(f"{path}: the encoder cannot be read ({error}). Restore the folder from git.") from error
        except Exception as error:  # tokenizers raises bare Exception on a damaged file
            raise EncoderError(f"{tokenizer_file}: damaged ({error}). Restore it from git.") from error
        digest = hashlib.sha256(weights).hexdigest()
        if digest != manifest["files"]["model.onnx"]:
            raise EncoderError(f"{model}: not the file that manifest.json describes. Restore it from git.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # short texts: less memory, no measured loss of time
        del weights
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        chinese_map = _chinese_map(path, manifest) if chinese else None
        fingerprint = digest[:12]
        if chinese_map is not None:
            words = hashlib.sha256(WORDS_PATH.read_bytes()).hexdigest()
            fingerprint += f"-{manifest['files'][VECTORS_FILE][:6]}{words[:6]}"
        return cls(session, tokenizer, fingerprint, chinese_map)

    @property
    def fingerprint(self) -> str:
        """First digits of the SHA-256 of the model, of the map of Chinese, and of the words it is read with."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), 384), float32, unit length."""
        with self._lock:
            known = {text: self._cache[text] for text in texts if text in self._cache}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            known.update(zip(fresh, self._run(fresh), strict=True))
            with self._lock:
                self._cache.update((text, known[text]) for text in fresh)
                while len(self._cache) > _CACHE:
                    self._cache.popitem(last=False)
        return np.stack([known[text] for text in texts]) if known else np.empty((0, DIMENSION), dtype=np.float32)

    def _run(self, texts: Sequence[str]) -> list[Vectors]:
        # One text a run: dynamic quantisation takes its scale from the whole run, so that company changes a vector.
        if len(texts) < _WORTH_THREADS:
            return [self._vector(text) for text in texts]
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(self._vector, texts))

    def _vector(self, text: str) -> Vectors:
        if has_chinese(text):
            text = settle(text)
            if self._chinese is not None and language_of(text) == "zh":
                return self._chinese.vector(text)
        ids = np.array([self._tokenizer.encode(text.lower()).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vector: Vectors = self._session.run(None, feed)[0][0]
        return vector


def _chinese_map(path: Path, manifest: dict[str, Any]) -> ChineseMap | None:
    """The map of Chinese; none where the encoder was made without one.

    Raises:
        EncoderError: it belongs to another model, or is not what the manifest says.
    """
    made = manifest.get("chinese")
    if made is None:
        return None
    if made["model"] != manifest["files"]["model.onnx"]:
        raise EncoderError(f"{path}: the map of Chinese was learnt for another model. Run `make chinese-map`.")
    for name in (TABLE_FILE, VECTORS_FILE):
        try:
            digest = hashlib.sha256((path / name).read_bytes()).hexdigest()
        except OSError as error:
            raise EncoderError(f"{path / name}: cannot be read ({error}). Restore the folder from git.") from error
        if digest != manifest["files"].get(name):
            raise EncoderError(f"{path / name}: not the file that manifest.json describes. Restore it from git.")
    return ChineseMap.load(path)

"""From a sentence-transformers model to the files that the assistant serves: int8 ONNX and tokenizer."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from bot.encoder.errors import EncoderBuildError

Vectors = npt.NDArray[np.float32]
DIMENSION = 384
OPSET = 18  # understood by every onnxruntime since 1.14; the assistant's lock file has 1.23.2
MAX_TOKENS = 128
"""The original model was trained on 128 tokens. The longest source passage has 89, so nothing is cut, and
who tells a story before asking is heard to the end; a short question costs the same either way."""


class SentenceVector(torch.nn.Module):
    """BERT, mean over the real tokens, unit length: one graph from token ids to the served vector."""

    def __init__(self, bert: torch.nn.Module) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Token ids and mask, both (batch, tokens) int64, to vectors (batch, 384) float32 of unit length."""
        weights = attention_mask.to(torch.float32)
        bias = (1.0 - weights)[:, None, None, :] * -10_000.0  # a 4-D mask is used as it is: no mask-making operators
        states = self.bert(
            input_ids=input_ids, attention_mask=bias, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state
        mean = (states * weights[:, :, None]).sum(dim=1) / weights.sum(dim=1, keepdim=True)
        return torch.nn.functional.normalize(mean, dim=1)


def export_fp32(model: SentenceTransformer, path: Path) -> None:
    """Write the model as one ONNX file from `input_ids` and `attention_mask` to `sentence_embedding`."""
    ids = torch.tensor([[101, 2129, 2079, 1045, 3477, 102], [101, 7632, 102, 0, 0, 0]])
    mask = (ids != 0).to(torch.int64)
    axes = {0: "batch", 1: "tokens"}
    with _quietly():
        torch.onnx.export(
            SentenceVector(model[0].auto_model).eval(),
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_shapes=(axes, axes),
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    _strip_build_traces(path)


def quantise(source: Path, target: Path) -> None:
    """Dynamic int8 quantisation per channel: a quarter of the size, two to three times as fast.

    Weights use 7 of the 8 bits (`reduce_range`): without VNNI, x86 adds pairs of products in 16 bits, which
    full 8-bit weights overflow, so that vectors would differ from machine to machine.
    """
    with _quietly():
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    _strip_build_traces(target)


def write_tokenizer(source: Path, target: Path) -> None:
    """Write the tokenizer with truncation at MAX_TOKENS and no padding: texts are served one at a time."""
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    tokenizer.save(str(target), pretty=False)


class OnnxEncoder:
    """Serves exported files the way the assistant does, for measuring.

    Texts run one at a time: dynamic quantisation takes its scale from everything in a run, so the same text
    would get slightly different vectors (cosine about .99) in the company of others.
    """

    def __init__(self, model: Path, tokenizer: Path, *, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), 384), float32, unit length."""
        vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
        for row, text in enumerate(texts):
            ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
            vectors[row] = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return vectors


def check_same(expected: Vectors, actual: Vectors, *, floor: float, what: str) -> float:
    """The lowest cosine between rows of two arrays of unit vectors, (n, 384) each.

    Raises:
        EncoderBuildError: it is below `floor`, so `what` has damaged the model.
    """
    lowest = float((expected * actual).sum(axis=1).min())
    if not lowest >= floor:
        raise EncoderBuildError(f"{what}: lowest cosine {lowest:.4f}, expected {floor} or more. Not written.")
    return lowest


def _strip_build_traces(path: Path) -> None:
    """Drop stack traces and paths of the building machine, so that the same weights give the same bytes."""
    model = onnx.load(path)
    model.producer_version = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        value.doc_string = ""
        del value.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The exporters tell their inner life in warnings, logs and prints; none of it asks for action."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)

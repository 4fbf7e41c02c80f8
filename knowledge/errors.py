"""What can go wrong in the knowledge, as one tree.

KnowledgeError
├── ContentError      a content file is broken: names file, line, and the mend
├── EncoderError      the encoder artefact is missing or damaged
└── IndexUnusable     the stored index is stale, truncated or foreign (it is rebuilt, never served)
"""

from __future__ import annotations

from dataclasses import dataclass


class KnowledgeError(Exception):
    """Base of all errors of this package; its text is one line for a person to act on."""


@dataclass(frozen=True)
class Problem:
    """One finding in a content file: where it is, what is wrong, how to mend it."""

    file: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} Mend: {self.mend}"


class ContentError(KnowledgeError):
    """Content that cannot be served; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class EncoderError(KnowledgeError):
    """The encoder artefact is missing, damaged or of an unknown kind."""


class IndexUnusable(KnowledgeError):
    """The stored index does not belong to this content and encoder, or is damaged."""

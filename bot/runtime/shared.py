"""What one process has one of: the encoder. Loaded at first use, never at import."""

from __future__ import annotations

from functools import lru_cache

from knowledge.encoder import Encoder


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The shipped encoder; components and actions share its cache, so a sentence is encoded once a turn."""
    return Encoder.load()

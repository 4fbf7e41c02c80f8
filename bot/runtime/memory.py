"""Keeping the process small and its start short: one arena, no collection while loading, free pages given back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ARENA_MAX = -8  # M_ARENA_MAX of mallopt(3)


@contextmanager
def loading() -> Iterator[None]:
    """Around what loads what lives as long as the process.

    Nothing is collected meanwhile, and what was loaded is never looked at again: there is hardly any garbage among it,
    and its pages stay shared between workers. Free pages are given back at the end. Where the C library is another
    than glibc, its memory is left alone.
    """
    library = _glibc()
    if library is not None:
        library.mallopt(_ARENA_MAX, 1)
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
        if library is not None:
            library.malloc_trim(0)
    finally:
        if collects:
            gc.enable()


def _glibc() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") else None

"""Keeping the process small: glibc is told to use one arena, and to give back what loading has left."""

from __future__ import annotations

import ctypes
import gc

_ARENA_MAX = -8  # M_ARENA_MAX of mallopt(3)


def use_one_arena() -> None:
    """Call early; does nothing where the C library is another."""
    library = _glibc()
    if library is not None:
        library.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Call after loading: collects what is garbage, returns free pages, and never looks at what is left again.

    What was loaded lives as long as the process; leaving it out of later collections also keeps its pages shared
    between workers.
    """
    gc.collect()
    gc.freeze()
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") else None

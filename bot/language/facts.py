"""A fact as the passes hand it on."""

from __future__ import annotations

from dataclasses import dataclass

Value = str | int | bool


@dataclass(eq=False)
class Fact:
    """Something said at words ``start`` to ``end`` (exclusive).

    ``weak`` facts give way to others of the same kind about the same person; ``rejected`` ones were said not to be so;
    ``if_denied`` ones count only where they are denied ("no job"); ``mends`` ones take the place of a slip before them.
    """

    entity: str
    value: Value
    start: int
    end: int
    person: str | None = None
    hedged: bool = False
    weak: bool = False
    rejected: bool = False
    if_denied: bool = False
    mends: bool = False

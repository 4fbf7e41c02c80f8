"""``yibao search``: what the index finds for a question."""

from __future__ import annotations

from rich.table import Table

from bot.commands.console import console, messages, progress_bar
from bot.runtime import paths
from bot.runtime.shared import encoder
from knowledge.library import Library


def search(text: str, *, top: int) -> None:
    """Print score, kind, id and excerpt of the best things."""
    with progress_bar("Opening the index") as progress:
        library = Library.open(paths.INDEX, encoder(), progress=progress, report=messages.print)
    table = Table("score", "kind", "id", "excerpt")
    for found in library.search.search(text, top=top):
        table.add_row(f"{found.score:.3f}", found.kind, found.id, found.excerpt)
    console.print(table)

"""``yibao train``: knowledge checked, language model, index and bot made, each only if something changed."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.commands.console import messages, progress_bar, working
from bot.runtime import training
from knowledge.check import check_content
from knowledge.errors import ContentError


def train(*, force: bool = False) -> None:
    """Make everything that serving needs.

    Raises:
        ContentError: the content has problems; nothing is replaced, what was built stays.
    """
    _step("Checking the knowledge", _check)
    _step("Making the language model", training.make_language_model)
    with progress_bar("Building the index") as progress:
        started = time.perf_counter()
        content = training.make_index(progress=progress)
    _done(f"Index of knowledge revision {content.revision}", started)
    if not force and training.is_trained():
        messages.print("[green]✓[/] The bot is up to date.")
        return
    _step("Training the bot", training.train_bot)


def _check() -> None:
    problems = check_content()
    if problems:
        raise ContentError(problems)


def _step(what: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    with working(f"{what} …"):
        work()
    _done(what, started)


def _done(what: str, started: float) -> None:
    messages.print(f"[green]✓[/] {what} [dim]({time.perf_counter() - started:.1f} s)[/]")

"""``yibao knowledge check``."""

from __future__ import annotations

from bot.commands.console import console, working
from bot.encoder.chinese import is_stale
from bot.encoder.errors import EncoderBuildError
from bot.runtime import paths
from bot.runtime.shared import encoder
from knowledge.check import check_content
from knowledge.errors import Problem
from knowledge.models import LANGUAGES


def check(*, fast: bool) -> bool:
    """Print every problem; returns whether there is none."""
    with working("Checking the knowledge …"):
        problems = check_content(encoder=None if fast else encoder(), languages=LANGUAGES)
        problems += _stale_map()
    for problem in problems:
        console.print(
            f"[bold]{problem.file}:{problem.line}[/] {problem.what} [dim]Mend: {problem.mend}[/]",
            highlight=False,
        )
    console.print(f"{len(problems)} problems." if problems else "[green]✓[/] The knowledge is in order.")
    return not problems


def _stale_map() -> list[Problem]:
    """The map of Chinese, if the question pairs are others than those it was learnt from."""
    try:
        if not is_stale(paths.ROOT):
            return []
        what, mend = "The map of Chinese was learnt from other question pairs.", "Run `make chinese-map`."
    except EncoderBuildError as error:
        what, mend = str(error), "Then run `make chinese-map`."
    return [Problem("minilm/manifest.json", 1, what, mend)]

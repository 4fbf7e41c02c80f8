"""``yibao knowledge check``."""

from __future__ import annotations

from bot.commands.console import console, working
from bot.runtime.shared import encoder
from knowledge.check import check_content


def check(*, fast: bool) -> bool:
    """Print every problem; returns whether there is none."""
    with working("Checking the knowledge …"):
        problems = check_content(encoder=None if fast else encoder())
    for problem in problems:
        console.print(
            f"[bold]{problem.file}:{problem.line}[/] {problem.what} [dim]Mend: {problem.mend}[/]",
            highlight=False,
        )
    console.print(f"{len(problems)} problems." if problems else "[green]✓[/] The knowledge is in order.")
    return not problems

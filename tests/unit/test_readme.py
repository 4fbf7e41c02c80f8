"""The README names every command, option, make target and setting, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bot.cli import yibao

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def commands(group: click.Group, prefix: str = "yibao") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found |= commands(command, path) if isinstance(command, click.Group) else {path: command}
    return found


def test_every_command_is_in_the_table() -> None:
    for path in commands(yibao):
        assert f"| `{path}` |" in README, path


def test_every_command_named_exists() -> None:
    first_words = {path.split()[1] for path in commands(yibao)}
    named = set(re.findall(r"`(?:\.venv/bin/)?yibao ([a-z-]+)", README))
    assert named <= first_words, named - first_words


def test_every_option_named_exists() -> None:
    known = {option for command in commands(yibao).values() for one in command.params for option in one.opts}
    named = set(re.findall(r"`(--[a-z-]+)", README)) - {"--help"}
    assert named <= known, named - known


def test_every_make_target_is_named_and_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)\b", README))
    code = {target for target in named if f"`make {target}" in README or f"\nmake {target}" in README}
    assert code <= targets, code - targets
    assert targets - {"help"} <= code, targets - {"help"} - code


def test_every_setting_is_named() -> None:
    used: set[str] = set()
    for folder in ("bot", "knowledge", "actions"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r"YIBAO_[A-Z_]+", path.read_text(encoding="utf-8")))
    assert used == set(re.findall(r"YIBAO_[A-Z_]+", README))


def test_every_path_named_exists() -> None:
    for path in re.findall(r"`((?:bot|data|actions|knowledge|tests)/[\w./<>-]*)`", README):
        if "<" not in path:
            assert (ROOT / path).exists(), path


def test_every_command_has_help_with_an_example() -> None:
    for path, command in commands(yibao).items():
        assert "Example" in (command.help or ""), path

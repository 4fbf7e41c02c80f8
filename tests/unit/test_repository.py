"""What holds of the repository as a whole: lock files, Makefile, CI, and no trace of a machine."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
_NOT_IN_THE_REPOSITORY = {"build", "models", "__pycache__", "node_modules", "dist"}
_PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
# Homes of people, and the workplaces of this project's developers.
_MACHINE = re.compile(r"(?<![\w.])/(?:home/\w+|Users/\w+|root|work)/")
_STEPS_IN_ORDER = [
    "ruff format --check",
    "ruff check",
    "mypy",
    "pytest tests/unit",
    "yibao knowledge check",
    "yibao rasa data validate",
    "yibao train",
    "python -m bot.runtime.surfaces",
    "pytest tests/conversations",
    "pytest tests/browser",
]


def text_files() -> Iterator[tuple[Path, str]]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if _is_in_the_repository(name)]
        for name in names:
            path = Path(folder, name)
            if name == ".git":  # where this is a second working tree, the file names the first
                continue
            try:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def _is_in_the_repository(folder: str) -> bool:
    hidden = folder.startswith(".") and folder != ".ci"  # environments and caches of tools
    return not hidden and not folder.endswith(".egg-info") and folder not in _NOT_IN_THE_REPOSITORY


def make(*arguments: str) -> str:
    # Run from within `make test`, this make must not take that one's settings for its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    ran = subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return ran.stdout


def pinned(lock: str) -> dict[str, str]:
    return dict(_PINNED.findall((ROOT / lock).read_text()))


# ---- lock files ----


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_index_address(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "http://" not in text
    assert "https://" not in text
    assert not re.search(r"^\s*(-i|-f|--\w*index-url|--find-links)\b", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_file_has_a_hash(lock: str) -> None:
    entries = re.findall(r"^\S+==.*\n(?:\s+--hash.*\n?)*", (ROOT / lock).read_text(), re.MULTILINE)

    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_tests_run_on_the_packages_that_the_assistant_runs_on() -> None:
    running, testing = pinned("requirements.lock"), pinned("requirements-test.lock")

    assert {name: testing.get(name) for name in running} == running


@pytest.mark.parametrize("package", ["tensorflow", "keras", "torch", "transformers", "huggingface-hub", "sympy"])
def test_the_assistant_runs_without(package: str) -> None:
    assert package not in pinned("requirements.lock")


def test_setuptools_is_locked_since_it_installs_the_project_without_network() -> None:
    assert pinned("requirements.lock")["setuptools"].startswith("70.")


# ---- make and continuous integration ----


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = {name for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for name in line.split()}

    listed = dict(re.findall(r"^make (\S+) +(\S.*)$", make(), re.MULTILINE))

    assert set(listed) == targets
    assert {"run", "test", "encoder", "lock", "evaluate", "format", "clean"} <= targets


def test_make_test_goes_from_quick_to_slow_and_ends_in_the_browser() -> None:
    commands = [line for line in make("--dry-run", "test").splitlines() if line.startswith(".venv")]

    assert [line.removeprefix(".venv/bin/").removesuffix(" .") for line in commands] == _STEPS_IN_ORDER


def test_make_run_sets_up_builds_and_serves() -> None:
    commands = make("--dry-run", "run").splitlines()

    assert "bot/runtime/bootstrap.py" in commands[0]
    assert commands[-1] == ".venv/bin/yibao serve"
    at_the_same_time = {".venv/bin/yibao train", ".venv/bin/python -m bot.runtime.surfaces"}
    assert at_the_same_time < set(commands[1:-1])


def test_continuous_integration_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert re.search(r"^(exec )?make test\b", script.read_text(), re.MULTILINE)


# ---- the files ----


def test_no_file_names_a_path_of_a_developers_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), start=1)
        if _MACHINE.search(line)
    ]

    assert found == []


def test_the_licence_and_the_notice_are_there() -> None:
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text()
    assert "knowledge/minilm" in (ROOT / "NOTICE").read_text()

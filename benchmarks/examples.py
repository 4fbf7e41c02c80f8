"""The project's training examples, read from its NLU files."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML


def read_examples(folder: Path) -> dict[str, list[str]]:
    """Intent to its examples, in the order of the files; ``folder`` may be one file."""
    examples: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.yml")) or [folder]:
        for group in YAML(typ="safe").load(path)["nlu"]:
            if "intent" in group:
                lines = (line.strip() for line in group["examples"].splitlines())
                examples.setdefault(group["intent"], []).extend(line[2:] for line in lines if line.startswith("- "))
    return examples

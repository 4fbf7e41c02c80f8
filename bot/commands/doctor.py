"""``yibao doctor``: what is installed, built or stale, and how to mend it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table

from bot.commands.console import console
from bot.encoder.chinese import is_stale
from bot.encoder.errors import EncoderBuildError
from bot.runtime import paths, training
from bot.runtime.shared import encoder
from knowledge.content import load_content
from knowledge.errors import ContentError, EncoderError, IndexUnusable
from knowledge.index import expected_manifest, load_index

_PACKAGES = ("rasa", "rasa-sdk", "spacy", "faiss-cpu", "onnxruntime", "tokenizers")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, how it stands, and what to do where it is not well."""

    what: str
    state: str
    mend: str = ""


def examine() -> bool:
    """Print all findings; returns whether everything is well."""
    findings = list(_findings())
    table = Table("", "what", "state", "what to do")
    for finding in findings:
        table.add_row("[red]✗[/]" if finding.mend else "[green]✓[/]", finding.what, finding.state, finding.mend)
    console.print(table)
    return not any(finding.mend for finding in findings)


def _findings() -> Iterator[Finding]:
    yield Finding("Python", platform.python_version())
    for package in _PACKAGES:
        try:
            yield Finding(package, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(package, "not installed", "make run")
    present = importlib.util.find_spec("tensorflow") is not None
    yield Finding("TensorFlow", "installed (not needed)" if present else "absent, as intended")
    try:
        yield Finding("encoder", encoder().fingerprint)
    except EncoderError as error:
        yield Finding("encoder", str(error), "git checkout knowledge/minilm")
        return
    try:
        stale = is_stale(paths.ROOT)
        yield Finding("map of Chinese", "stale" if stale else "up to date", "make chinese-map" if stale else "")
    except EncoderBuildError as error:
        yield Finding("map of Chinese", str(error), "make chinese-map")
    try:
        content = load_content()
    except ContentError as error:
        yield Finding("knowledge", f"{len(error.problems)} problems", "yibao knowledge check")
        return
    yield Finding("knowledge", f"revision {content.revision}, {len(content.answers)} answers")
    try:
        index = load_index(paths.INDEX, expected_manifest(content, encoder()))
        yield Finding("index", f"up to date, {len(index.entries)} entries")
    except IndexUnusable as reason:
        yield Finding("index", str(reason), "yibao train (or just start: it is rebuilt)")
    yield (Finding("bot", "trained, up to date") if training.is_trained() else Finding("bot", "stale", "yibao train"))

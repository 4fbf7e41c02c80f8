"""From content and examples to a trained bot: only what changed is made anew."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from bot.runtime import paths, quiet
from bot.runtime.shared import encoder
from knowledge.content import Content, load_content
from knowledge.index import Progress, open_index

_STAMP = paths.MODEL.with_suffix(".stamp")
Report = Callable[[str], None]


def make_language_model() -> None:
    """Save the spaCy pipeline that Rasa loads, if its patterns changed."""
    from bot.language import pipeline

    stamp = paths.LANGUAGE_MODEL.with_suffix(".stamp")
    wanted = _hash(
        [*_files(paths.ROOT / "bot" / "language", "**/*.py"), *_files(paths.ROOT / "bot" / "language", "**/*.yml")]
    )
    if stamp.exists() and stamp.read_text() == wanted and paths.LANGUAGE_MODEL.exists():
        return
    paths.LANGUAGE_MODEL.parent.mkdir(parents=True, exist_ok=True)
    pipeline.build(paths.LANGUAGE_MODEL)
    stamp.write_text(wanted)


def make_index(*, progress: Progress | None = None, report: Report | None = None) -> Content:
    """Build the index if the content or the encoder changed.

    Raises:
        ContentError: the content is broken.
    """
    content = load_content()
    open_index(paths.INDEX, content, encoder(), progress=progress, report=report)
    return content


def bot_fingerprint() -> str:
    """Changes whenever the bot must be trained anew."""
    from bot.components.stored_questions import questions_fingerprint

    root = paths.ROOT
    return _hash(
        [
            paths.CONFIG,
            *_files(paths.DOMAIN, "*.yml"),
            *_files(paths.DATA, "**/*.yml"),
            *_files(root / "bot" / "components", "*.py"),
            *_files(root / "bot" / "language", "**/*.py"),
            *_files(root / "bot" / "language", "**/*.yml"),
        ],
        encoder().fingerprint,
        questions_fingerprint(),
    )


def is_trained() -> bool:
    """Whether the trained bot is up to date."""
    return paths.MODEL.exists() and _STAMP.exists() and _STAMP.read_text() == bot_fingerprint()


def train_bot() -> None:
    """Train with Rasa and put the model in place in one step.

    Raises:
        RuntimeError: Rasa could not train.
    """
    quiet.prepare()
    os.chdir(paths.ROOT)
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(paths.BUILD / "rasa-cache"))
    from rasa.model_training import train

    from bot.runtime import lean_training

    lean_training.install()

    folder = paths.MODEL.parent
    folder.mkdir(parents=True, exist_ok=True)
    fresh = f"fresh-{os.getpid()}"
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # bars that no terminal needs
        result = train(
            domain=str(paths.DOMAIN),
            config=str(paths.CONFIG),
            training_files=[str(paths.DATA)],
            output=str(folder),
            fixed_model_name=fresh,
            force_training=True,
        )
    if result.model is None or not Path(result.model).exists():
        raise RuntimeError(
            f"Rasa did not produce a model (code {result.code}). Run `yibao rasa train --debug` to see why."
        )
    Path(result.model).replace(paths.MODEL)
    _STAMP.write_text(bot_fingerprint())


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def _hash(files: Iterable[Path], *more: str) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(paths.ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    for text in more:
        digest.update(text.encode())
    return digest.hexdigest()

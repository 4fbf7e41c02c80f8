"""``yibao rasa …``: Rasa's own command line on this project, without TensorFlow and without telemetry."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from bot.runtime import paths, quiet, training

# Rasa looks for these in the working directory; here they stand in bot/ and data/.
_DEFAULTS = {"--domain": paths.DOMAIN, "--config": paths.CONFIG, "--data": paths.DATA}
_TAKES = {
    ("data", "validate"): ("--domain", "--config", "--data"),
    ("train",): ("--domain", "--config", "--data"),
}


def run(arguments: Sequence[str]) -> None:
    """Run the command; the project's files are named for it where it takes them and they were not given."""
    quiet.prepare()
    training.make_language_model()
    os.chdir(paths.ROOT)
    from rasa.__main__ import main

    sys.argv = ["rasa", *arguments, *_project_files(arguments)]
    main()


def _project_files(arguments: Sequence[str]) -> list[str]:
    for command, options in _TAKES.items():
        if tuple(arguments[: len(command)]) == command:
            return [part for option in options if option not in arguments for part in (option, str(_DEFAULTS[option]))]
    return []

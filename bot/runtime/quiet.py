"""Settings that must hold before Rasa is imported: no telemetry, no crash reports, no user text in logs."""

from __future__ import annotations

import importlib
import logging
import os
import warnings
from contextlib import suppress

_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SENTRY_DSN": "",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SANIC_WORKERS": "1",
}


def prepare(level: int = logging.WARNING) -> None:
    """Call first in every process that imports Rasa."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"

    # Rasa's pinned dependencies warn of each other's age, and set filters of their own while they are imported.
    warnings.showwarning = lambda *_args, **_kwargs: None

    from bot.runtime import postponed, tensorflow_stand_in

    with suppress(ImportError):  # sanic asks for distutils; setuptools would bring its own, and itself, for it
        importlib.import_module("_distutils_hack").remove_shim()
    postponed.install()
    tensorflow_stand_in.install()

    from rasa import telemetry
    from rasa.utils.log_utils import configure_structlog

    telemetry.is_telemetry_enabled = lambda: False  # covers crash reports as well
    configure_structlog(level)
    logging.getLogger("rasa").setLevel(max(level, logging.WARNING))
    # A digression from a form is reported by Rasa as an error; it is the ordinary course of a conversation.
    logging.getLogger("rasa.core.actions.action").setLevel(logging.CRITICAL)

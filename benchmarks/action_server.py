"""Rasa's action server with yibao's actions: what the stock assistant calls over HTTP.

    python -m benchmarks.action_server --port 5055

Runs in the folder of a yibao project and its environment; the knowledge index must have been built there. The server is
the SDK's own; only how it comes by the actions differs, since these are given a library.
"""

from __future__ import annotations

import argparse
from types import ModuleType

from rasa_sdk import endpoint
from rasa_sdk.executor import ActionExecutor

from actions.registry import all_actions
from bot.runtime import paths
from bot.runtime.shared import encoder
from knowledge.library import Library


class Executor(ActionExecutor):
    """The SDK's executor, with the actions of the registry instead of those that it finds in a package."""

    def register_package(self, package: str | ModuleType) -> None:  # noqa: ARG002
        """Called by the server once, as it is made."""
        for action in all_actions(Library.open(paths.INDEX, encoder())):
            self.register_action(action)


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=5055, help="(%(default)s)")
    endpoint.ActionExecutor = Executor
    endpoint.run("actions", port=parser.parse_args().port)


if __name__ == "__main__":
    main()

"""One really trained bot for all conversations, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from bot.runtime import training
from bot.runtime.assistant import Assistant

TODAY = date(2026, 11, 22)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unmet", action="store_true", help="play the conversations of tests/eval/conversations")


class Calendar:
    """The day on which the bot believes to be."""

    def __init__(self) -> None:
        self.today = TODAY

    def __call__(self) -> date:
        return self.today


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture(scope="session")
def assistant(calendar: Calendar) -> Iterator[Assistant]:
    training.make_language_model()
    if not training.is_trained():
        training.train_bot()
    yield Assistant.load(clock=calendar)

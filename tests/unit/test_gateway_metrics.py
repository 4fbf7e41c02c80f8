"""Figures of the running server, for those who watch it."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest

from bot.channels.settings import SettingError, Settings
from knowledge.library import Library
from tests.gateway import PromptAssistant, serving, settings

NOBODY = (ipaddress.ip_network("192.0.2.0/24"),)


def value(text: str, pattern: str) -> float:
    found = re.search(rf"^{pattern} (\S+)$", text, re.MULTILINE)
    assert found, text
    return float(found[1])


def test_turns_are_counted_by_channel_outcome_topic_and_language(library: Library, tmp_path: Path) -> None:
    with serving(PromptAssistant(library), settings(tmp_path)) as visitor:
        visitor.agree()
        visitor.say("When do I have to pay?")
        visitor.say("And the weather?")
        figures = visitor.get("/metrics").text

    assert (
        value(figures, r'yibao_turns_total\{channel="chat",language="en",outcome="answer",topic="payment_time"\}') == 1
    )
    assert (
        value(figures, r'yibao_turns_total\{channel="chat",language="en",outcome="refusal",topic="out_of_scope"\}') == 1
    )
    assert value(figures, r'yibao_turn_seconds_count\{channel="chat"\}') == 2
    assert value(figures, r'yibao_confidence_bucket\{le="1.0",topic="payment_time"\}') == 1


def test_nothing_of_what_is_said_stands_in_the_figures(library: Library, tmp_path: Path) -> None:
    with serving(PromptAssistant(library), settings(tmp_path)) as visitor:
        visitor.agree().say("When does Zhang Wenli from Yulin pay?")
        figures = visitor.get("/metrics").text

    assert "Zhang" not in figures and "Yulin" not in figures


def test_the_figures_are_for_those_who_watch_the_server_only(library: Library, tmp_path: Path) -> None:
    with serving(PromptAssistant(library), settings(tmp_path, monitors=NOBODY)) as visitor:
        assert visitor.get("/metrics").status == 404


def test_who_may_watch_is_a_setting() -> None:
    assert Settings.read({"YIBAO_MONITORS": "192.0.2.0/24"}).monitors == NOBODY
    with pytest.raises(SettingError, match="YIBAO_MONITORS"):
        Settings.read({"YIBAO_MONITORS": "everybody"})

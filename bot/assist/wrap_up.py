"""The wrap-up of a call: drafted from topics, facts, the cards that were used, and what was left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.assist.calls import USED, Call, Turn
from bot.assist.listening import OPEN
from bot.assist.panel import panel
from knowledge.library import Library

_TEXTS = Path(__file__).parent / "texts"
_SOURCES = 3  # named for one answer; the first are those of its first sentence


def wrap_up(
    call: Call,
    turns: Sequence[Turn],
    cards: Sequence[Mapping[str, Any]],
    marks: Mapping[str, Mapping[str, bool]],
    library: Library,
) -> str:
    """The draft in the call's language, for the agent to edit."""
    used = [card for card in cards if any(marks.get(card["id"], {}).get(kind) for kind in USED)]
    replaced = {card["replaces"] for card in used}
    last = [card for card in used if card["id"] not in replaced]
    titles = library.content.topic_titles
    topics = dict.fromkeys(card["reply"]["topic"] for card in cards if _position(card, cards) == 0)
    composer = library.composer(call.language)
    shown = panel(call.state, library)
    composed = _templates().get_template(f"wrap_up.{call.language}.txt").render(
        topics=[titles[topic].get(call.language) for topic in topics if topic in titles],
        person=shown["person"],
        facts=[row["text"] for row in shown["facts"] if row["by"] not in (None, "conclusion")],
        answered=[{"say": _say(card), "sources": composer.source_names(_cited(card))[:_SOURCES]} for card in last],
        papers=_papers(last[-1]["reply"]) if last else [],
        open=[turn.text for turn in turns if turn.silence in OPEN],
    )  # fmt: skip
    return composed.strip() + " "


def _position(card: Mapping[str, Any], cards: Sequence[Mapping[str, Any]]) -> int:
    return [other["id"] for other in cards if other["turn"] == card["turn"]].index(card["id"])


def _papers(reply: Mapping[str, Any]) -> list[str]:
    """What is needed of the list that a reply names; nothing of one that is not for this person."""
    if not any(block["kind"] == "documents" for block in reply["blocks"]):
        return []
    return [item["text"] for item in (reply["checklist"] or {}).get("items", []) if item["needed"] == "yes"]


def _say(card: Mapping[str, Any]) -> str:
    """What the card says; of a list, only its heading, since the papers are named below."""
    reply = card["reply"]
    return str(reply["blocks"][0]["text"] if reply["checklist"] else card["say"])


def _cited(card: Mapping[str, Any]) -> list[str]:
    return [citation["id"] for citation in card["reply"]["citations"]]


@lru_cache(maxsize=1)
def _templates() -> Environment:
    # Plain text, shown in a text field: nothing is escaped.
    return Environment(loader=FileSystemLoader(_TEXTS), undefined=StrictUndefined, autoescape=False)

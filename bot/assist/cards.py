"""A card: an answer as an agent may say it, with the reply it comes from and the reason it is shown."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from bot.assist.words import Words
from knowledge.punctuation import MARKS
from knowledge.reply import Reply

_GLOSS = re.compile(r"\s*[(（][^()（）]*[)）]")
_END = re.compile(r"[.。;；\s]+\Z")


@dataclass(frozen=True)
class Card:
    """One suggestion; ``answer`` is the id of the stored answer, None for a law article or a list.

    ``replaces`` is the card that this one brings up to date.
    """

    id: str
    turn: str
    title: str
    say: str
    reply: Reply
    why: str
    answer: str | None = None
    replaces: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values of the contract."""
        return {
            "id": self.id,
            "turn": self.turn,
            "title": self.title,
            "say": self.say,
            "reply": self.reply.to_json(),
            "confidence": self.reply.confidence.level,
            "why": self.why,
            "replaces": self.replaces,
        }


def card_id(call: str, turn: str, position: int) -> str:
    """The same for the same place in the same call, whoever works it out."""
    return hashlib.sha256(f"{call}\n{turn}\n{position}".encode()).hexdigest()[:24]


def spoken(reply: Reply, words: Words) -> str:
    """A reply as one says it on the telephone: no brackets, no list, the papers named one after the other."""
    lead = _bare(reply.blocks[0].text if reply.blocks else reply.text)
    if reply.type == "checklist" and not any(block.kind == "documents" for block in reply.blocks):
        return MARKS[reply.language].sentences(_bare(block.text) for block in reply.blocks)  # not for this person
    if reply.checklist is None:
        items = reply.blocks[1].items if lead.endswith((":", "：")) and len(reply.blocks) > 1 else ()
        named = words.say("spoken", "joint").join(_END.sub("", _bare(item)) for item in items)
        return words.say("spoken", "needed", heading=lead, items=named) if named else lead
    needed, perhaps = (
        words.say("spoken", "joint").join(
            _END.sub("", _bare(item.text)) for item in reply.checklist.items if item.needed == need
        )
        for need in ("yes", "if_applicable")
    )
    text = words.say("spoken", "needed" if needed else "nothing", heading=lead, items=needed)
    return words.say("spoken", "and_if", text=text, items=perhaps) if perhaps else text


def _bare(text: str) -> str:
    return " ".join(_GLOSS.sub("", text).split())

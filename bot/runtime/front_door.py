"""What a person typed, made fit for Rasa: cleaned, limited, and never a command.

Text that nothing can be read from becomes the intent ``unreadable`` with the reason, so that a running checklist
can deal with it as with any other answer.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection

from knowledge.chinese import HAN, language_of, settle
from knowledge.models import Language

LIMIT = 2000  # characters; a question is a few sentences, and the encoder reads the first 60 words
_BUTTON = re.compile(r"/([a-z_]+)\Z")
_COMMAND = re.compile(r"/\w+(\s*\{.*)?\Z", re.DOTALL)
_TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # what a terminal would take for colours and cursor moves
_CONVERSATION = frozenset({"restart", "stop"})
_KNOWN_SCRIPT = re.compile(f"[{HAN}]")
# Kinds of characters that reorder or hide text, or are none (marks of direction and width, halves, private ones).
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn"})


def admit(text: str, *, topics: Collection[str]) -> str:
    """The text to hand to Rasa."""
    clean = _clean(text)
    if len(clean) > LIMIT:
        return _unreadable("too_long", length=len(clean), limit=LIMIT)
    if not clean:
        return _unreadable("blank")
    button = _BUTTON.match(clean)
    if button and (button.group(1) in topics or button.group(1) in _CONVERSATION):
        return clean
    if _COMMAND.match(clean):
        return _unreadable("command")
    clean = clean.lstrip("/").lstrip()
    if not any(character.isalnum() for character in clean):
        return _unreadable("no_words")
    if _foreign(clean):
        return _unreadable("other_script")
    return settle(clean)


def metadata(text: str, *, fixed: Language | None = None, usual: Language | None = None) -> dict[str, str]:
    """What goes with a message to the actions: the language to answer in, unless the message has none (a button).

    ``usual`` is that of the page on which the conversation is held; it counts while nothing has been typed.
    """
    said = fixed or (None if text.lstrip().startswith("/") else language_of(text))
    return {name: value for name, value in (("language", said), ("usual", usual)) if value}


def legible(text: str) -> str:
    """The text on one line, without what cannot be seen or reorders what can."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(
        " " if character.isspace() or unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in _TERMINAL.sub("", text)
        if unicodedata.category(character) not in _INVISIBLE
    )
    return " ".join(kept.split())


def _clean(text: str) -> str:
    return legible(unicodedata.normalize("NFKC", text))


def _foreign(text: str) -> bool:
    if text.isascii():
        return False
    letters = [character for character in text if character.isalpha()]
    known = sum(
        _KNOWN_SCRIPT.match(character) is not None or "LATIN" in unicodedata.name(character, "")
        for character in letters
    )
    return bool(letters) and known * 2 < len(letters)


def _unreadable(phrase: str, **values: object) -> str:
    reason = json.dumps({"reason": {"phrase": phrase, **values}})
    return f"/unreadable{reason}"

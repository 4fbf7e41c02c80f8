"""``yibao chat``: a conversation in the terminal, or JSON lines for programs; ``yibao replay``: the same for files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import IO, Any

from rich.markup import escape
from rich.panel import Panel
from rich.prompt import Prompt

from bot.commands.console import console, messages, working
from bot.runtime.assistant import Assistant
from knowledge.compose import Composer
from knowledge.models import LANGUAGES, Language

Json = Mapping[str, Any]
_EXAMPLE = '{"conversation": "c1", "text": "How do I pay online?"}'


def load(today: date | None = None, language: Language | None = None) -> Assistant:
    """The assistant, on the given day, answering in the given language or in that of each message."""
    with working("Starting …"):
        return Assistant.load(
            clock=(lambda: today) if today else date.today,
            report=lambda line: messages.print(escape(line)),
            language=language,
        )


def converse(assistant: Assistant) -> None:
    """Talk until the person leaves with an empty line, Ctrl-D or Ctrl-C."""
    composer = assistant.library.composer(assistant.language or "en")
    console.print(Panel.fit(_greeting(assistant)))
    shown: list[str] = []
    while True:
        try:
            text = Prompt.ask(f"[bold green]{composer.phrase('terminal_you')}[/]", console=console).strip()
        except (EOFError, KeyboardInterrupt):
            break
        if not text:
            break
        if text.isdigit() and 0 < int(text) <= len(shown):
            text = shown[int(text) - 1]
        for reply in assistant.answer("terminal", text):
            composer = assistant.library.composer(reply["language"])
            shown = show(composer, reply)
    console.print(composer.phrase("terminal_goodbye"))


def _greeting(assistant: Assistant) -> str:
    """In the language that is fixed, else in all of them."""
    languages = (assistant.language,) if assistant.language else LANGUAGES
    return "\n".join(assistant.library.composer(one).phrase("terminal_welcome") for one in languages)


def show(composer: Composer, reply: Json) -> list[str]:
    """Print a reply with its sources; returns the payloads of its numbered buttons."""
    body = [line for line in reply["text"].split("\n") if not line.startswith(composer.phrase("sources", list=""))]
    lines = [escape("\n".join(body))]
    if reply["citations"]:
        lines.append("")
    for citation in reply["citations"]:
        named = {"law": citation["title"], "number": citation["article"]}
        title = composer.phrase("article", **named) if citation["article"] else citation["title"]
        lines.append(f"[dim]{escape('[' + citation['id'] + ']')} {escape(title)}[/]")
    for number, button in enumerate(reply["suggestions"], 1):
        lines.append(f"[cyan]{number}[/] {escape(button['title'])}")
    level = reply["confidence"]["level"]
    console.print(Panel("\n".join(lines), title="yibao", subtitle=f"{reply['type']} · {level}", title_align="left"))
    return [button["payload"] for button in reply["suggestions"]]


def serve_json(assistant: Assistant, lines: Iterable[str], out: IO[str]) -> None:
    """One JSON object a line in, one a line out, flushed; a line that is no request gets an error object."""
    for line in lines:
        if not line.strip():
            continue
        out.write(json.dumps(assistant.wait(_one(assistant, line)), ensure_ascii=False) + "\n")
        out.flush()


async def _one(assistant: Assistant, line: str) -> Json:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _error(f"This line is not JSON ({error}). Send one object a line, for example {_EXAMPLE}.")
    if not isinstance(request, dict):
        return _error(f"This line is not an object. Send for example {_EXAMPLE}.")
    conversation = request.get("conversation", "default")
    if not isinstance(conversation, str):
        return _error(f'"conversation" must be a string. Send for example {_EXAMPLE}.')
    if request.get("reset") is True:
        await assistant.forget(conversation)
        return {"conversation": conversation, "replies": []}
    if not isinstance(request.get("text"), str):
        return _error(f'"text" must be a string. Send for example {_EXAMPLE}.', conversation)
    return {"conversation": conversation, "replies": await assistant.handle(conversation, request["text"])}


def _error(text: str, conversation: str | None = None) -> Json:
    return {"conversation": conversation, "error": text}


def replay(assistant: Assistant, source: Path, target: Path) -> int:
    """Play each conversation ``{"id", "turns": [text, …]}`` of a file; returns how many."""
    played = 0
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                script = json.loads(line)
                turns = [str(turn) for turn in script["turns"]]
                name = str(script["id"])
            except (ValueError, KeyError, TypeError) as error:
                raise SystemExit(
                    f"{source}:{number}: not a conversation ({error}). "
                    'Write {"id": "c1", "turns": ["first message", "second message"]}.'
                ) from error
            conversation = f"replay-{number}-{name}"
            result = [{"text": turn, "replies": assistant.answer(conversation, turn)} for turn in turns]
            out.write(json.dumps({"id": name, "turns": result}, ensure_ascii=False) + "\n")
            out.flush()
            assistant.wait(assistant.forget(conversation))
            played += 1
    return played


def standard_input() -> Iterable[str]:
    """The lines of standard input as they come; bytes that are no UTF-8 are replaced."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", errors="replace")

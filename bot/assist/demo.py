"""Plays a recorded call into a running server, as a telephone system with speech recognition would."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.assist.accounts import Accounts

RECORDING = Path(__file__).parent / "demo_call.yml"
AGENT = "demo"
KEY = "demo-call"
_INTERIM = 4  # words between two states of a turn that is still being spoken
_TIMEOUT = 15  # seconds


@dataclass(frozen=True)
class Spoken:
    """One line of the recording; ``after`` is the silence before it, in seconds."""

    role: str
    text: str
    after: float


@dataclass(frozen=True)
class Recording:
    """A recorded call; ``pace`` is in words a second."""

    language: str
    pace: float
    turns: tuple[Spoken, ...]

    @classmethod
    def load(cls, path: Path = RECORDING) -> Recording:
        """Read a recording."""
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(plain["language"], plain["words_per_second"], tuple(Spoken(**turn) for turn in plain["turns"]))

    def states(self) -> Iterator[tuple[float, dict[str, Any]]]:
        """What a telephone system sends: seconds to wait, then a turn, first as far as it has been heard."""
        for number, spoken in enumerate(self.turns, 1):
            turn = {"turn": f"demo-{number}", "role": spoken.role}
            words = spoken.text.split()
            wait = spoken.after
            for heard in range(_INTERIM, len(words), _INTERIM):
                yield wait + _INTERIM / self.pace, {**turn, "text": " ".join(words[:heard]), "final": False}
                wait = 0.0
            rest = len(words) % _INTERIM or _INTERIM
            yield wait + rest / self.pace, {**turn, "text": spoken.text, "final": True}


class Telephone:
    """A telephone system: one that has a key, and posts what it hears."""

    def __init__(self, address: str, key: str) -> None:
        self._address = address.rstrip("/")
        self._key = key

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The server's answer.

        Raises:
            OSError: nobody answers there, or not as yibao does.
        """
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
        request = urllib.request.Request(f"{self._address}{path}", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            raise OSError(f"{self._address} refused the call ({error.code}). Does it use the same database?") from error
        except (urllib.error.URLError, TimeoutError, ValueError) as error:
            raise OSError(
                f"No yibao answers at {self._address}. Start it with `yibao serve`, or name it with --address."
            ) from error


def play(recording: Recording, telephone: Telephone, call: str, *, speed: float, say: Callable[[str], None]) -> None:
    """Send the recording turn by turn; ``speed`` 2 is twice as fast, ``say`` is told every final turn."""
    for wait, turn in recording.states():
        time.sleep(wait / speed)
        telephone.post(f"/assist/calls/{call}/turns", turn)
        if turn["final"]:
            say(f"{turn['role']}: {turn['text']}")


def demo_key(accounts: Accounts) -> str:
    """A fresh key for the demo; one left from before is withdrawn."""
    accounts.remove_key(KEY)
    return accounts.add_key(KEY)


def demo_agent(accounts: Accounts) -> str | None:
    """The password of a demo agent made now; None where there are people who can log in already."""
    if any(account.role != "telephone" for account in accounts.all()):
        return None
    password = secrets.token_urlsafe(12)
    accounts.add(AGENT, password, "agent")
    return password

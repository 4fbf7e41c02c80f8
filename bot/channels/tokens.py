"""Anonymous tokens: random, signed, short-lived, each bound to one conversation."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import jwt

from bot.channels.errors import Refused

LIFETIME = 30 * 60  # seconds without a message
_AT_MOST = 24 * 60 * 60  # seconds, however many messages (OWASP ASVS 7.3.2)
_ALGORITHM = "HS256"
_KEY_BYTES = 32


class Tokens:
    """Seals the name of a conversation into a token, and opens it again."""

    def __init__(self, key: bytes, *, audience: str, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._audience = audience
        self._clock = clock

    def new_conversation(self) -> str:
        """A name that nobody can guess (128 bits)."""
        return secrets.token_urlsafe(16)

    def seal(self, conversation: str, *, begun: float | None = None) -> str:
        """A fresh token for a conversation; ``begun`` is when its first token was given."""
        now = self._clock()
        begun = now if begun is None else begun
        expires = min(now + LIFETIME, begun + _AT_MOST)
        claims = {"sub": conversation, "exp": int(expires), "begun": int(begun), "aud": self._audience}
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def open(self, token: object) -> tuple[str, float]:
        """The conversation that a token stands for, and when it began.

        Raises:
            Refused: the token is forged, damaged or expired.
        """
        try:
            claims = jwt.decode(
                str(token),
                self._key,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                options={"require": ["sub", "exp", "aud", "begun"], "verify_exp": False},
            )
            conversation, begun, expires = str(claims["sub"]), float(claims["begun"]), float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Refused(401, "bad_token") from error
        if expires <= self._clock():
            raise Refused(401, "expired")
        return conversation, begun


def signing_key(secret: str, file: Path) -> bytes:
    """The key: from the secret given, else from the file, which is made at first use and readable by its owner only.

    So a restarted server, and every process of one server, knows the tokens that were given out.
    """
    if secret:
        return secret.encode()
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as written:
            written.write(secrets.token_bytes(_KEY_BYTES))
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(aside, file)
        aside.unlink()
    return file.read_bytes()

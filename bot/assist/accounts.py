"""Who may use agent assist: accounts with hashed passwords, sessions that expire, and keys for telephone systems."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from bot.assist import tables

Role = Literal["agent", "supervisor", "telephone"]  # a telephone system has a key and no password
PASSWORD_AT_LEAST = 12  # characters
IDLE = 30 * 60  # seconds without a request after which a session ends
ABSOLUTE = 12 * 60 * 60  # seconds after which it ends in any case: one shift
FREE_ATTEMPTS = 5  # failures in a row before there is a wait
_FIRST_WAIT, _LONGEST_WAIT = 30, 15 * 60  # seconds; doubled with every further failure
_SEEN_EVERY = 30  # seconds; a session's last use is written no more often
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")


class AccountError(ValueError):
    """An account cannot be made so; the text says why and what to do."""


class WrongPassword(Exception):
    """The name or the password is wrong."""


class LockedOut(Exception):
    """Too many failures; ``seconds`` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds


@dataclass(frozen=True)
class Account:
    """Somebody, or a telephone system, that is known."""

    name: str
    role: Role


@dataclass(frozen=True)
class Session:
    """An account that is logged in; ``csrf`` must come along with everything that changes something."""

    account: Account
    csrf: str


class Accounts:
    """Accounts, their sessions, and keys."""

    def __init__(
        self, engine: Engine, *, hasher: PasswordHasher | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._hasher = hasher or PasswordHasher()
        self._clock = clock

    # Accounts -----------------------------------------------------------------------------------------

    def add(self, name: str, password: str, role: Role) -> Account:
        """Make an account.

        Raises:
            AccountError: the name is taken or unfit, or the password too weak.
        """
        _check_name(name)
        if len(password) < PASSWORD_AT_LEAST or password.lower() == name.lower():
            raise AccountError(f"A password has at least {PASSWORD_AT_LEAST} characters and is not the name.")
        row = {"name": name, "role": role, "password": self._hasher.hash(password), "created": self._clock()}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.accounts).values(row))
                self._record(connection, name, "account added", role)
        except IntegrityError as error:
            raise AccountError(
                f"There is an account {name!r} already. Choose another name, or remove it first."
            ) from error
        return Account(name, role)

    def remove(self, name: str) -> bool:
        """Remove an account with its sessions, or a key; whether there was one."""
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.account == name))
            gone = sum(
                connection.execute(delete(table).where(table.c.name == name)).rowcount
                for table in (tables.accounts, tables.keys)
            )
            if gone:
                self._record(connection, name, "account removed", name)
        return bool(gone)

    def all(self) -> list[Account]:
        """Everybody who is known, by name."""
        with self._engine.connect() as connection:
            people = connection.execute(select(tables.accounts.c.name, tables.accounts.c.role)).all()
            systems = connection.execute(select(tables.keys.c.name)).scalars().all()
        return sorted(
            [*(Account(name, role) for name, role in people), *(Account(name, "telephone") for name in systems)],
            key=lambda account: account.name,
        )

    # Sessions -----------------------------------------------------------------------------------------

    def log_in(self, name: str, password: str) -> tuple[str, Session]:
        """A new session and its secret, which only the cookie holds.

        Raises:
            LockedOut: there were too many failures.
            WrongPassword: name and password do not belong together.
        """
        wait = self._wait(name)
        if wait:
            raise LockedOut(wait)
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.accounts).where(tables.accounts.c.name == name)).first()
        nobody = self._nobody  # made by the first log-in, whoever it is
        try:
            self._hasher.verify(row.password if row else nobody, password)
        except VerificationError:
            row = None
        if row is None:
            self._failed(name)
            raise WrongPassword
        now = self._clock()
        secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._engine.begin() as connection:
            connection.execute(delete(tables.failures).where(tables.failures.c.name == _digest(name)))
            connection.execute(delete(tables.sessions).where(tables.sessions.c.created < now - ABSOLUTE))
            session = {"hash": _digest(secret), "account": name, "csrf": csrf, "created": now, "seen": now}
            connection.execute(insert(tables.sessions).values(session))
            self._record(connection, name, "logged in", "")
        return secret, Session(Account(name, row.role), csrf)

    def session(self, secret: str) -> Session | None:
        """The session of a cookie; none where it has expired, was ended, or its account is gone."""
        now = self._clock()
        query = (
            select(tables.sessions, tables.accounts.c.role)
            .join(tables.accounts, tables.accounts.c.name == tables.sessions.c.account)
            .where(tables.sessions.c.hash == _digest(secret))
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None or now - row.created > ABSOLUTE or now - row.seen > IDLE:
            return None
        if now - row.seen > _SEEN_EVERY:
            with self._engine.begin() as connection:
                connection.execute(update(tables.sessions).where(tables.sessions.c.hash == row.hash).values(seen=now))
        return Session(Account(row.account, row.role), row.csrf)

    def log_out(self, secret: str) -> None:
        """End a session."""
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.hash == _digest(secret)))

    @staticmethod
    def is_fresh(session: Session, token: str | None) -> bool:
        """Whether the token that came along with a request is the session's own."""
        return hmac.compare_digest(session.csrf.encode(), (token or "").encode())

    # Keys ---------------------------------------------------------------------------------------------

    def add_key(self, name: str) -> str:
        """A new key for a telephone system; it is shown once and stored as a hash.

        Raises:
            AccountError: the name is taken or unfit.
        """
        _check_name(name)
        key = f"yibao_{secrets.token_urlsafe(32)}"
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.keys).values(name=name, hash=_digest(key), created=self._clock()))
                self._record(connection, name, "key made", name)
        except IntegrityError as error:
            raise AccountError(f"There is a key {name!r} already. Choose another name, or remove it first.") from error
        return key

    def remove_key(self, name: str) -> None:
        """Withdraw a key, if there is one of this name."""
        with self._engine.begin() as connection:
            if connection.execute(delete(tables.keys).where(tables.keys.c.name == name)).rowcount:
                self._record(connection, name, "key removed", name)

    def by_key(self, key: str) -> Account | None:
        """The telephone system that a key belongs to."""
        with self._engine.connect() as connection:
            name = connection.execute(select(tables.keys.c.name).where(tables.keys.c.hash == _digest(key))).scalar()
        return Account(name, "telephone") if name else None

    # Audit --------------------------------------------------------------------------------------------

    def record(self, actor: str, action: str, subject: str = "") -> None:
        """Write down who did what to which thing, without any text of a call."""
        with self._engine.begin() as connection:
            self._record(connection, actor, action, subject)

    def _record(self, connection: Any, actor: str, action: str, subject: str) -> None:
        row = {"time": self._clock(), "actor": actor[:64], "action": action, "subject": subject[:80]}
        connection.execute(insert(tables.audit).values(row))

    @cached_property
    def _nobody(self) -> str:
        """Verified where there is no such account, so that the time taken does not tell who has one."""
        return self._hasher.hash(secrets.token_urlsafe())

    # Lock-out -----------------------------------------------------------------------------------------

    def _wait(self, name: str) -> int:
        """Seconds to wait before another attempt; 0 for none. Unknown names wait as known ones do."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.failures).where(tables.failures.c.name == _digest(name))).first()
        if row is None or row.count < FREE_ATTEMPTS:
            return 0
        wait = min(_FIRST_WAIT * 2 ** (row.count - FREE_ATTEMPTS), _LONGEST_WAIT)
        left = row.last + wait - self._clock()
        return int(left) + 1 if left > 0 else 0

    def _failed(self, name: str) -> None:
        now, digest = self._clock(), _digest(name)
        mine = tables.failures.c.name == digest
        with self._engine.begin() as connection:
            connection.execute(delete(tables.failures).where(tables.failures.c.last < now - ABSOLUTE))
            counted = update(tables.failures).where(mine).values(count=tables.failures.c.count + 1, last=now)
            if not connection.execute(counted).rowcount:
                connection.execute(insert(tables.failures).values(name=digest, count=1, last=now))
            # A name nobody has may be a password typed into the wrong field.
            known = connection.execute(select(tables.accounts.c.name).where(tables.accounts.c.name == name)).scalar()
            self._record(connection, known or "unknown", "log-in failed", "")


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise AccountError(f"{name!r}: a name is 1 to 63 letters, digits, dots, hyphens and underscores.")


def _digest(secret: str) -> str:
    """SHA-256, for secrets that are random and long, and for names of attempts."""
    return hashlib.sha256(secret.encode()).hexdigest()

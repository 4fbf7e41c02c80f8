"""Accounts of agent assist: passwords, lock-out, sessions that expire, keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.assist import tables
from bot.assist.accounts import (
    ABSOLUTE,
    FREE_ATTEMPTS,
    IDLE,
    AccountError,
    Accounts,
    LockedOut,
    WrongPassword,
)
from bot.assist.tables import open_database
from tests.assist import PASSWORD, QUICK
from tests.fakes import Clock
from tests.gateway import stored


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    return Accounts(open_database(f"sqlite:///{tmp_path / 'gateway.db'}"), hasher=QUICK, clock=clock)


def fail(accounts: Accounts, name: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            accounts.log_in(name, "not the password")


def test_whoever_has_an_account_logs_in(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, "supervisor")
    secret, session = accounts.log_in("li", PASSWORD)
    assert (session.account.name, session.account.role) == ("li", "supervisor")
    assert accounts.session(secret) == session


def test_nothing_that_opens_a_door_is_stored(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("li", PASSWORD, "agent")
    secret, _ = accounts.log_in("li", PASSWORD)
    key = accounts.add_key("switchboard")
    on_disk = stored(tmp_path)
    assert b"argon2id" in on_disk
    for hidden in (PASSWORD, secret, key):
        assert hidden.encode() not in on_disk


@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_a_short_password_is_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(AccountError, match="12 characters"):
        accounts.add("li", password, "agent")


def test_the_name_is_no_password(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="not the name"):
        accounts.add("li.na.of.nanjing", "Li.Na.of.Nanjing", "agent")


@pytest.mark.parametrize("name", ["", "a b", "../x", "名字", "x" * 64])
def test_a_strange_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="letters"):
        accounts.add(name, PASSWORD, "agent")


def test_a_name_is_given_once(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, "agent")
    with pytest.raises(AccountError, match="already"):
        accounts.add("li", PASSWORD, "supervisor")


@pytest.mark.parametrize("name", ["li", "nobody"])
def test_too_many_failures_make_one_wait_longer_and_longer(accounts: Accounts, clock: Clock, name: str) -> None:
    accounts.add("li", PASSWORD, "agent")
    fail(accounts, name, FREE_ATTEMPTS)
    with pytest.raises(LockedOut) as first:
        accounts.log_in(name, PASSWORD)
    clock.now += first.value.seconds
    fail(accounts, name, 1)
    with pytest.raises(LockedOut) as second:
        accounts.log_in(name, PASSWORD)
    assert second.value.seconds > 1.5 * first.value.seconds


def test_after_the_wait_the_right_password_opens_and_failures_are_forgotten(accounts: Accounts, clock: Clock) -> None:
    accounts.add("li", PASSWORD, "agent")
    fail(accounts, "li", FREE_ATTEMPTS)
    clock.now += 60
    accounts.log_in("li", PASSWORD)
    fail(accounts, "li", FREE_ATTEMPTS - 1)
    accounts.log_in("li", PASSWORD)


def test_one_persons_failures_lock_nobody_else_out(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, "agent")
    accounts.add("wang", PASSWORD, "agent")
    fail(accounts, "li", FREE_ATTEMPTS)
    accounts.log_in("wang", PASSWORD)


def test_a_session_ends_when_nobody_uses_it(accounts: Accounts, clock: Clock) -> None:
    accounts.add("li", PASSWORD, "agent")
    secret, _ = accounts.log_in("li", PASSWORD)
    clock.now += IDLE - 1
    assert accounts.session(secret)
    clock.now += IDLE - 1
    assert accounts.session(secret), "it was used in between"
    clock.now += IDLE + 1
    assert accounts.session(secret) is None


def test_a_session_ends_with_the_shift_however_busy(accounts: Accounts, clock: Clock) -> None:
    accounts.add("li", PASSWORD, "agent")
    secret, _ = accounts.log_in("li", PASSWORD)
    for _ in range(ABSOLUTE // IDLE * 2):
        clock.now += IDLE / 2
        accounts.session(secret)
    clock.now += 1
    assert accounts.session(secret) is None


def test_logging_out_and_removing_an_account_end_its_sessions(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, "agent")
    first, _ = accounts.log_in("li", PASSWORD)
    second, _ = accounts.log_in("li", PASSWORD)
    accounts.log_out(first)
    assert accounts.session(first) is None
    assert accounts.session(second)
    assert accounts.remove("li")
    assert accounts.session(second) is None
    assert not accounts.remove("li")


def test_a_key_is_a_telephone_systems(accounts: Accounts) -> None:
    key = accounts.add_key("switchboard")
    account = accounts.by_key(key)
    assert account is not None
    assert (account.name, account.role) == ("switchboard", "telephone")
    assert accounts.by_key("yibao_guessed") is None
    accounts.remove("switchboard")
    assert accounts.by_key(key) is None


def test_the_audit_log_says_who_did_what_and_no_secrets(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, "agent")
    fail(accounts, PASSWORD, 1)  # typed into the wrong field
    accounts.log_in("li", PASSWORD)
    with accounts._engine.connect() as connection:
        rows = connection.execute(select(tables.audit)).all()
    assert [(row.actor, row.action) for row in rows] == [
        ("li", "account added"),
        ("unknown", "log-in failed"),
        ("li", "logged in"),
    ]
    assert all(PASSWORD not in str(tuple(row)) for row in rows)

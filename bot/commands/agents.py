"""``yibao agents``: who may use agent assist, and keys for telephone systems."""

from __future__ import annotations

import sys

from rich.markup import escape
from rich.table import Table

from bot.assist.accounts import Accounts, Role
from bot.assist.tables import open_database
from bot.channels.settings import Settings
from bot.commands.console import console, messages


def open_accounts() -> Accounts:
    """The accounts in the database that the settings name."""
    return Accounts(open_database(Settings.read().database))


def add(name: str, role: Role) -> None:
    """Make an account; the password is asked for twice, or is the first line of standard input.

    Raises:
        AccountError: the name or the password will not do.
    """
    open_accounts().add(name, _password(), role)
    messages.print(f"[green]✓[/] {escape(name)} can log in as {role} at /assist.")


def remove(name: str) -> bool:
    """Remove an account or a key; says so, and whether there was one."""
    gone = open_accounts().remove(name)
    if gone:
        messages.print(f"[green]✓[/] {escape(name)} is removed, and logged out everywhere.")
    else:
        messages.print(f"There is no account and no key {escape(repr(name))}. `yibao agents list` shows all.")
    return gone


def show() -> None:
    """Print everybody who is known."""
    table = Table("name", "role")
    for account in open_accounts().all():
        table.add_row(escape(account.name), account.role)
    console.print(table)


def key(name: str) -> None:
    """Print a new key for a telephone system, the only time that it is seen.

    Raises:
        AccountError: the name will not do.
    """
    console.print(open_accounts().add_key(name), highlight=False, markup=False, soft_wrap=True)
    messages.print("Keep it now: only its hash is stored. Send it as `Authorization: Bearer KEY`.", markup=False)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    import click

    chosen: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    return chosen

"""``yibao demo-call``: plays a recorded two-sided call into the console."""

from __future__ import annotations

import time

from rich.markup import escape

from bot.assist import demo
from bot.assist.accounts import Account
from bot.assist.calls import Calls
from bot.assist.tables import open_database
from bot.channels.settings import Settings
from bot.commands.agents import open_accounts
from bot.commands.console import messages


def play(*, address: str, speed: float, now: bool) -> None:
    """Play the call; waits for an agent to open it unless ``now``.

    Raises:
        OSError: no server answers at the address.
    """
    accounts = open_accounts()
    recording = demo.Recording.load()
    telephone = demo.Telephone(address, demo.demo_key(accounts))
    try:
        call = telephone.post("/assist/calls", {"language": recording.language})["call"]
        password = demo.demo_agent(accounts)
        messages.print(f"Open [bold]{escape(address)}/assist?call={call}[/]", soft_wrap=True)
        if password:
            messages.print(
                f"and log in as [bold]{demo.AGENT}[/] with the password [bold]{password}[/] (shown only now)."
            )
        if not now:
            messages.print("The call begins when you open it. Ctrl-C hangs up.")
            _wait_for_agent(call)
        demo.play(
            recording, telephone, call, speed=speed, say=lambda line: messages.print(line, markup=False, style="dim")
        )
        messages.print("[green]✓[/] The caller has hung up. Write the wrap-up in the console.")
    finally:
        accounts.remove_key(demo.KEY)


def _wait_for_agent(call: str) -> None:
    calls = Calls(open_database(Settings.read().database))
    reader = Account("demo-call", "supervisor")
    while True:
        found = calls.get(call, reader)
        if found is None or found.agent is not None:
            return
        time.sleep(0.3)

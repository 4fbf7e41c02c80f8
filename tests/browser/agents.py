"""Agent assist as agents and supervisors use it, and a telephone system that feeds it."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Locator, Page, expect

from bot.assist.accounts import Accounts, Role
from bot.assist.demo import Telephone
from bot.assist.tables import open_database
from tests.servers import Yibao

PASSWORD = "correct horse battery"
PAPERS = "Which papers does my mother need to enrol?"
WHEN = "When do I have to pay?"
ONLINE = "Can I pay online?"


class Staff:
    """The people and systems of one server."""

    def __init__(self, server: Yibao) -> None:
        self.address = server.address
        self._accounts = Accounts(open_database(f"sqlite:///{server.state / 'gateway.db'}"))

    def hire(self, role: Role = "agent") -> str:
        """A new account; gives its name."""
        name = f"{role}-{uuid.uuid4().hex[:8]}"
        self._accounts.add(name, PASSWORD, role)
        return name

    def telephone(self) -> Telephone:
        """A telephone system with a key."""
        return Telephone(self.address, self._accounts.add_key(f"system-{uuid.uuid4().hex[:8]}"))


class Desk:
    """The console in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.suggestions = page.get_by_role("region", name="Suggestions")
        self.cards = page.locator("[data-current] > .as-card")
        self.checklist = page.locator(".as-checklist")
        self.log = page.get_by_role("log")
        self.reply = page.get_by_role("textbox", name="Reply")
        self.search = page.get_by_role("searchbox")
        self.announced = page.locator("p.as-hidden[role=status]")

    def log_in(self, name: str, password: str = PASSWORD) -> None:
        """Fill in the form."""
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def begin(self, name: str) -> None:
        """Log in and open a call of one's own."""
        self.log_in(name)
        self.page.get_by_role("button", name="New call").click()
        expect(self.page.locator(".as-state")).to_have_text("Live")

    @property
    def call(self) -> str:
        """The name of the call that is open."""
        return self.page.url.partition("call=")[2]

    def says(self, role: str, text: str) -> None:
        """Type what one side says, and send it with the keyboard."""
        turns = self.log.locator(".as-turn")
        before = turns.count()
        self.page.get_by_role("radio", name=role).check()
        self.reply.fill(text)
        self.reply.press("Control+Enter")
        expect(turns).to_have_count(before + 1)

    def customer(self, text: str) -> None:
        """What the customer says."""
        self.says("Customer", text)

    def agent(self, text: str) -> None:
        """What the agent says."""
        self.says("Agent", text)

    def card(self, title: str) -> Locator:
        """The card of this title among those of the last question."""
        return self.cards.filter(has=self.page.get_by_role("heading", name=title))

    def fact(self, name: str) -> Locator:
        """The line of a fact in the checklist."""
        return self.checklist.locator(f"[data-fact={name}]")


def hears(telephone: Telephone, call: str, role: str, text: str, **more: Any) -> None:
    """The telephone system sends a turn."""
    turn = {"turn": uuid.uuid4().hex, "role": role, "text": text, "final": True, **more}
    telephone.post(f"/assist/calls/{call}/turns", turn)

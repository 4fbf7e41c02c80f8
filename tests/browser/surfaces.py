"""The surfaces as a visitor uses them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

PAPERS = "Which papers does my mother need? She is 63, low income, urban hukou"
WHEN = "When do I have to pay?"


class Chat:
    """The chat widget in a page, in English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.widget = page.locator("yibao-chat")
        self.launcher = self.widget.get_by_role("button", name="Ask about medical insurance")
        self.panel = self.widget.get_by_role("dialog")
        self.input = self.widget.get_by_role("textbox", name="Your question")
        self.mine = self.widget.locator(".Message.right")
        self.answers = self.widget.locator(".Message.left:not([data-id=greeting]):not([data-type=typing])")

    def open(self) -> None:
        """Open the panel."""
        self.launcher.click()
        expect(self.panel).to_be_visible()

    def agree(self) -> None:
        """Agree to the conditions."""
        self.widget.get_by_role("button", name="I agree").click()
        expect(self.input).to_be_visible()

    def begin(self) -> None:
        """Open and agree."""
        self.open()
        self.agree()

    def say(self, text: str) -> None:
        """Type and press Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    def ask(self, text: str) -> Locator:
        """Say something and wait for the answer."""
        before = self.answers.count()
        self.say(text)
        expect(self.answers).to_have_count(before + 1)
        expect(self.widget.locator("[data-type=typing]")).to_have_count(0)
        return self.answers.last

    def menu(self, item: str) -> None:
        """Choose from the header's menu."""
        self.widget.get_by_role("button", name="Menu").click()
        self.widget.get_by_role("button", name=item).click()

    def theme(self, name: str) -> None:
        """Choose a theme as a page does."""
        self.widget.evaluate("(widget, name) => { widget.dataset.theme = name; }", name)


class HelpBox:
    """The help box in a page, in English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.widget = page.locator("yibao-help")
        self.input = self.widget.locator(".aa-Input")
        self.results = self.widget.get_by_role("option")
        self.count = self.widget.locator(".yb-count").first
        self.answer = self.widget.locator("section.yb-card")

    def search(self, words: str) -> None:
        """Type as a person does."""
        self.input.click()
        self.input.press_sequentially(words)

    def find_nothing(self, words: str) -> None:
        """Search for something of which the server knows nothing at all."""
        empty = {"query": words, "results": []}
        self.page.route("**/help/suggest*", lambda route: route.fulfill(json=empty))
        self.input.fill(words)
        expect(self.answer).to_contain_text("Nothing found")

    def open_first(self, words: str) -> None:
        """Search, and open the first result with the keyboard."""
        self.search(words)
        expect(self.results.first).to_be_visible()
        self.input.press("ArrowDown")
        self.input.press("Enter")
        expect(self.answer.get_by_role("heading").first).to_be_visible()

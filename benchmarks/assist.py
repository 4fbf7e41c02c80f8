"""How long a customer's last word takes to a painted card: ``python -m benchmarks.assist``.

A telephone system posts questions of the dev split into a call that a console in headless Chromium follows live.
Measured is from the moment before the post to the frame in which the card stands on the screen, in milliseconds:
network, understanding, database, stream and painting together.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from bot.runtime.paths import ROOT
from tests.browser.agents import Desk, Staff
from tests.browser.conftest import chromium
from tests.servers import Yibao

_QUESTIONS = ROOT / "tests" / "eval" / "dev.jsonl"
_PAUSE = 0.25  # seconds between two questions; the console is at rest before each
_PATIENCE = 5.0  # seconds after which a card counts as never painted


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=200, help="How many questions are asked.")
    questions = _questions()[: parser.parse_args().questions]
    with tempfile.TemporaryDirectory() as state, Yibao(Path(state)).running() as server, chromium() as browser:
        page = browser.new_page(base_url=server.address)
        page.goto("/assist")
        staff = Staff(server)
        desk = Desk(page)
        desk.log_in(staff.hire("supervisor"))
        page.get_by_role("heading", name="Calls").wait_for()
        system = staff.telephone()
        taken: list[float] = []
        with_card = 0
        call = ""
        for number, question in enumerate(questions):
            if number % 20 == 0:  # a call has some twenty questions at most
                call = system.post("/assist/calls", {"language": "en"})["call"]
                page.goto(f"/assist?call={call}")
                page.get_by_text("Live", exact=True).wait_for()
            turn = f"q{number}"
            body = {"turn": turn, "role": "customer", "text": question, "final": True}
            begun = time.time()
            if not system.post(f"/assist/calls/{call}/turns", body)["cards"]:
                continue
            with_card += 1
            painted = page.evaluate(
                """async ([name, patience]) => {
                    const end = performance.now() + patience * 1000;
                    while (performance.now() < end) {
                        const [mark] = performance.getEntriesByName(name);
                        if (mark) return performance.timeOrigin + mark.startTime;
                        await new Promise((resolve) => setTimeout(resolve, 5));
                    }
                    return null;
                }""",
                [f"yibao:painted:{turn}", _PATIENCE],
            )
            taken.append((painted / 1000 - begun if painted else _PATIENCE) * 1000)
            time.sleep(_PAUSE)
    taken.sort()
    print(f"{len(questions)} questions, {with_card} with cards")
    for share in (0.5, 0.95, 0.99):
        print(f"p{share * 100:g}: {taken[min(len(taken) - 1, int(share * len(taken)))]:.0f} ms")


def _questions() -> list[str]:
    with _QUESTIONS.open(encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    return [str(one["text"]) for one in asked if one.get("topic") != "out_of_scope"]


if __name__ == "__main__":
    main()

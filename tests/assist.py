"""Agent assist for tests: a reading of texts by rules that stand here, and visitors who are logged in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argon2 import PasswordHasher

from bot.assist.accounts import Accounts, Role
from bot.assist.tables import open_database
from bot.channels.settings import Settings
from tests.gateway import Answer, PromptAssistant, Visitor

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # tests hash often, and have nothing to guard

# What texts mean: the intents with their scores, best first. Everything else is out of scope.
_MEANING: Mapping[str, Mapping[str, float]] = {
    "when do i have to pay": {"payment_time": 0.9},
    "which papers does my mother need": {"what_documents": 0.9},
    "pay online or at the counter": {
        "pay_online": 0.4,
        "pay_at_counter": 0.3,
        "how_to_pay": 0.2,
        "check_payment": 0.18,
    },
    "something about paying": {"how_to_pay": 0.2, "payment_time": 0.19},
    "thank you": {"smalltalk": 0.9},
    "yes": {"affirm": 0.9},
    "no": {"deny": 0.9},
}
_FACTS: Mapping[str, tuple[str, Any]] = {
    "63": ("age", 63),
    "urban": ("household", "urban"),
    "low income": ("low_income", True),
    "low-income": ("low_income", True),
    "dibao": ("minimum_living_guarantee", True),
    "employed": ("employment", "employee"),
}


class ScriptedAssistant(PromptAssistant):
    """Reads by the rules above; ``read_texts`` are the texts it was given to read."""

    def __init__(self, library: Any) -> None:
        super().__init__(library)
        self.read_texts: list[str] = []

    async def read(self, text: str, slots: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        self.read_texts.append(text)
        return read(text)


def read(text: str) -> dict[str, Any]:
    """Rasa's form of what a text means."""
    spoken = text.lower().strip(" .?!")
    ranking = dict(next((scores for words, scores in _MEANING.items() if words in spoken), {"out_of_scope": 0.8}))
    entities = [{"entity": fact, "value": value} for words, (fact, value) in _FACTS.items() if words in spoken]
    if "mother" in spoken:
        entities += [{"entity": kind, "value": "mother", "role": "mother"} for kind in ("person", "insured")]
    if spoken in ("yes", "no"):
        ranking = dict(_MEANING[spoken])
        entities.append({"entity": "yes_or_no", "value": spoken == "yes"})
    best = next(iter(ranking))
    unclear = ranking[best] < 0.23
    return {
        "text": text,
        "intent": {"name": "unclear" if unclear else best, "confidence": ranking[best]},
        "intent_ranking": [{"name": name, "confidence": score} for name, score in ranking.items()],
        "entities": entities,
    }


def accounts(settings: Settings, **people: Role) -> Accounts:
    """The accounts of a server with these settings; everybody has the same password."""
    found = Accounts(open_database(settings.database), hasher=QUICK)
    for name, role in people.items():
        found.add(name, PASSWORD, role)
    return found


class Person:
    """Somebody with a browser, logged in or not."""

    def __init__(self, port: int, name: str | None = None) -> None:
        self.visitor = Visitor(port, {"Host": f"localhost:{port}"})
        if name is not None:
            self.log_in(name)

    def log_in(self, name: str, password: str = PASSWORD) -> Answer:
        answer = self.visitor.post("/assist/login", {"name": name, "password": password})
        if answer.status == 200:
            cookie = answer.headers["set-cookie"].split(";")[0]
            self.visitor.headers.update({"Cookie": cookie, "X-CSRF-Token": answer.json["csrf"]})
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.visitor.get(f"/assist/{path}", **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.visitor.post(f"/assist/{path}", body, **headers)

    def open_call(self) -> Call:
        return Call(self, self.post("calls", {"language": "en"}).json["call"])


class Call:
    """A call as one person sees it."""

    def __init__(self, person: Person, name: str) -> None:
        self.person, self.name, self._number = person, name, 0

    def turn(self, role: str, text: str, *, id: str | None = None, final: bool = True) -> Answer:
        self._number += 1
        body = {"turn": id or f"t{self._number}", "role": role, "text": text, "final": final}
        return self.person.post(f"calls/{self.name}/turns", body)

    def customer(self, text: str) -> Any:
        answer = self.turn("customer", text)
        assert answer.status == 200, answer.text
        return answer.json

    def agent(self, text: str) -> Any:
        answer = self.turn("agent", text)
        assert answer.status == 200, answer.text
        return answer.json

    def fact(self, name: str, heard: Any) -> Any:
        return next((fact["value"] for fact in heard["checklist"]["facts"] if fact["id"] == name), None)

    def whole(self) -> Any:
        return self.person.get(f"calls/{self.name}").json

"""The gateway with the trained bot behind it, as a process of its own: killed, attacked, and told secrets."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.runtime.assistant import Assistant
from tests.gateway import Visitor, serving, settings, withstand
from tests.servers import Yibao

SECRETS = {
    "identity number": "110101199003077774",
    "old identity number": "110101900307777",
    "mobile": "13812345678",
    "mobile in groups": "139 8765 4321",
    "landline": "010-62345678",
    "bank card": "4111111111111111",
    "bank card in groups": "6222 0202 0011 2233 445",
    "social-security card": "A12345678",
    "e-mail": "zhang.san@example.com",
}
ALL_SECRETS = "，".join(SECRETS.values())


class Served(Yibao):
    """A server that allows a conversation 30 messages a minute, and an address any number."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"YIBAO_LIMIT_MESSAGES": "30/minute"})

    def all_that_was_written(self) -> bytes:
        files = list(self.state.iterdir())
        assert {"gateway.db", "conversations.db", "server.log"} <= {path.name for path in files}
        return b"".join(path.read_bytes() for path in files if path.is_file())


@pytest.fixture(scope="module")
def served(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:  # the bot is trained
    with Served(tmp_path_factory.mktemp("served")).running() as server:
        yield server


def checklist_of(visitor: Visitor) -> dict[str, str]:
    reply = visitor.say("show me the whole list").json["replies"][-1]["reply"]
    return {item["id"]: item["needed"] for item in reply["checklist"]["items"]}


def test_personal_numbers_are_found_nowhere(served: Served) -> None:
    one = Visitor(served.port).agree("en")
    for secret in SECRETS.values():
        answer = one.say(f"my number is {secret}, when do I have to pay?")
        assert answer.status == 200
        assert secret not in answer.text
    reply = one.say(ALL_SECRETS).json["replies"][0]
    one.say(ALL_SECRETS, id=SECRETS["mobile"])
    one.say("/restart" + ALL_SECRETS)
    one.post("/chat/messages", {"id": str(uuid.uuid4()), "payload": "/" + ALL_SECRETS})
    one.post("/chat/messages", b'{"id": "%b", "text": "%b' % (ALL_SECRETS.encode(), ALL_SECRETS.encode()))
    one.post("/chat/session", {"consent": True, "consent_version": ALL_SECRETS, "language": ALL_SECRETS})
    one.post("/chat/feedback", {"message": reply["id"], "verdict": "down", "reason": "other", "comment": ALL_SECRETS})
    one.post("/chat/feedback", {"message": ALL_SECRETS, "verdict": ALL_SECRETS})
    one.post("/help/feedback", {"answer": "payment_time", "query": ALL_SECRETS, "verdict": "down", "reason": None})
    one.post("/messages", {"text": ALL_SECRETS, "conversation": ALL_SECRETS})
    one.post("/messages", {"text": ALL_SECRETS})
    for path in ("/faq?q=", "/help/suggest?q=", "/faq/", "/law/", "/help/answer/", "/", "/chat/history?after="):
        one.get(path + quote(ALL_SECRETS, safe=""))
        one.raw(f"GET {path}{ALL_SECRETS.replace(' ', '')} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        one.raw(b"GET " + path.encode() + b"\xff" + SECRETS["mobile"].encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    one.get("/faq", Origin="https://" + SECRETS["mobile"], User_Agent=SECRETS["mobile"], Cookie=SECRETS["mobile"])
    one.get("/chat/history", Authorization="Bearer " + SECRETS["mobile"])
    one.call("PUT", "/messages/" + SECRETS["mobile"], {"text": ALL_SECRETS})

    written = served.all_that_was_written()
    exported = one.get("/chat/export").body + one.get("/chat/export?format=text").body
    assert b"[phone number removed]" in written
    for name, secret in SECRETS.items():
        assert secret.encode() not in written, name
        assert secret.encode() not in exported, name


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_personal_number_changes_no_answer_and_alone_is_asked_not_to_be_sent(served: Served, secret: str) -> None:
    one = Visitor(served.port).agree()
    both = one.say(f"When do I have to pay? My number: {secret}").json
    assert both["replies"][0]["reply"]["topic"] == "payment_time"
    assert "removed]" in both["message"]["text"]
    alone = one.say(secret).json["replies"][0]
    assert "Please do not send ID, card or phone numbers" in alone["text"]


def test_no_words_of_a_person_stand_in_the_log(served: Served) -> None:
    one = Visitor(served.port).agree()
    for text in ("my cat is called Mimi", "/mimi", '/inform{"mimi": 1}', "", "Mimi " * 1000, "咪咪 Mimi", "stop Mimi"):
        one.say(text)
    one.get("/help/suggest?q=Mimi")
    one.raw(b"GET /Mimi\xff HTTP/1.1\r\n\r\n")
    assert "mimi" not in served.log.read_text().lower()
    assert "Traceback" not in served.log.read_text()


def test_fifty_visitors_at_once_never_see_each_other(served: Served) -> None:
    def visit(number: int) -> tuple[int, dict[str, str]]:
        one = Visitor(served.port).agree()
        one.say("Which papers do I need for enrolment?")
        one.say(f"The person is {4 if number % 2 else 40} years old")
        one.say("gets dibao" if number % 3 else "does not get dibao")
        return number, checklist_of(one)

    with ThreadPoolExecutor(10) as pool:
        for number, needed in pool.map(visit, range(50)):
            assert needed["photos_with_parent"] == ("yes" if number % 2 else "no"), number
            assert needed["minimum_living_certificate"] == ("yes" if number % 3 else "no"), number


def test_a_deleted_conversation_is_in_no_file(served: Served) -> None:
    one = Visitor(served.port).agree()
    one.say("when do I have to pay for the marmalade factory")
    assert b"marmalade" in served.all_that_was_written()

    assert one.call("DELETE", "/chat").json == {"deleted": True}

    assert b"marmalade" not in served.all_that_was_written()
    assert one.get("/chat/history").json["code"] == "expired"


def test_a_killed_server_goes_on_where_it_was(assistant: Assistant, tmp_path: Path) -> None:
    server = Served(tmp_path)
    with server.running():
        one = Visitor(server.port).agree()
        mine = str(uuid.uuid4())
        one.say("Which papers do I need to enrol my son, 4 years old?")
        before = one.say("he gets dibao", id=mine).json
        server.stop(signal.SIGKILL)

    with server.running():
        assert [message["seq"] for message in one.get("/chat/history?after=2").json["messages"]][:1] == [3]
        resent = one.say("he gets dibao", id=mine).json
        assert (resent["message"], resent["replies"]) == (before["message"], before["replies"])
        assert checklist_of(one)["minimum_living_certificate"] == "yes"


def test_a_turn_that_fails_is_said_in_a_sentence(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the model is gone")

    with serving(assistant, settings(tmp_path)) as one:
        one.agree()
        monkeypatch.setattr(assistant.agent, "handle_message", fail)
        failed = one.say("when do I have to pay")
        assert failed.status == 200
        assert failed.json["replies"][0]["reply"]["type"] == "error"
        assert "12393" in failed.json["replies"][0]["text"]
        assert "RuntimeError" not in failed.text
        monkeypatch.undo()
        assert one.say("when do I have to pay").json["replies"][0]["reply"]["topic"] == "payment_time"


def test_a_thousand_hostile_requests_leave_the_bot_answering_others(served: Served) -> None:
    withstand(Visitor(served.port), (served.state / "secret").read_bytes(), canary=SECRETS["mobile"])
    assert "Traceback" not in served.log.read_text()

"""The commands of agent assist: accounts, keys, and the recorded call that plays into a running server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.assist import demo
from bot.assist.accounts import Account, Accounts
from bot.assist.tables import open_database
from bot.channels.server import application
from bot.cli import yibao
from knowledge.library import Library
from tests.assist import PASSWORD, QUICK, Person, ScriptedAssistant
from tests.gateway import serve_app, settings


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path / 'gateway.db'}"
    monkeypatch.setenv("YIBAO_DATABASE", address)
    return address


@pytest.fixture
def accounts(database: str) -> Accounts:
    return Accounts(open_database(database), hasher=QUICK)


@pytest.fixture
def port(library: Library, tmp_path: Path) -> Iterator[int]:
    with serve_app(application(ScriptedAssistant(library), settings(tmp_path), name="assist-demo")) as port:
        yield port


def run(*words: str, input: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(yibao, list(words), input=input)
    return result.exit_code, result.output


def test_an_account_is_made_with_the_password_from_standard_input(accounts: Accounts) -> None:
    assert run("agents", "add", "li", "--role", "supervisor", input=PASSWORD + "\n")[0] == 0
    assert accounts.all() == [Account("li", "supervisor")]
    accounts.log_in("li", PASSWORD)


def test_a_bad_password_is_refused_in_one_line(accounts: Accounts) -> None:
    code, output = run("agents", "add", "li", input="short\n")
    assert code != 0
    assert output.strip().splitlines()[-1].startswith("Error: A password has at least 12")
    assert accounts.all() == []


def test_an_account_is_removed(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, "agent")
    assert run("agents", "remove", "li")[0] == 0
    assert run("agents", "remove", "li")[0] == 1
    assert accounts.all() == []


def test_a_key_is_shown_once_and_opens(accounts: Accounts) -> None:
    _, output = run("agents", "key", "switchboard")
    key = next(line for line in output.splitlines() if line.startswith("yibao_"))
    assert accounts.by_key(key) == Account("switchboard", "telephone")
    assert run("agents", "key", "switchboard")[0] != 0
    assert key not in run("agents", "list")[1]


def test_a_turn_is_heard_piece_by_piece_and_ends_whole() -> None:
    recording = demo.Recording("en", 2.0, (demo.Spoken("customer", "one two three four five six", 1.0),))
    assert list(recording.states()) == [
        (3.0, {"turn": "demo-1", "role": "customer", "text": "one two three four", "final": False}),
        (1.0, {"turn": "demo-1", "role": "customer", "text": "one two three four five six", "final": True}),
    ]


def test_the_recording_has_both_sides_and_lasts_as_a_call_does() -> None:
    recording = demo.Recording.load()
    assert {turn.role for turn in recording.turns} == {"customer", "agent"}
    assert 60 < sum(wait for wait, _ in recording.states()) < 300


def test_the_recorded_call_plays_into_a_running_server(port: int, accounts: Accounts) -> None:
    code, output = run("demo-call", "--address", f"http://127.0.0.1:{port}", "--speed", "100", "--now")
    assert code == 0, output
    assert f"/assist?call={_call(port, accounts)['call']}" in output.replace("\n", "")
    assert "log in as demo with the password" in output.replace("\n", " ")
    password = output.split("password", 1)[1].split()[0]
    person = Person(port)
    assert person.log_in("demo", password).status == 200
    turns = person.get(f"calls/{_call(port, accounts)['call']}").json["turns"]
    assert len(turns) == len(demo.Recording.load().turns)
    assert all(turn["final"] for turn in turns)


def test_where_there_are_people_no_demo_agent_is_made_and_the_key_is_withdrawn(port: int, accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, "agent")
    _, output = run("demo-call", "--address", f"http://127.0.0.1:{port}", "--speed", "100", "--now")
    assert "password" not in output
    assert accounts.all() == [Account("li", "agent")]


def test_without_a_server_it_says_how_to_start_one() -> None:
    result = CliRunner().invoke(yibao, ["demo-call", "--address", "http://127.0.0.1:9", "--now"])
    assert isinstance(result.exception, OSError)
    assert "yibao serve" in str(result.exception)


def _call(port: int, accounts: Accounts) -> dict[str, str]:
    if not any(account.name == "boss" for account in accounts.all()):
        accounts.add("boss", PASSWORD, "supervisor")
    found: dict[str, str] = Person(port, "boss").get("calls").json["calls"][0]
    return found

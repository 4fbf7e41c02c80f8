"""The build of the surfaces: when it runs, with which Node, and what it says when it cannot."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.runtime.paths import ROOT
from bot.runtime.surfaces import BuildError, Outcome, Surfaces

WEB = ROOT / "bot" / "web"


class Machine:
    """A project and the commands that run in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.web = root / "bot" / "web"
        self.commands: list[str] = []
        self.said: list[str] = []
        self.versions = {"system": "v20.20.2", "carried": "v22.20.0"}
        self.answers: dict[str, Outcome] = {}
        (self.web / "chat").mkdir(parents=True)
        (self.web / "package-lock.json").write_text("{}")
        (self.web / "chat" / "main.tsx").write_text("one")
        self.put_node(root / "system")

    def put_node(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("node", "npm"):
            program = folder / name
            program.write_text("")
            program.chmod(0o755)

    def run(self, command: Sequence[str], _folder: Path, _environment: Mapping[str, str]) -> Outcome:
        program, *rest = command
        line = " ".join([Path(program).name, *rest])
        if line == "node --version":
            return Outcome(0, self.versions["carried" if ".venv-node" in program else "system"])
        self.commands.append(line)
        for start, outcome in self.answers.items():
            if line.startswith(start):
                return outcome
        if line.startswith("npm ci"):
            (self.web / "node_modules").mkdir(exist_ok=True)
        if line.startswith("npm run"):
            (self.web / "dist").mkdir(exist_ok=True)
            return Outcome(0, "widgets/yibao-chat.js: 90.0 kB gzipped of 180 kB allowed\n")
        if "--uv" in line:
            return Outcome(0, "/somewhere/uv\n")
        if line.startswith("uv pip sync"):
            self.put_node(self.root / ".venv-node" / "bin")
        return Outcome(0, "")

    def build(self) -> list[str]:
        """What was run to bring the surfaces up to date, without the questions for versions."""
        self.commands.clear()
        environ = {"PATH": str(self.root / "system")}
        Surfaces(self.root, environ=environ, run=self.run, say=self.said.append).bring_up_to_date()
        return [command for command in self.commands if command != "npm -v"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_first_time_it_fetches_and_builds_and_tells_the_sizes(machine: Machine) -> None:
    fetch, build = machine.build()

    assert fetch.startswith("npm ci --ignore-scripts") and build == "npm run --silent build"
    assert "widgets/yibao-chat.js: 90.0 kB gzipped of 180 kB allowed" in machine.said


def test_it_does_nothing_when_nothing_has_changed(machine: Machine) -> None:
    machine.build()

    assert machine.build() == []
    assert machine.said[-1] == "The surfaces are up to date"


def test_a_changed_source_is_built_without_fetching_again(machine: Machine) -> None:
    machine.build()
    (machine.web / "chat" / "main.tsx").write_text("two")

    assert machine.build() == ["npm run --silent build"]


def test_a_new_lock_is_fetched(machine: Machine) -> None:
    machine.build()
    (machine.web / "package-lock.json").write_text('{"new": true}')

    assert machine.build()[0].startswith("npm ci")


@pytest.mark.parametrize("old", [None, "v18.19.0"])
def test_without_a_recent_node_it_takes_the_one_from_the_lock_file(machine: Machine, old: str | None) -> None:
    if old is None:
        (machine.root / "system" / "node").unlink()
    else:
        machine.versions["system"] = old
    commands = machine.build()

    sync = next(command for command in commands if command.startswith("uv pip sync"))
    assert "--require-hashes" in sync and sync.endswith("requirements-node.lock")
    assert commands[-1] == "npm run --silent build"


def test_a_failure_is_one_line_with_the_reason_and_the_log(machine: Machine) -> None:
    machine.answers["npm run"] = Outcome(1, "building\nchat/main.tsx(3,1): error TS2304: Cannot find name 'x'.\nmore\n")

    with pytest.raises(BuildError) as failure:
        machine.build()
    assert str(failure.value) == (
        "The surfaces could not be built: chat/main.tsx(3,1): error TS2304: Cannot find name 'x'. "
        "(all of it: .cache/surfaces.log). Mend that and repeat."
    )
    assert "building" in (machine.root / ".cache" / "surfaces.log").read_text()


def test_a_failed_build_is_tried_again(machine: Machine) -> None:
    machine.answers["npm run"] = Outcome(1, "error")
    with pytest.raises(BuildError):
        machine.build()
    machine.answers.clear()

    assert machine.build() == ["npm run --silent build"]


def test_the_lock_file_names_no_address() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]

    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not re.search(r"https?://", (ROOT / "requirements-node.lock").read_text())


def catalogues() -> list[Path]:
    return sorted(path for path in WEB.glob("*/locales") if "node_modules" not in path.parts)


@pytest.mark.parametrize("folder", catalogues(), ids=lambda folder: folder.parent.name)
def test_both_languages_say_the_same_things(folder: Path) -> None:
    english, chinese = (json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("en", "zh"))

    assert list(english) == list(chinese)
    for key, text in english.items():
        assert text.strip() and chinese[key].strip(), key
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", chinese[key])), key


@pytest.mark.parametrize("folder", catalogues(), ids=lambda folder: folder.parent.name)
def test_every_text_that_is_asked_for_is_there(folder: Path) -> None:
    texts = json.loads((folder / "en.json").read_text(encoding="utf-8"))
    for source in [*folder.parent.glob("*.ts"), *folder.parent.glob("*.tsx")]:
        for key in re.findall(r"""\bsay\("(\w+)""", source.read_text(encoding="utf-8")):
            assert key in texts, f"{source.name}: {key}"


def test_no_source_makes_html_of_data() -> None:
    for source in [*WEB.glob("*/*.ts"), *WEB.glob("*/*.tsx")]:
        text = source.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            source
        )
        assert "dangerously" not in text, source

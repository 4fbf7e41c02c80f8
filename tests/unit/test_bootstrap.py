"""The set-up makes ``.venv`` from whatever is on the machine; here the machine is a pretended one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.runtime.bootstrap import Environment, Outcome, Processes, Progress, Setup, SetupError, find_python

PYENV_SHIM = Outcome(127, "", "pyenv: python3.10: command not found")
HASHED = "{}==1.0 \\\n    --hash=sha256:00\n"


class Machine:
    """Commands that exist, what each answers when run, and what was run so far.

    Pythons that are really on this machine answer nothing here.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.project = folder / "project"
        self.bin = folder / "bin"
        self.environ = {"PATH": str(self.bin)}
        self.commands: list[list[str]] = []
        self.answers: dict[str, Outcome] = {}
        self.fails: dict[str, Outcome] = {}
        self.has_pip = True
        for place in (self.home, self.bin, self.project):
            place.mkdir(parents=True)
        self.write("pyproject.toml", "[project]\n")
        self.write("requirements.lock", HASHED.format("rasa"))
        self.write("requirements-test.lock", HASHED.format("rasa") + HASHED.format("pytest"))
        self.write("requirements-uv.lock", HASHED.format("uv"))

    def write(self, name: str, text: str) -> None:
        (self.project / name).write_text(text)

    def install(self, path: Path | str, answer: Outcome) -> str:
        """An executable file, and what it answers to any question about itself."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self.answers[str(file)] = answer
        return str(file)

    def install_python(self, path: Path | str, version: str = "3.10.13") -> str:
        file = str(self.folder / path)
        return self.install(path, Outcome(0, f"CPython {version} {file}\n"))

    def install_uv(self, path: Path | str = "bin/uv", version: str = "0.13.9") -> str:
        return self.install(path, Outcome(0, f"uv {version} (x86_64)\n"))

    def run(self, command: Sequence[str]) -> Outcome:
        words = list(command)
        self.commands.append(words)
        line = " ".join(words)
        for part, failure in self.fails.items():
            if part in line:
                return failure
        if "-m pip --version" in line:
            return Outcome(0 if self.has_pip else 1)
        if "--target" in words:
            self.install_uv(Path(words[words.index("--target") + 1]) / "bin" / "uv")
        elif "-m venv" in line:
            return Outcome(1, "", "ensurepip is not available")
        elif " venv " in line:
            self.install_python(Path(words[-1]) / "bin" / "python")
        elif "--editable" in words:
            (self.project / ".venv" / "bin" / "yibao").touch()
        elif "--version" in words or "-c" in words:
            return self.answers.get(words[0], Outcome(127, "", "not found"))
        return Outcome(0)

    def set_up(self, *, test: bool = False) -> list[str]:
        """Run the set-up; returns the subcommands of uv that it used."""
        self.commands.clear()
        self.said = io.StringIO()
        setup = Setup(self.project, self.run, Progress(self.said), self.environ, self.home)
        setup.bring_up_to_date(test)
        return self.used()

    def used(self) -> list[str]:
        lines = [" ".join(command) for command in self.commands]
        steps = (" venv ", "pip sync", "--editable")
        return [step.strip() for line in lines for step in steps if step in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def ready(machine: Machine) -> Machine:
    """A machine on which nothing is lacking."""
    machine.install_python("bin/python3.10")
    machine.install_uv()
    return machine


# ---- finding Python 3.10 ----


def test_a_python_that_exists_but_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.environ["PATH"] = str(machine.folder / "pyenv" / "shims")
    machine.install("pyenv/shims/python3.10", PYENV_SHIM)
    real = machine.install_python("pyenv/versions/3.10.13/bin/python3.10")

    assert find_python(machine.run, machine.environ, machine.home) == (real, "3.10.13")


def test_a_python_of_another_version_or_kind_is_passed_over(machine: Machine) -> None:
    machine.install("bin/python3.10", Outcome(0, "PyPy 3.10.16 /opt/pypy\n"))
    machine.install_python("bin/python3", version="3.11.7")
    real = machine.install_python("home/.local/share/uv/python/cpython-3.10.14-linux/bin/python3.10", "3.10.14")

    assert find_python(machine.run, machine.environ, machine.home).path == real


def test_the_newest_of_pyenvs_pythons_is_taken(machine: Machine) -> None:
    machine.install_python("home/.pyenv/versions/3.10.9/bin/python3.10", "3.10.9")
    newest = machine.install_python("home/.pyenv/versions/3.10.13/bin/python3.10", "3.10.13")

    assert find_python(machine.run, machine.environ, machine.home).path == newest


def test_the_python_that_the_user_names_comes_first(ready: Machine) -> None:
    mine = ready.install_python("mine/python")
    ready.environ["YIBAO_PYTHON"] = mine

    assert find_python(ready.run, ready.environ, ready.home).path == mine


def test_a_named_python_that_does_not_run_is_an_error_not_replaced_by_another(ready: Machine) -> None:
    ready.environ["YIBAO_PYTHON"] = "/nowhere/python3.10"

    with pytest.raises(SetupError, match=r"YIBAO_PYTHON is /nowhere/python3\.10, which does not run"):
        find_python(ready.run, ready.environ, ready.home)


@pytest.mark.parametrize(
    ("present", "way"),
    [
        ("bin/uv", "`uv python install 3.10`"),
        ("bin/pyenv", "`pyenv install 3.10`"),
        ("bin/brew", "`brew install python@3.10`"),
        ("bin/nothing", "`uv python install 3.10` (uv: "),
    ],
)
def test_without_python_310_one_line_says_how_to_get_it(machine: Machine, present: str, way: str) -> None:
    machine.install(present, Outcome(0))

    with pytest.raises(SetupError) as error:
        machine.set_up()

    message = str(error.value)
    assert message.startswith("Python 3.10 was not found")
    assert way in message
    assert "\n" not in message


# ---- uv ----


def test_a_uv_that_is_installed_is_used(ready: Machine) -> None:
    ready.set_up()

    assert not any("--target" in command for command in ready.commands)


@pytest.mark.parametrize(
    "answer",
    [Outcome(127, "", "pyenv: uv: command not found"), Outcome(0, "uv 0.1.9\n"), Outcome(0, "ultraviolet 2")],
)
def test_a_uv_that_does_not_run_or_is_too_old_is_passed_over(ready: Machine, answer: Outcome) -> None:
    old = ready.install("bin/uv", answer)

    ready.set_up()

    assert "uv 0.13.9 (.cache/uv/bin/uv)" in ready.said.getvalue()
    assert not any(command[0] == old and "--version" not in command for command in ready.commands)


def test_a_fetched_uv_is_the_pinned_one_checked_by_hash(machine: Machine) -> None:
    machine.install_python("bin/python3.10")

    machine.set_up()

    fetch = next(command for command in machine.commands if "--target" in command)
    assert "--require-hashes" in fetch
    assert fetch[-1] == str(machine.project / "requirements-uv.lock")


def test_without_uv_and_pip_one_line_says_what_to_install(machine: Machine) -> None:
    machine.install_python("bin/python3.10")
    machine.has_pip = False

    with pytest.raises(SetupError, match=r"Neither uv nor pip is here\. Install uv"):
        machine.set_up()


# ---- what is installed, and when ----


def test_a_fresh_clone_gets_an_environment_the_packages_and_the_command(ready: Machine) -> None:
    assert ready.set_up() == ["venv", "pip sync", "--editable"]
    assert "Installing 1 packages of requirements.lock" in ready.said.getvalue()


def test_packages_are_checked_by_hash_and_compiled(ready: Machine) -> None:
    ready.set_up()

    sync = next(command for command in ready.commands if "sync" in command)
    assert {"--require-hashes", "--compile-bytecode"} <= set(sync)
    assert sync[sync.index("-b") + 1] == str(ready.project / "requirements.lock")


def test_the_project_itself_is_installed_without_network(ready: Machine) -> None:
    ready.set_up()

    install = next(command for command in ready.commands if "--editable" in command)
    assert {"--offline", "--no-deps", "--no-build-isolation"} <= set(install)


def test_a_repeat_runs_nothing(ready: Machine) -> None:
    ready.set_up()

    ready.set_up()

    assert ready.commands == []
    assert ready.said.getvalue() == "* .venv is up to date\n"


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_file_is_installed_into_the_same_environment(ready: Machine, changed: str) -> None:
    ready.set_up()
    ready.write(changed, HASHED.format("sanic"))

    assert ready.set_up() == ["pip sync", "--editable"]
    assert ready.set_up() == []


def test_a_changed_test_lock_concerns_only_the_tests(ready: Machine) -> None:
    ready.set_up(test=True)
    ready.write("requirements-test.lock", HASHED.format("ruff"))

    assert ready.set_up() == []
    assert ready.set_up(test=True) == ["pip sync", "--editable"]


def test_the_test_environment_serves_for_running_too(ready: Machine) -> None:
    ready.set_up(test=True)

    assert ready.set_up() == []


def test_the_running_environment_does_not_serve_for_tests(ready: Machine) -> None:
    ready.set_up()

    assert ready.set_up(test=True) == ["pip sync", "--editable"]
    assert ready.commands[-2][-1] == str(ready.project / "requirements-test.lock")


def test_test_tools_once_installed_are_kept_when_the_packages_change(ready: Machine) -> None:
    ready.set_up(test=True)
    ready.write("requirements.lock", HASHED.format("sanic"))

    ready.set_up()

    assert ready.commands[-2][-1] == str(ready.project / "requirements-test.lock")


def test_an_installation_that_broke_off_is_made_anew(ready: Machine) -> None:
    ready.set_up()
    ready.write("requirements.lock", HASHED.format("sanic"))
    ready.fails["pip sync"] = Outcome(1, "", "error: Failed to fetch: `somewhere`\n  Caused by: no route to host\n")
    with pytest.raises(SetupError):
        ready.set_up()
    ready.fails.clear()
    half_installed = ready.project / ".venv" / "lib"
    half_installed.mkdir()

    assert ready.set_up() == ["venv", "pip sync", "--editable"]
    assert not half_installed.exists()


def test_an_environment_whose_python_is_gone_is_made_anew(ready: Machine) -> None:
    ready.set_up()
    (ready.project / ".venv" / "bin" / "python").unlink()

    assert ready.set_up() == ["venv", "pip sync", "--editable"]


def test_an_environment_without_the_yibao_command_gets_it(ready: Machine) -> None:
    ready.set_up()
    (ready.project / ".venv" / "bin" / "yibao").unlink()

    assert ready.set_up() == ["pip sync", "--editable"]


def test_a_moved_project_gets_a_new_environment_since_its_commands_carry_the_old_path(ready: Machine) -> None:
    ready.set_up()
    moved = ready.project.rename(ready.folder / "elsewhere")
    ready.project = moved
    ready.install_python("elsewhere/.venv/bin/python")

    assert ready.set_up() == ["venv", "pip sync", "--editable"]


def test_an_environment_made_by_hand_is_completed(ready: Machine) -> None:
    ready.install_python("project/.venv/bin/python")

    assert ready.set_up() == ["pip sync", "--editable"]


def test_an_environment_made_by_hand_with_another_python_is_made_anew(ready: Machine) -> None:
    ready.install_python("project/.venv/bin/python", version="3.12.1")

    assert ready.set_up() == ["venv", "pip sync", "--editable"]


def test_a_spoilt_stamp_counts_as_none(ready: Machine) -> None:
    ready.set_up()
    (ready.project / ".venv" / "yibao-setup.json").write_text('{"runtime": ')

    assert not Environment(ready.project).holds("runtime")
    assert ready.set_up() == ["pip sync", "--editable"]


# ---- what is said when it fails ----


@pytest.mark.parametrize(
    ("errors", "advice"),
    [
        ("error: Failed to fetch: `x`\n  Caused by: dns error\n", "name a mirror in UV_DEFAULT_INDEX"),
        ("error: Hash mismatch for `rasa==1.0`\n", "check which package index is set here"),
        ("error: write failed\n  cause: No space left on device (os error 28)\n", "Free about 3 GB of disk"),
        ("error: Failed to build `docopt==0.6.2`\n", "Install a C compiler"),
    ],
)
def test_a_failed_installation_is_one_line_with_the_cause_and_what_to_do(
    ready: Machine, errors: str, advice: str
) -> None:
    ready.fails["pip sync"] = Outcome(2, "", errors)

    with pytest.raises(SetupError) as error:
        ready.set_up()

    message = str(error.value)
    assert message.startswith("The packages could not be installed: ")
    assert errors.splitlines()[-1].partition(": ")[2] in message
    assert advice in message
    assert "\n" not in message
    assert (ready.project / ".cache" / "bootstrap.log").read_text() == errors


def test_an_authority_that_only_the_system_knows_is_tried_before_giving_up(ready: Machine) -> None:
    ready.fails[f"{ready.bin / 'uv'} pip sync"] = Outcome(2, "", "error: invalid peer certificate: UnknownIssuer\n")

    with pytest.raises(SetupError):
        ready.set_up()

    assert ready.commands[-1][:2] == ["env", "UV_SYSTEM_CERTS=true"]


# ---- the real runner and what is shown ----


def test_a_command_that_cannot_be_started_is_an_outcome_not_a_crash(tmp_path: Path) -> None:
    run = Processes(tmp_path, {"PATH": ""}, tick=lambda: None)

    assert run([str(tmp_path / "missing")]).status == 127


def test_settings_that_would_lead_the_installer_elsewhere_are_left_out(tmp_path: Path) -> None:
    run = Processes(tmp_path, {"PATH": "/usr/bin:/bin", "VIRTUAL_ENV": "/other", "LANG": "C"}, tick=lambda: None)

    assert run(["sh", "-c", "echo ${VIRTUAL_ENV-none} $LANG"]) == (0, "none C\n", "")


def test_a_terminal_that_cannot_show_a_tick_mark_gets_a_star() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    Progress(stream).say("done")

    stream.seek(0)
    assert stream.read() == "* done\n"


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    progress = Progress(stream, quiet=True)

    with progress.step("Working"):
        progress.tick()

    assert stream.getvalue() == ""

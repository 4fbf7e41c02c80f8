"""Makes ``.venv``: finds Python 3.10, gets uv, installs the locked packages and the project itself.

Nothing is installed yet when it runs, so it is one file that needs only the standard library of any Python
from 3.6 on: ``python3 bot/runtime/bootstrap.py [--test] [--quiet]``. Where nothing has changed it does
nothing; what an interrupted run left is made anew.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, TextIO, Tuple

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"runtime": "requirements.lock", "test": "requirements-test.lock"}
UV_LOCK = "requirements-uv.lock"
OLDEST_UV = (0, 5)
_PROBE = (
    "import platform, sys; print(platform.python_implementation(), platform.python_version(), sys._base_executable)"
)
_VERSION = re.compile(r"uv (\d+)\.(\d+)\S*")
_CAUSE = re.compile(r"(cause: |caused by: |[×├╰]─?▶? )", re.IGNORECASE)
_PINNED = re.compile(r"^[A-Za-z0-9._-]+==", re.MULTILINE)
# Settings that would lead uv or pip to another place than the one that is named to them.
_MISLEADING = {
    *("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH"),
    *("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_PREFIX", "UV_REQUIRE_HASHES"),
}
_ANOTHER_PACKAGE = "A package differs from the locked one: check which package index is set here"
_ADVICE = (
    ("hash mismatch", _ANOTHER_PACKAGE),
    ("do not match the hashes", _ANOTHER_PACKAGE),
    ("no space left", "Free about 3 GB of disk"),
    (
        "failed to build",
        "Install a C compiler and Python's headers: a package has no ready build for this machine",
    ),
    ("", "Check the network, or name a mirror in {mirror}"),
)


class SetupError(Exception):
    """The set-up cannot go on; the message is one line that says what happened and what to do."""


class Outcome(NamedTuple):
    """What a command did: exit status, standard output, standard error."""

    status: int
    output: str = ""
    errors: str = ""


class Python(NamedTuple):
    """An interpreter that was run and is CPython 3.10."""

    path: str
    version: str


class Uv(NamedTuple):
    """A uv that was run and is recent enough."""

    path: str
    version: str


Run = Callable[[Sequence[str]], Outcome]


class Step:
    """A step under way; ``done`` is what to say of it when it has succeeded."""

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self.done = doing
        self.started = time.monotonic()

    def seconds(self) -> float:
        """Time since the step began."""
        return time.monotonic() - self.started


class Progress:
    """One line a step, with its seconds; on a terminal the line of the step under way counts them."""

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._lively = stream.isatty() and not quiet
        self._current: Optional[Step] = None
        self._mark = "✓" if _can_write(stream, "✓") else "*"

    @contextlib.contextmanager
    def step(self, doing: str) -> Iterator[Step]:
        """The step that the body carries out."""
        self._current = step = Step(doing)
        self.tick()
        try:
            yield step
        finally:
            self._current = None
            if self._lively:
                self._stream.write("\r\x1b[K")
        self.say(f"{step.done} ({step.seconds():.1f} s)")

    def tick(self) -> None:
        """Show that the step under way is alive."""
        if self._lively and self._current:
            self._stream.write(f"\r\x1b[K{self._current.doing} ... {self._current.seconds():.0f} s")
            self._stream.flush()

    def say(self, line: str) -> None:
        """One line about something done."""
        if not self._quiet:
            self._stream.write(f"{self._mark} {line}\n")
            self._stream.flush()


def _can_write(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


class Processes:
    """Runs commands in the project's folder, with no input, and ticks while they run."""

    def __init__(self, root: Path, environ: Mapping[str, str], tick: Callable[[], None]) -> None:
        self._root = root
        self._tick = tick
        self._environ = {name: value for name, value in environ.items() if name not in _MISLEADING}
        self._environ.update(PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")
        # The default, 60 s for one file, is too short for a busy machine.
        self._environ.setdefault("UV_COMPILE_BYTECODE_TIMEOUT", "600")

    def __call__(self, command: Sequence[str]) -> Outcome:
        """Run to the end; a command that cannot be started has status 127."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=str(self._root),
                    env=self._environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                )
            except OSError as error:
                return Outcome(127, "", str(error))
            try:
                status = self._wait(process)
            except BaseException:
                process.terminate()
                process.wait()
                raise
            output.seek(0)
            errors.seek(0)
            return Outcome(status, output.read().decode("utf-8", "replace"), errors.read().decode("utf-8", "replace"))

    def _wait(self, process: "subprocess.Popen[bytes]") -> int:
        while True:
            try:
                return process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                self._tick()


# ---- Python 3.10 ----


def find_python(run: Run, environ: Mapping[str, str], home: Path) -> Python:
    """The first Python 3.10 that really runs; pyenv leaves commands on PATH that exist and fail.

    Raises:
        SetupError: there is none.
    """
    chosen = environ.get("YIBAO_PYTHON")
    if chosen:
        python = _probe(run, chosen)
        if python is None:
            raise SetupError(
                f"YIBAO_PYTHON is {chosen}, which does not run as CPython 3.10. "
                "Set it to one that does, or unset it to have one looked for."
            )
        return python
    passed_over: List[str] = []
    for candidate in python_candidates(environ, home):
        python = _probe(run, candidate)
        if python is not None:
            return python
        if candidate.endswith("3.10"):
            passed_over.append(candidate)
    tried = " (tried in vain: {})".format(", ".join(passed_over)) if passed_over else ""
    raise SetupError(
        f"Python 3.10 was not found{tried}, and Rasa runs on no later one. "
        f"Get it with {_how_to_get_python(environ, home)} and repeat, or name one in YIBAO_PYTHON."
    )


def python_candidates(environ: Mapping[str, str], home: Path) -> Iterator[str]:
    """Files that may be Python 3.10: on PATH, of pyenv, uv and other version managers, under another name."""
    seen = set()
    for path in _python_places(environ, home):
        if str(path) not in seen and path.is_file():
            seen.add(str(path))
            yield str(path)


def _python_places(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    directories = _search_path(environ)
    for directory in directories:
        yield directory / "python3.10"
    for root in _pyenv_roots(environ, home):
        yield from _newest_first(root / "versions", "3.10*/bin/python3.10")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    yield from _newest_first(
        Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"), "cpython-3.10*/bin/python3.10"
    )
    yield from _newest_first(data / "mise" / "installs" / "python", "3.10*/bin/python3.10")
    yield from _newest_first(home / ".asdf" / "installs" / "python", "3.10*/bin/python3.10")
    for place in ("/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"):
        yield Path(place) / "python3.10"
    for directory in directories:
        yield directory / "python3"


def _search_path(environ: Mapping[str, str]) -> List[Path]:
    return [Path(part) for part in environ.get("PATH", "").split(os.pathsep) if part]


def _pyenv_roots(environ: Mapping[str, str], home: Path) -> List[Path]:
    roots = [Path(environ["PYENV_ROOT"])] if environ.get("PYENV_ROOT") else []
    roots += [directory.parent for directory in _search_path(environ) if directory.name == "shims"]
    return [root for root in [*roots, home / ".pyenv"] if (root / "versions").is_dir()]


def _newest_first(folder: Path, pattern: str) -> List[Path]:
    def version(path: Path) -> List[int]:
        return [int(number) for number in re.findall(r"\d+", str(path.relative_to(folder)))]

    return sorted(folder.glob(pattern), key=version, reverse=True)


def _probe(run: Run, candidate: str) -> Optional[Python]:
    outcome = run([candidate, "-I", "-c", _PROBE])
    implementation, _, rest = outcome.output.strip().partition(" ")
    version, _, path = rest.partition(" ")
    if outcome.status == 0 and implementation == "CPython" and version.startswith("3.10."):
        return Python(path, version)
    return None


def _how_to_get_python(environ: Mapping[str, str], home: Path) -> str:
    if _on_path("uv", environ):
        return "`uv python install 3.10`"
    if _pyenv_roots(environ, home) or _on_path("pyenv", environ):
        return "`pyenv install 3.10`"
    if _on_path("brew", environ):
        return "`brew install python@3.10`"
    return "`uv python install 3.10` (uv: https://docs.astral.sh/uv)"


def _on_path(command: str, environ: Mapping[str, str]) -> bool:
    return any((directory / command).is_file() for directory in _search_path(environ))


# ---- uv ----


def find_uv(run: Run, environ: Mapping[str, str], home: Path, cache: Path) -> Optional[Uv]:
    """An installed uv that runs and is recent enough, or the one fetched earlier."""
    directories = [*_search_path(environ), home / ".local" / "bin", home / ".cargo" / "bin", cache / "bin"]
    for path in [directory / "uv" for directory in directories]:
        if path.is_file():
            outcome = run([str(path), "--version"])
            match = _VERSION.match(outcome.output)
            if outcome.status == 0 and match and (int(match.group(1)), int(match.group(2))) >= OLDEST_UV:
                return Uv(str(path), match.group(0)[len("uv ") :])
    return None


def fetch_uv(run: Run, pythons: Sequence[str], root: Path, cache: Path) -> None:
    """The pinned uv into the cache, by pip and checked by its hash.

    Raises:
        SetupError: there is no pip, or it fails.
    """
    outcome = run(
        [
            *_pip(run, pythons, cache.parent / "pip"),
            *("install", "--quiet", "--disable-pip-version-check", "--no-input", "--upgrade"),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
            *("--target", str(cache), "--requirement", str(root / UV_LOCK)),
        ]
    )
    if outcome.status != 0:
        raise _failure("uv could not be fetched", outcome, root, mirror="PIP_INDEX_URL")


def _pip(run: Run, pythons: Sequence[str], scratch: Path) -> List[str]:
    for python in pythons:
        if run([python, "-m", "pip", "--version"]).status == 0:
            return [python, "-m", "pip"]
    for python in pythons:
        if run([python, "-m", "venv", "--clear", str(scratch)]).status == 0:
            return [str(scratch / "bin" / "python"), "-m", "pip"]
    raise SetupError(
        "Neither uv nor pip is here. Install uv (https://docs.astral.sh/uv) or your system's python3-venv, and repeat."
    )


# ---- .venv ----


class Environment:
    """The folder ``.venv`` of a project, and the stamp that says what was installed into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / ".venv"
        self.python = self.path / "bin" / "python"
        self._command = self.path / "bin" / "yibao"
        self._stamp = self.path / "yibao-setup.json"

    def holds(self, profile: str) -> bool:
        """Whether all that the profile needs was installed, and nothing has changed since."""
        recorded = self._read().get(profile)
        usable = self.python.exists() and self._command.exists()
        return usable and bool(recorded) and recorded == self._fingerprint(profile)

    def profile(self) -> str:
        """What was asked for last; test tools once installed are kept."""
        return "test" if "test" in self._read() else "runtime"

    def is_sound(self, run: Run) -> bool:
        """Whether it can be built upon: its Python runs, it was not moved, no installation broke off."""
        stamp = self._read()
        if stamp.get("unfinished") or stamp.get("place") not in (None, str(self.root)):
            return False
        return self.python.exists() and _probe(run, str(self.python)) is not None

    def remove(self) -> None:
        """Remove the folder, what vouches for it first."""
        with contextlib.suppress(OSError):
            self._stamp.unlink()
        if self.path.is_symlink() or self.path.is_file():
            self.path.unlink()
        elif self.path.exists():
            shutil.rmtree(str(self.path))

    def begin(self, profile: str) -> None:
        """Note that an installation is under way, so that the next run knows if this one breaks off."""
        self._write({profile: "", "unfinished": "yes", "place": str(self.root)})

    def finish(self, profile: str) -> None:
        """Note that it is complete; the test packages comprise those of the running assistant."""
        profiles = ["runtime", "test"] if profile == "test" else [profile]
        stamp = {each: self._fingerprint(each) for each in profiles}
        self._write({**stamp, "place": str(self.root)})

    def _fingerprint(self, profile: str) -> str:
        digest = hashlib.sha256()
        # Commands in .venv/bin carry the folder's path; a moved project needs them anew.
        for text in (str(self.root), os.path.realpath(str(self.python))):
            digest.update(text.encode() + b"\0")
        for name in (LOCKS[profile], "pyproject.toml"):
            digest.update((self.root / name).read_bytes() + b"\0")
        return digest.hexdigest()

    def _read(self) -> Dict[str, str]:
        try:
            stamp = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write(self, stamp: Dict[str, str]) -> None:
        partial = self._stamp.with_suffix(".partial")
        partial.write_text(json.dumps(stamp, indent=2) + "\n")
        partial.replace(self._stamp)


class Setup:
    """Brings the environment of a project up to date."""

    def __init__(self, root: Path, run: Run, progress: Progress, environ: Mapping[str, str], home: Path) -> None:
        self._root = root
        self._run = run
        self._progress = progress
        self._environ = environ
        self._home = home
        self._cache = root / ".cache" / "uv"
        self._found: Optional[Python] = None
        self.environment = Environment(root)

    def bring_up_to_date(self, test: bool) -> None:
        """Install what is missing or has changed; nothing if nothing has.

        Raises:
            SetupError: something is missing that only the user can get, or a step failed.
        """
        asked = "test" if test else "runtime"
        if not self.environment.holds(asked):
            with _alone(self._root / ".cache" / "bootstrap.lock", self._progress):
                if not self.environment.holds(asked):
                    self._install("test" if test else self.environment.profile())
                    return
        self._progress.say(".venv is up to date")

    def uv(self) -> str:
        """The path of a uv, fetched if there is none."""
        with self._progress.step("Looking for uv") as step:
            uv = find_uv(self._run, self._environ, self._home, self._cache)
            if uv is None:
                step.doing = "Fetching uv"
                fetch_uv(self._run, [self._python().path, sys.executable], self._root, self._cache)
                uv = find_uv(self._run, self._environ, self._home, self._cache)
            if uv is None:
                raise SetupError(
                    "uv was fetched but does not run here. Install uv (https://docs.astral.sh/uv) and repeat."
                )
            step.done = f"uv {uv.version} ({_shown(uv.path, self._root)})"
        return uv.path

    def _install(self, profile: str) -> None:
        environment = self.environment
        sound = environment.is_sound(self._run)
        if not sound:
            with self._progress.step("Looking for Python 3.10") as step:
                python = self._python()
                step.done = f"Python {python.version} ({python.path})"
        uv = self.uv()
        if not sound:
            with self._progress.step("Making .venv"):
                environment.remove()
                outcome = self._run([uv, "venv", "--quiet", "--python", self._python().path, str(environment.path)])
                if outcome.status != 0:
                    raise _failure(".venv could not be made", outcome, self._root)
        environment.begin(profile)
        self._install_packages(uv, LOCKS[profile])
        self._install_project(uv)
        environment.finish(profile)

    def _install_packages(self, uv: str, lock: str) -> None:
        count = len(_PINNED.findall((self._root / lock).read_text()))
        with self._progress.step(f"Installing {count} packages of {lock}"):
            command = [
                *(uv, "pip", "sync", "--quiet", "--python", str(self.environment.python)),
                # Compiled now, or the first start would spend 15 s on it.
                *("--require-hashes", "--compile-bytecode", str(self._root / lock)),
                # Three packages come as source: the setuptools that builds them is the locked one, too.
                *("-b", str(self._root / lock)),
            ]
            outcome = self._run(command)
            if outcome.status != 0 and "certificate" in outcome.errors:
                # uv brings its own list of authorities; an organisation's own is only in the system's list.
                outcome = self._run(["env", "UV_SYSTEM_CERTS=true", "UV_NATIVE_TLS=true", *command])
            if outcome.status != 0:
                raise _failure("The packages could not be installed", outcome, self._root)

    def _install_project(self, uv: str) -> None:
        with self._progress.step("Installing the yibao command"):
            outcome = self._run(
                [
                    *(uv, "pip", "install", "--quiet", "--offline", "--python", str(self.environment.python)),
                    *("--no-deps", "--no-build-isolation", "--editable", str(self._root)),
                ]
            )
            if outcome.status != 0:
                raise _failure("The project itself could not be installed", outcome, self._root, mirror=None)

    def _python(self) -> Python:
        if self._found is None:
            self._found = find_python(self._run, self._environ, self._home)
        return self._found


def _failure(what: str, outcome: Outcome, root: Path, mirror: Optional[str] = "UV_DEFAULT_INDEX") -> SetupError:
    log = root / ".cache" / "bootstrap.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(outcome.output + outcome.errors)
    shown = _shown(str(log), root)
    reason = _reason(outcome.errors) or f"status {outcome.status}"
    if mirror is None:
        return SetupError(f"{what}: {reason} (all of it: {shown}). Mend pyproject.toml and repeat.")
    advice = next(advice for sign, advice in _ADVICE if sign in outcome.errors.lower()).format(mirror=mirror)
    return SetupError(f"{what}: {reason} (all of it: {shown}). {advice}, and repeat.")


def _reason(errors: str) -> str:
    """The first line of uv's or pip's words, and the innermost cause that follows it."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    first = next((line for line in lines if line.lower().startswith("error")), lines[0] if lines else "")
    causes = [line for line in lines if line != first and _CAUSE.match(line)]
    return " ... ".join([_CAUSE.sub("", line) for line in [first, *causes[-1:]]])


def _shown(path: str, root: Path) -> str:
    return os.path.relpath(path, str(root)) if path.startswith(str(root) + os.sep) else path


@contextlib.contextmanager
def _alone(lock: Path, progress: Progress) -> Iterator[None]:
    """Two set-ups at once would undo each other's work: the second waits."""
    import fcntl

    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            with progress.step("Waiting for another set-up of this folder"):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---- the command ----


def _arguments(argv: Optional[Sequence[str]]) -> Tuple[bool, bool, bool]:
    parser = argparse.ArgumentParser(description="Make or update .venv from the lock files; a repeat does nothing.")
    parser.add_argument("--test", action="store_true", help="with what the tests need")
    parser.add_argument("--quiet", action="store_true", help="say only what went wrong")
    parser.add_argument("--uv", action="store_true", help="only print the path of uv, fetched if there is none")
    given = parser.parse_args(argv)
    return given.test, given.quiet, given.uv


def main(argv: Optional[Sequence[str]] = None) -> int:
    """The exit status: 0 ready, 1 not possible (one line says why), 130 interrupted."""
    test, quiet, only_uv = _arguments(argv)
    if os.name == "nt":
        sys.stderr.write("yibao: set-up works on Linux and macOS; on Windows, use WSL.\n")
        return 1
    # An end by signal takes the running installer with it, instead of leaving it at work in .venv.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _frame: sys.exit(128 + number))
    progress = Progress(sys.stderr if only_uv else sys.stdout, quiet or only_uv)
    setup = Setup(ROOT, Processes(ROOT, os.environ, progress.tick), progress, os.environ, Path.home())
    try:
        if only_uv:
            sys.stdout.write(setup.uv() + "\n")
        else:
            setup.bring_up_to_date(test)
    except SetupError as error:
        sys.stderr.write(f"yibao: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("yibao: interrupted; the same command goes on from here.\n")
        return 130
    except OSError as error:
        sys.stderr.write(f"yibao: the set-up could not go on: {error}. Mend that and repeat.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

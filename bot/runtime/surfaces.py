"""Builds the surfaces of ``bot/web`` when their sources have changed: ``python -m bot.runtime.surfaces``.

Node is the system's where that is version 20 or later and has npm; otherwise the one that a package of PyPI carries,
in an environment of its own, ``.venv-node``, from ``requirements-node.lock``.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.runtime import paths

OLDEST_NODE = 20
_LOCK = "requirements-node.lock"
_MADE = ("node_modules", "dist")
_VERSION = re.compile(r"v(\d+)\.")


class BuildError(Exception):
    """The surfaces cannot be built; the message is one line that says why and what to do."""


@dataclass(frozen=True)
class Outcome:
    """What a command did: exit status, and all that it printed."""

    status: int
    output: str


Run = Callable[[Sequence[str], Path, Mapping[str, str]], Outcome]


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Outcome:
    """Run a command to its end; one that cannot be started has status 127."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        return Outcome(127, str(error))
    return Outcome(done.returncode, done.stdout.decode("utf-8", "replace"))


class Surfaces:
    """The folder ``bot/web`` of a project."""

    def __init__(self, root: Path, *, environ: Mapping[str, str], run: Run, say: Callable[[str], None]) -> None:
        self._root = root
        self._web = root / "bot" / "web"
        self._stamp = self._web / "dist" / ".built"
        self._environ = environ
        self._run = run
        self._say = say

    def bring_up_to_date(self) -> None:
        """Build what has changed; nothing if nothing has.

        Raises:
            BuildError: there is no Node to be had, or the build failed.
        """
        revision = self._revision()
        if self._stamp.is_file() and self._stamp.read_text() == revision:
            self._say("The surfaces are up to date")
            return
        started = time.monotonic()
        environment = self._with_node()
        self._install(environment)
        built = self._checked(["npm", "run", "--silent", "build"], environment, "The surfaces could not be built")
        for line in built.splitlines():
            if "gzipped" in line:
                self._say(line)
        self._stamp.write_text(revision)
        self._say(f"Built the surfaces ({time.monotonic() - started:.1f} s)")

    def _revision(self) -> str:
        """The hash of all sources."""
        digest = hashlib.sha256()
        for path in sorted(self._sources()):
            digest.update(f"{path.relative_to(self._web).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _sources(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self._web):
            if Path(folder) == self._web:
                folders[:] = [name for name in folders if name not in _MADE]
            yield from (Path(folder) / name for name in names)

    def _with_node(self) -> Mapping[str, str]:
        if self._is_node(self._environ):
            return self._environ
        carried = {**self._environ, "PATH": f"{self._root / '.venv-node' / 'bin'}{os.pathsep}{self._environ['PATH']}"}
        if not self._is_node(carried):
            self._fetch_node()
            if not self._is_node(carried):
                raise BuildError(f"No Node {OLDEST_NODE} or later runs here. Install nodejs and npm, and repeat.")
        return carried

    def _is_node(self, environment: Mapping[str, str]) -> bool:
        # Windows aside, a program is looked for in the PATH of the child, so what is found here is what will run.
        node, npm = (shutil.which(name, path=environment.get("PATH")) for name in ("node", "npm"))
        if node is None or npm is None:
            return False
        version = _VERSION.match(self._run([node, "--version"], self._root, environment).output)
        recent = version is not None and int(version[1]) >= OLDEST_NODE
        return recent and self._run([npm, "-v"], self._web, environment).status == 0

    def _fetch_node(self) -> None:
        self._say("No Node found; fetching the one that PyPI carries")
        failure = "Node could not be fetched"
        bootstrap = [sys.executable, str(self._root / "bot" / "runtime" / "bootstrap.py"), "--uv"]
        uv = self._checked(bootstrap, self._environ, failure).strip().splitlines()[-1]
        place = self._root / ".venv-node"
        self._checked(
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)], self._environ, failure
        )
        lock = str(self._root / _LOCK)
        sync = [uv, "pip", "sync", "--quiet", "--python", str(place / "bin" / "python"), "--require-hashes", lock]
        self._checked(sync, self._environ, failure)

    def _install(self, environment: Mapping[str, str]) -> None:
        """What the build needs from npm, exactly as locked; nothing if it is there."""
        stamp = self._web / "node_modules" / ".locked"
        lock = hashlib.sha256((self._web / "package-lock.json").read_bytes()).hexdigest()
        if stamp.is_file() and stamp.read_text() == lock:
            return
        self._say("Fetching what the surfaces are built with")
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        self._checked(command, environment, "The packages of bot/web/package-lock.json could not be fetched")
        stamp.write_text(lock)

    def _checked(self, command: Sequence[str], environment: Mapping[str, str], failure: str) -> str:
        program = shutil.which(command[0], path=environment.get("PATH")) or command[0]
        outcome = self._run([program, *command[1:]], self._web, environment)
        if outcome.status == 0:
            return outcome.output
        log = self._root / ".cache" / "surfaces.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(outcome.output, encoding="utf-8")
        reason = _reason(outcome.output) or f"status {outcome.status}"
        raise BuildError(f"{failure}: {reason} (all of it: {log.relative_to(self._root)}). Mend that and repeat.")


def _reason(output: str) -> str:
    """The line of npm's, tsc's or Vite's words that says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|above its limit", line, re.IGNORECASE)]
    return (telling or lines or [""])[0][:300]


def main() -> int:
    """The exit status: 0 ready, 1 not possible (one line says why), 130 interrupted."""
    surfaces = Surfaces(paths.ROOT, environ=os.environ, run=run, say=lambda line: _write(sys.stdout, f"✓ {line}"))
    try:
        surfaces.bring_up_to_date()
    except BuildError as error:
        _write(sys.stderr, f"yibao: {error}")
        return 1
    except KeyboardInterrupt:
        _write(sys.stderr, "yibao: interrupted; the same command goes on from here.")
        return 130
    return 0


def _write(stream: TextIO, line: str) -> None:
    over = "\r\x1b[K" if stream.isatty() else ""  # over the progress of what is made at the same time
    stream.write(f"{over}{line}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())

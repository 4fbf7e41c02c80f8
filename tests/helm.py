"""As much of Helm's templates as our chart uses, to see it rendered without Helm; anything else is an error."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_ACTION = re.compile(r"(\{\{-?)\s*(.*?)\s*(-?\}\})", re.DOTALL)
_WORD = re.compile(r'\((?:[^()]|\([^()]*\))*\)|"[^"]*"|\S+')
Tokens = list[tuple[str, str]]


def render(chart: Path, release: str, changes: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """All objects of a chart."""
    values = yaml.safe_load((chart / "values.yaml").read_text())
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place = values
        for parent in parents:
            place = place[parent]
        place[last] = value
    scope = {"Values": values, "Release": {"Name": release}}
    names: dict[str, Tokens] = {}
    for helpers in chart.glob("templates/*.tpl"):
        _render(_tokens(helpers.read_text()), scope, names)
    texts = [_render(_tokens(path.read_text()), scope, names) for path in sorted(chart.glob("templates/*.yaml"))]
    return [found for text in texts for found in yaml.safe_load_all(text) if found]


def _tokens(text: str) -> Tokens:
    tokens: Tokens = []
    at, trim = 0, False
    for action in _ACTION.finditer(text):
        before = text[at : action.start()]
        before = before.lstrip() if trim else before
        tokens += [("text", before.rstrip() if action[1].endswith("-") else before), ("do", action[2])]
        at, trim = action.end(), action[3].startswith("-")
    return [*tokens, ("text", text[at:].lstrip() if trim else text[at:])]


def _render(tokens: Tokens, scope: Mapping[str, Any], names: dict[str, Tokens]) -> str:
    out, at = "", 0
    while at < len(tokens):
        kind, what = tokens[at]
        at += 1
        if kind == "text":
            out += what
            continue
        word, _, rest = what.partition(" ")
        if word in ("if", "range", "define"):
            end = _end(tokens, at)
            body, at = tokens[at:end], end + 1
            if word == "define":
                names[json.loads(rest)] = body
            elif word == "if":
                out += _render(body, scope, names) if _value(rest, scope, names) else ""
            else:
                loop = re.fullmatch(r"(\$\w+), (\$\w+) := (.*)", rest)
                assert loop, what
                for name, value in sorted(_value(loop[3], scope, names).items()):
                    out += _render(body, {**scope, loop[1]: name, loop[2]: value}, names)
        else:
            out += str(_value(what, scope, names))
    return out


def _end(tokens: Tokens, at: int) -> int:
    depth = 1
    while depth:
        kind, what = tokens[at]
        if kind == "do":
            depth += (what.split()[0] in ("if", "range", "define")) - (what == "end")
        at += 1
    return at - 1


def _value(expression: str, scope: Mapping[str, Any], names: dict[str, Tokens]) -> Any:
    piped: list[Any] = []
    for step in expression.split(" | "):
        words = _WORD.findall(step)
        if len(words) == 1 and words[0][0] in '.$"(':
            piped = [_word(words[0], scope, names)]
        else:
            given = [_word(word, scope, names) for word in words[1:]]
            piped = [_call(words[0], [*given, *piped], scope, names)]
    return piped[0]


def _word(word: str, scope: Mapping[str, Any], names: dict[str, Tokens]) -> Any:
    if word.startswith("("):
        return _value(word[1:-1], scope, names)
    if word.startswith('"'):
        return json.loads(word)
    if word.startswith("$"):
        return scope[word]
    if word == ".":
        return scope
    if word.startswith("."):
        found: Any = scope
        for part in word[1:].split("."):
            found = found[part]  # a value that is not in values.yaml is a mistake
        return found
    return int(word)


def _call(name: str, given: list[Any], scope: Mapping[str, Any], names: dict[str, Tokens]) -> Any:
    if name == "include":
        return _render(names[given[0]], given[1], names).strip("\n")
    if name == "nindent":
        return "".join(f"\n{' ' * given[0] if line else ''}{line}" for line in str(given[1]).splitlines())
    if name == "required":
        if given[1] in ("", None):
            raise ValueError(given[0])
        return given[1]
    plain = {
        "not": lambda value: not value,
        "quote": lambda value: json.dumps(str(value), ensure_ascii=False),
        "default": lambda usual, value: value or usual,
        "toYaml": lambda value: yaml.safe_dump(value).rstrip(),
        "toJson": lambda value: json.dumps(value, sort_keys=True),
        "sha256sum": lambda value: hashlib.sha256(value.encode()).hexdigest(),
        "printf": lambda form, *values: form % values,
    }
    return plain[name](*given)

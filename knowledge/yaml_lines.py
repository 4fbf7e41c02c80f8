"""YAML in which every value knows its line, so that a broken content file can be named exactly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import ContentError, Problem

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One parsed file: plain values, and the line (from 1) of each location in them."""

    path: Path
    name: str
    value: Any
    lines: dict[Location, int]

    def line(self, *location: str | int) -> int:
        """The line of a location, or of the nearest thing around it."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def problem(self, location: Location, what: str, mend: str) -> Problem:
        """A problem at a location of this file."""
        return Problem(self.name, self.line(*location), what, mend)


class _Loader(yaml.CSafeLoader):  # type: ignore[misc, unused-ignore]
    """The C loader without dates: a date stays text until a model asks for it."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path, *, root: Path) -> Document:
    """Read one file.

    Raises:
        ContentError: unreadable, no YAML, or a key given twice; with file, line and mend.
    """
    name = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mend = "Restore it from git." if isinstance(error, OSError) else "Save it as UTF-8."
        raise ContentError([Problem(name, 1, f"The file cannot be read: {error}.", mend)]) from error
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"This is not valid YAML: {getattr(error, 'problem', None) or error}."
        line = mark.line + 1 if mark else 1
        raise ContentError([Problem(name, line, what, "Check indent, quotes and colons there.")]) from error
    if node is None:
        raise ContentError([Problem(name, 1, "The file is empty.", "Write its content or delete the file.")])
    lines: dict[Location, int] = {}
    try:
        return Document(path, name, _plain(loader, node, (), lines, name), lines)
    except (yaml.YAMLError, TypeError, RecursionError) as error:
        what = f"This is not a plain tree of texts, lists and mappings: {error}."
        line = max(lines.values(), default=1)
        raise ContentError([Problem(name, line, what, "Write it without tags, anchors and lists as keys.")]) from error


def _plain(loader: _Loader, node: yaml.Node, at: Location, lines: dict[Location, int], name: str) -> Any:
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            if key in mapping:
                line = key_node.start_mark.line + 1
                raise ContentError([Problem(name, line, f"The key {key!r} stands here twice.", "Keep one of them.")])
            below: Location = (*at, key)
            mapping[key] = _plain(loader, value_node, below, lines, name)
            lines[below] = key_node.start_mark.line + 1
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*at, index), lines, name) for index, item in enumerate(node.value)]
    return loader.construct_object(node, deep=True)

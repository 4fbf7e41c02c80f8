"""Imports put off until something is used: what Rasa and spaCy import at their top level and a turn never needs.

A postponed module is the real one, not yet executed. Names taken from it (``from scipy.sparse import hstack``) are
placeholders; the first call, attribute, ``isinstance`` or subclass executes the module, and from then on it is as if
it had been imported in the ordinary way.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from typing import Any

# Each line is one library: the first use of one of its modules executes all of the line that were asked for.
LIBRARIES: tuple[tuple[str, ...], ...] = (
    ("scipy", "scipy.sparse", "sklearn", "sklearn.model_selection"),
    ("boto3", "boto3.dynamodb", "boto3.dynamodb.conditions"),
    ("pymongo", "pymongo.collection"),
    ("dask",),
    ("matplotlib", "matplotlib.ticker"),
    ("apscheduler", "apscheduler.schedulers", "apscheduler.schedulers.asyncio"),
    ("requests",),
    ("langcodes",),
    ("spacy.cli", "spacy.cli.info"),
    ("rasa.core.channels",),
)
# Packages whose top names come from one module, which is executed at once; the rest of the package waits.
_FACES = {"rasa.core.channels": "rasa.core.channels.channel"}
_LIBRARY_OF = {module: library for library in LIBRARIES for module in library}
_lock = RLock()


def install() -> None:
    """Postpone from now on; modules imported before, and everything after the first use, stay as they are."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def is_waiting(name: str) -> bool:
    """Whether a module was asked for and has not been executed yet."""
    return type(sys.modules.get(name)) is _Waiting


def use(name: str) -> types.ModuleType:
    """The module, executed; with it those of its library that were asked for before it."""
    with _lock:
        for module in _LIBRARY_OF[name]:
            if is_waiting(module):
                waiting: Any = sys.modules[module]
                waiting.__class__ = types.ModuleType
                waiting.__dict__.pop("_loader").real.exec_module(waiting)
    return importlib.import_module(name)


class _Finder(MetaPathFinder):
    """Finds what the path finder finds, with a loader that waits."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        library = _LIBRARY_OF.get(name)
        if library is None:
            self._use_parent(name)
            return None
        if any(module in sys.modules and not is_waiting(module) for module in library):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec

    def _use_parent(self, name: str) -> None:
        """A module that is not on the list needs its package executed, as always."""
        package = name.rpartition(".")[0]
        if package in _LIBRARY_OF and package not in _FACES and is_waiting(package):
            use(package)


class _Loader(Loader):
    def __init__(self, real: Any) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> types.ModuleType | None:
        module: types.ModuleType | None = self.real.create_module(spec)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        module._loader = self  # type: ignore[attr-defined]
        module.__class__ = _Waiting


class _Waiting(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        face = _FACES.get(self.__name__)
        if face is not None:
            top = importlib.import_module(face)
            return getattr(top if hasattr(top, name) else use(self.__name__), name)
        return _Name(self.__name__, name)


class _Name:
    """A name of a postponed module; stands in type annotations as it is."""

    def __init__(self, module: str, name: str) -> None:
        self.__module__, self.__qualname__ = module, name

    def _use(self) -> Any:
        return getattr(use(self.__module__), self.__qualname__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._use()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(self._use(), name)

    def __getitem__(self, item: Any) -> Any:
        return self._use()[item]

    def __instancecheck__(self, instance: Any) -> bool:
        # What has not been executed has no instances.
        return not is_waiting(self.__module__) and isinstance(instance, self._use())

    def __subclasscheck__(self, subclass: type) -> bool:
        return not is_waiting(self.__module__) and issubclass(subclass, self._use())

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (self._use(),)

    def __or__(self, _other: Any) -> Any:  # ``spmatrix | None`` in an annotation
        return self

    __ror__: Callable[[Any, Any], Any] = __or__

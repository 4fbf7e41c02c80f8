"""An import stand-in for TensorFlow, which Rasa imports at its top level and this pipeline never uses.

Installed only where TensorFlow is absent. Attributes are empty classes, so that Rasa's modules can be imported
and subclassed; using any of them raises an error that says what to do.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence
from typing import Any

_STOOD_IN = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras")
_MESSAGE = (
    "A configured Rasa component needs TensorFlow ({name}), which is not installed here. Remove the component "
    "from bot/config.yml, or use stock Rasa's environment."
)


class TensorFlowMissing(ImportError):
    """A component that needs the real TensorFlow was configured."""


class _Meta(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _empty_class(f"{cls.__module__}.{cls.__name__}.{name}")
        setattr(cls, name, value)
        return value

    def __getitem__(cls, _item: Any) -> Any:
        return cls

    def __or__(cls, _other: Any) -> Any:  # type: ignore[override]
        return cls

    __ror__ = __or__


def _empty_class(qualified: str) -> type:
    module, _, name = qualified.rpartition(".")

    def fail(self: Any, *_args: Any, **_kwargs: Any) -> None:
        # Decorators such as @tf.function(...) are applied while Rasa's modules are imported.
        self._called_with = _args

    def call(self: Any, *args: Any, **_kwargs: Any) -> Any:
        if len(args) == 1 and callable(args[0]):
            return args[0]
        raise TensorFlowMissing(_MESSAGE.format(name=qualified))

    return _Meta(name, (), {"__module__": module, "__init__": fail, "__call__": call})


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _empty_class(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class _Finder:
    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: Any = None) -> Any:
        if name.split(".")[0] not in _STOOD_IN:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


def install() -> bool:
    """Put the stand-in in place where TensorFlow is absent; returns whether it was needed.

    thinc (spaCy) probes TensorFlow at import and calls into what it finds, so it is imported first.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return True
    if "tensorflow" in sys.modules or importlib.util.find_spec("tensorflow") is not None:
        return False
    import thinc.compat  # noqa: F401

    sys.meta_path.append(_Finder())  # type: ignore[arg-type]
    return True

"""Postponed modules: not executed until they are used, and then the real ones."""

from __future__ import annotations

import subprocess
import sys

_LEAN = """
import sys
from bot.runtime import postponed, quiet
quiet.prepare()
import rasa.core.agent, rasa.core.tracker_store, bot.components.topic_classifier, bot.components.fact_extractor
from bot.runtime import tuning
tuning.install()
executed = [name for library in postponed.LIBRARIES for name in library
            if name in sys.modules and not postponed.is_waiting(name)]
print(executed, [name for name in ("sklearn.svm", "scipy.linalg", "dask.core", "matplotlib.pyplot", "aiogram",
                                   "prompt_toolkit", "botocore.session", "setuptools") if name in sys.modules])
"""
_USED = """
import sys
from bot.runtime import postponed
postponed.install()
import scipy.sparse
from scipy.sparse import hstack, csr_matrix, spmatrix
from sklearn.model_selection import train_test_split
assert not isinstance([], spmatrix) and not isinstance([], (list.__class__, spmatrix))
assert postponed.is_waiting("scipy.sparse") and postponed.is_waiting("sklearn.model_selection")
class Matrix(csr_matrix):
    pass
joined = hstack([Matrix([[1, 0]]), csr_matrix([[2]])])
assert joined.toarray().tolist() == [[1, 0, 2]] and isinstance(joined, spmatrix) and issubclass(Matrix, spmatrix)
assert scipy.sparse.issparse(joined) and not postponed.is_waiting("scipy.sparse")
assert [len(part) for part in train_test_split(list(range(10)), test_size=3, random_state=1)] == [7, 3]
from sklearn.svm import LinearSVC
assert LinearSVC.__module__ == "sklearn.svm._classes" and sys.modules["sklearn"].__version__
print("real")
"""
_BESIDES = """
from bot.runtime import postponed
postponed.install()
from boto3.dynamodb.conditions import Key
import pymongo.errors
assert not postponed.is_waiting("pymongo") and issubclass(pymongo.errors.ConnectionFailure, Exception)
assert postponed.is_waiting("boto3.dynamodb.conditions")
assert Key("sender").eq("c1").get_expression()["operator"] == "="
from rasa.core.channels import UserMessage
assert UserMessage("hello").text == "hello" and postponed.is_waiting("rasa.core.channels")
from rasa.core.channels import BUILTIN_CHANNELS
assert {"rest", "slack"} <= set(BUILTIN_CHANNELS)
try:
    from scipy import nosuch
    nosuch()
except AttributeError as error:
    assert "nosuch" in str(error)
    print("real")
"""


def run(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.strip()


def test_the_assistant_starts_without_what_a_turn_never_needs() -> None:
    assert run(_LEAN) == "[] []"


def test_a_name_of_a_postponed_module_is_the_real_one_when_used() -> None:
    assert run(_USED) == "real"


def test_what_is_not_on_the_list_is_imported_as_always() -> None:
    assert run(_BESIDES) == "real"

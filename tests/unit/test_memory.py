"""While the process loads nothing is collected; afterwards collection goes on, without what was loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bot.runtime.memory import loading


@pytest.fixture(autouse=True)
def nothing_left_out() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_loading_and_what_was_loaded_is_left_out_of_it_afterwards() -> None:
    before = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        with loading():
            pass
        assert not gc.isenabled()
        kept = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() - before >= len(kept)


def test_collection_goes_on_after_a_loading_that_failed() -> None:
    with pytest.raises(OSError), loading():
        raise OSError
    assert gc.isenabled()

"""Counts in memory are those of the library that the limits are written for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItem, parse, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.channels.errors import Refused
from bot.channels.limits import InMemory, Limits

HIT = st.tuples(st.sampled_from(["3/minute", "5/minute", "9/hour"]), st.sampled_from("ab"), st.integers(0, 40))


def outcome(limiter: MovingWindowRateLimiter, rate: RateLimitItem, who: str) -> tuple[bool, int, float]:
    taken = limiter.hit(rate, "message", who)
    stats = limiter.get_window_stats(rate, "message", who)
    return taken, stats.remaining, stats.reset_time


@given(hits=st.lists(HIT, max_size=60))
def test_the_same_ones_are_one_too_many(hits: list[tuple[str, str, int]]) -> None:
    now = 1_000_000.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: now)
        patch.setattr("threading.Timer.start", lambda _timer: None)
        theirs, ours = MovingWindowRateLimiter(MemoryStorage()), MovingWindowRateLimiter(InMemory(lambda: now))
        for rate, who, later in hits:
            now += later
            assert outcome(ours, parse(rate), who) == outcome(theirs, parse(rate), who)


def test_who_has_not_come_for_a_while_is_forgotten() -> None:
    now = 1_000_000.0
    counts = InMemory(lambda: now)
    for number in range(50):
        counts.acquire_entry(f"{number}", 10, 60)
    now += 30
    counts.acquire_entry("still here", 10, 3600)
    assert len(counts) == 51
    now += 90
    counts.acquire_entry("new", 10, 60)
    assert len(counts) == 2


def test_one_too_many_is_told_how_long_to_wait() -> None:
    limits, rates = Limits(), parse_many("2/minute")
    limits.take("message", "c1", rates)
    limits.take("message", "c1", rates)
    limits.take("message", "c2", rates)
    with pytest.raises(Refused) as refused:
        limits.take("message", "c1", rates)
    assert (refused.value.status, refused.value.retry_after) == (429, 60)

"""Rate limits: a moving window per address and per conversation."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import deque
from collections.abc import Callable, Sequence

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from sanic.request import Request

from bot.channels.errors import Refused
from bot.channels.settings import REDIS_PATIENCE, Network, is_in

_SWEEP = 60.0  # seconds between two looks at what nobody counts on any longer


class Limits:
    """Counts in memory, one count a process, or in Redis for all processes."""

    def __init__(self, redis: str = "") -> None:
        times = {"socket_timeout": REDIS_PATIENCE, "socket_connect_timeout": REDIS_PATIENCE}
        storage = storage_from_string(redis, wrap_exceptions=True, **times) if redis else InMemory()
        self._limiter = MovingWindowRateLimiter(storage)

    def take(self, what: str, who: str, rates: Sequence[RateLimitItem]) -> None:
        """Count one.

        Raises:
            Refused: that is one too many, says how long to wait; or Redis does not answer.
        """
        try:
            for rate in rates:
                if not self._limiter.hit(rate, what, who):
                    reset = self._limiter.get_window_stats(rate, what, who).reset_time
                    seconds = max(1, math.ceil(reset - time.time()))
                    raise Refused(429, "floods", retry_after=seconds, seconds=seconds)
        except StorageError as error:
            raise Refused(503, "unavailable", retry_after=5) from error


class InMemory(MemoryStorage):
    """Counts of this process; the library's own starts a thread after every count, which looks through all of them."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock
        self._swept = clock()
        self._counts: dict[str, tuple[int, deque[float]]] = {}  # seconds that count, and when there was one

    def __len__(self) -> int:
        return len(self._counts)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count so many, unless there would be more than the limit within ``expiry`` seconds."""
        now = self._clock()
        self._sweep(now)
        _, times = self._counts.setdefault(key, (expiry, deque()))
        while times and times[0] < now - expiry:
            times.popleft()
        if len(times) + amount > limit:
            return False
        times.extend([now] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002
        """When the first was that still counts, and how many there are."""
        now = self._clock()
        _, times = self._counts.get(key, (expiry, deque()))
        counting = [one for one in times if one > now - expiry]
        return (counting[0] if counting else now), len(counting)

    def _sweep(self, now: float) -> None:
        if now - self._swept >= _SWEEP:
            self._swept = now
            gone = [key for key, (expiry, times) in self._counts.items() if not times or times[-1] < now - expiry]
            for key in gone:
                del self._counts[key]


def address_of(request: Request, proxies: Sequence[Network]) -> str:
    """Whom to count a request for: the peer, or the nearest address named by proxies that are ours.

    An IPv6 visitor has a network of 64 bits to choose addresses from, so the network is counted.
    """
    address = request.ip or ""
    if is_in(address, proxies):
        for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
            address = hop.strip() or address
            if not is_in(address, proxies):
                break
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return request.ip or ""
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)

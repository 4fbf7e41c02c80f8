"""Rate limits: a moving window per address and per conversation."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Sequence

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from sanic.request import Request

from bot.channels.errors import Refused
from bot.channels.settings import REDIS_PATIENCE, Network, is_in


class Limits:
    """Counts in memory, one count a process, or in Redis for all processes."""

    def __init__(self, redis: str = "") -> None:
        times = {"socket_timeout": REDIS_PATIENCE, "socket_connect_timeout": REDIS_PATIENCE} if redis else {}
        storage = storage_from_string(redis or "memory://", wrap_exceptions=True, **times)
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

"""Whose turn it is in a conversation, among all processes and machines: one at a time, in the order of arrival.

By default the line is kept in the gateway's database (``Store``); in Redis where one is named. Both give a
conversation back by themselves some seconds after its process died, and wait for nobody who has left.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from bot.channels.errors import Refused
from bot.channels.settings import REDIS_PATIENCE, SettingError
from bot.channels.store import LEASE, LOOKED, Place, Store

# All that changes the line happens in one script, which Redis runs as a whole. KEYS: who has the conversation, who
# waits (by arrival), when each looked last. ARGV: who asks, milliseconds of a lease, milliseconds of patience.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local first
for _, one in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if one == ARGV[1] or now - (redis.call('HGET', KEYS[3], one) or 0) <= tonumber(ARGV[3]) then first = one; break end
  redis.call('ZREM', KEYS[2], one); redis.call('HDEL', KEYS[3], one)
end
if (not first or first == ARGV[1]) and redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  redis.call('ZREM', KEYS[2], ARGV[1]); redis.call('HDEL', KEYS[3], ARGV[1])
  return 1
end
redis.call('ZADD', KEYS[2], 'NX', time[1] * 1000000 + time[2], ARGV[1]); redis.call('HSET', KEYS[3], ARGV[1], now)
redis.call('EXPIRE', KEYS[2], 60); redis.call('EXPIRE', KEYS[3], 60)
return 0
"""
_KEEP = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end"
_LEAVE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
redis.call('ZREM', KEYS[2], ARGV[1]); redis.call('HDEL', KEYS[3], ARGV[1])
"""


class Line(Protocol):
    """Keeps the line before each conversation; every method may wait for another machine."""

    def take(self, place: Place) -> bool:
        """Take the conversation for one turn; False while others have it or came before.

        Raises:
            Refused: it has been deleted, or the line cannot be reached.
        """

    def keep(self, place: Place) -> None:
        """Go on having the conversation; to be said more often than every ``LEASE`` seconds."""

    def leave(self, place: Place) -> None:
        """Give the conversation back, or no longer wait for it."""


class RedisLine:
    """The line in Redis; that a conversation exists is asked of the store."""

    def __init__(self, address: str, store: Store) -> None:
        """Look for Redis.

        Raises:
            SettingError: it does not answer, or the address cannot be read.
        """
        import redis  # only where it is used

        self._errors = redis.RedisError
        self._store = store
        try:
            self._redis: Any = redis.Redis.from_url(
                address, socket_timeout=REDIS_PATIENCE, socket_connect_timeout=REDIS_PATIENCE, health_check_interval=15
            )
            self._redis.ping()
        except (redis.RedisError, ValueError) as error:
            what = str(error).partition("\n")[0].rstrip(".")
            raise SettingError(
                f"YIBAO_REDIS: {what}. Start Redis, or correct the address (redis://HOST:6379)."
            ) from error
        self._redis.close()  # a process that is forked from this one opens a connection of its own
        self._redis.connection_pool.disconnect()
        self._take, self._keep, self._leave = map(self._redis.register_script, (_TAKE, _KEEP, _LEAVE))

    def take(self, place: Place) -> bool:
        """Take the conversation for one turn; False while others have it or came before.

        Raises:
            Refused: it has been deleted, or Redis does not answer.
        """
        place.who = place.who or secrets.token_hex(8)
        taken = bool(self._run(self._take, place, round(LEASE * 1000), round(LOOKED * 1000)))
        try:
            self._store.conversation(place.conversation)
        except BaseException:
            self.leave(place)
            raise
        return taken

    def keep(self, place: Place) -> None:
        """Go on having the conversation."""
        self._run(self._keep, place, round(LEASE * 1000))

    def leave(self, place: Place) -> None:
        """Give the conversation back, or no longer wait for it."""
        self._run(self._leave, place)

    def is_usable(self) -> bool:
        """Whether Redis answers."""
        try:
            return bool(self._redis.ping())
        except self._errors:
            return False

    def _run(self, script: Callable[..., Any], place: Place, *times: int) -> Any:
        name = f"yibao:{{{place.conversation}}}"
        with self._reachable():
            return script(keys=[f"{name}:turn", f"{name}:waiting", f"{name}:looked"], args=[place.who, *times])

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise Refused(503, "unavailable", retry_after=5) from error

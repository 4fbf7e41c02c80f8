"""Settings of the gateway, from the environment; nothing needs to be set."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from limits import RateLimitItem, parse_many

from bot.runtime import paths

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


REDIS_PATIENCE = 3.0  # seconds for Redis to answer


class SettingError(OSError):
    """A setting cannot be used; the text says which, and what it should be."""


@dataclass(frozen=True)
class Rates:
    """How often; the proposals of OWASP's sheets for public chat, adjustable for load tests and known proxies."""

    sessions: tuple[RateLimitItem, ...] = tuple(parse_many("10/minute"))  # new conversations of one address
    messages: tuple[RateLimitItem, ...] = tuple(parse_many("20/minute;300/day"))  # of one conversation
    address: tuple[RateLimitItem, ...] = tuple(parse_many("60/minute"))  # messages of one address
    requests: tuple[RateLimitItem, ...] = tuple(parse_many("300/minute"))  # all else of one address: searches, pages


@dataclass(frozen=True)
class Settings:
    """What an operator may choose."""

    database: str = f"sqlite:///{paths.STATE / 'gateway.db'}"
    origins: frozenset[str] = frozenset()  # sites that may embed the widgets, beside our own
    proxies: tuple[Network, ...] = ()  # whose X-Forwarded-For is believed
    monitors: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    public_address: str = ""  # https://…, for links that must name the host; else the address asked for
    keep_days: int = 30
    redis: str = ""
    secret: str = ""
    secret_file: Path = paths.STATE / "secret"
    rates: Rates = field(default_factory=Rates)
    web: Path = paths.ROOT / "bot" / "web" / "dist"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this environment.

        Raises:
            SettingError: a value cannot be read.
        """
        usual = cls()

        def rate(name: str, default: tuple[RateLimitItem, ...]) -> tuple[RateLimitItem, ...]:
            try:
                return tuple(parse_many(environment[name])) if environment.get(name) else default
            except ValueError as error:
                raise SettingError(f"{name}={environment[name]}: write for example 20/minute;300/day.") from error

        def networks(name: str, default: tuple[Network, ...]) -> tuple[Network, ...]:
            try:
                return tuple(map(ipaddress.ip_network, _items(environment.get(name, "")))) or default
            except ValueError as error:
                raise SettingError(f"{name}: {error}. Write addresses or networks, comma separated.") from error

        keep_days = environment.get("YIBAO_KEEP_DAYS") or str(usual.keep_days)
        if not keep_days.isdecimal() or int(keep_days) < 1:
            raise SettingError(f"YIBAO_KEEP_DAYS={keep_days}: write a number of days, 1 or more.")
        return cls(
            database=environment.get("YIBAO_DATABASE") or usual.database,
            origins=frozenset(one.rstrip("/").lower() for one in _items(environment.get("YIBAO_ORIGINS", ""))),
            proxies=networks("YIBAO_PROXIES", usual.proxies),
            monitors=networks("YIBAO_MONITORS", usual.monitors),
            public_address=environment.get("YIBAO_PUBLIC_ADDRESS", "").rstrip("/"),
            keep_days=int(keep_days),
            redis=environment.get("YIBAO_REDIS", ""),
            secret=environment.get("YIBAO_SECRET", ""),
            rates=Rates(
                sessions=rate("YIBAO_LIMIT_SESSIONS", usual.rates.sessions),
                messages=rate("YIBAO_LIMIT_MESSAGES", usual.rates.messages),
                address=rate("YIBAO_LIMIT_ADDRESS", usual.rates.address),
                requests=rate("YIBAO_LIMIT_REQUESTS", usual.rates.requests),
            ),
        )


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks if network.version == known.version)


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]

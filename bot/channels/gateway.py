"""What all routes of the gateway share, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from sanic.request import Request

from bot.channels.conversations import Answering, Conversations
from bot.channels.errors import Refused
from bot.channels.limits import Limits, address_of
from bot.channels.line import RedisLine
from bot.channels.metrics import Metrics
from bot.channels.requests import bearer
from bot.channels.settings import Settings
from bot.channels.store import Conversation, Store
from bot.channels.tokens import Tokens, signing_key

VERDICTS = ("up", "down")
REASONS = ("not_relevant", "unclear", "wrong_place", "outdated", "wrong", "other")


@dataclass(frozen=True)
class Gateway:
    """The assistant, what is remembered, and who may do what how often."""

    assistant: Answering
    settings: Settings
    store: Store
    redis: RedisLine | None
    conversations: Conversations
    tokens: Tokens
    limits: Limits
    metrics: Metrics

    @classmethod
    def open(cls, assistant: Answering, settings: Settings) -> Gateway:
        """Open the stores that the settings name.

        Raises:
            SettingError: Redis cannot be used.
            DatabaseError: the database cannot be used.
        """
        store, metrics = Store(settings.database), Metrics()
        redis = RedisLine(settings.redis, store) if settings.redis else None
        return cls(
            assistant,
            settings,
            store,
            redis,
            Conversations(assistant, store, metrics, redis),
            Tokens(signing_key(settings.secret, settings.secret_file), audience="chat"),
            Limits(settings.redis),
            metrics,
        )

    def address(self, request: Request) -> str:
        """Whom a request is counted for."""
        return address_of(request, self.settings.proxies)

    def limit_session(self, request: Request) -> None:
        """Count a new conversation.

        Raises:
            Refused: one too many.
        """
        self.limits.take("session", self.address(request), self.settings.rates.sessions)

    def limit_message(self, request: Request, conversation: str) -> None:
        """Count a message.

        Raises:
            Refused: one too many, of this conversation or of this address.
        """
        self.limits.take("message", conversation, self.settings.rates.messages)
        self.limits.take("address", self.address(request), self.settings.rates.address)

    def limit_request(self, request: Request) -> None:
        """Count anything else.

        Raises:
            Refused: one too many.
        """
        self.limits.take("request", self.address(request), self.settings.rates.requests)

    def whose(self, request: Request) -> tuple[Conversation, str]:
        """The conversation whose token a request bears, and a fresh token for it.

        Raises:
            Refused: there is no token, it is not valid, or the conversation has been deleted.
        """
        token = bearer(request)
        if token is None:
            raise Refused(401, "no_token")
        return self.resume(token)

    def resume(self, token: object) -> tuple[Conversation, str]:
        """The conversation of a token, and a fresh token for it.

        Raises:
            Refused: it is not valid, or the conversation has been deleted.
        """
        name, begun = self.tokens.open(token)
        return self.store.conversation(name), self.tokens.seal(name, begun=begun)

"""What a request can be refused for, and how that is said: one line, never a debug page."""

from __future__ import annotations

import logging

import sqlalchemy as sql
from sanic import Sanic, response
from sanic.exceptions import (
    MethodNotSupported,
    NotFound,
    PayloadTooLarge,
    RequestTimeout,
    SanicException,
    ServiceUnavailable,
)
from sanic.handlers import ErrorHandler
from sanic.log import error_logger
from sanic.log import logger as sanic_logger
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import texts
from bot.channels.rendering import Renderer
from knowledge.models import Language

logger = logging.getLogger(__name__)
_UNREACHABLE = (sql.exc.OperationalError, sql.exc.InterfaceError, sql.exc.TimeoutError)
BODY_LIMIT = 16 * 1024  # bytes; the longest message allowed is far below


class Refused(Exception):
    """A request that is not served; ``code`` names the sentence in texts.yml."""

    def __init__(self, status: int, code: str, *, retry_after: int | None = None, **values: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.values = values


class Refusals(ErrorHandler):
    """Turns every error of an application into one line: JSON for programs, a small page for people."""

    def __init__(self) -> None:
        super().__init__()
        self._renderer = Renderer.of()

    def response(self, request: Request, exception: Exception) -> HTTPResponse:
        """The answer to a request that failed."""
        refused = exception if isinstance(exception, Refused) else _understand(request, exception)
        language = language_of(request)
        error = texts.say(refused.code, language, **refused.values)
        headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
        if refused.retry_after is not None:
            headers["Retry-After"] = str(refused.retry_after)
        if _is_page(request):
            page = self._renderer.page(
                "error.html", language, path="/faq", chosen="language" in request.args, error=error
            )
            return response.html(page, status=refused.status, headers=headers)
        return response.json({"error": error, "code": refused.code}, status=refused.status, headers=headers)


def language_of(request: Request | None) -> Language:
    """The language that a request asks for: by its address, else by the browser's settings."""
    if request is None:
        return "en"
    try:
        accepted = "zh" if request.headers.get("accept-language", "").strip().lower().startswith("zh") else "en"
        return texts.language_or(texts.language_or("en", accepted), request.args.get("language"))
    except Exception:  # an address that cannot be read is what is being refused
        return "en"


def _is_page(request: Request | None) -> bool:
    return request is not None and request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _understand(request: Request | None, exception: Exception) -> Refused:
    if isinstance(exception, NotFound):
        return Refused(404, "not_found")
    if isinstance(exception, MethodNotSupported):
        return Refused(405, "method", method=request.method if request else "")
    if isinstance(exception, PayloadTooLarge):
        return Refused(413, "too_large", limit=BODY_LIMIT)
    if isinstance(exception, RequestTimeout) or (isinstance(exception, ServiceUnavailable) and _body_awaited(request)):
        return Refused(408, "slow")
    if isinstance(exception, ServiceUnavailable):
        return Refused(503, "unavailable", retry_after=5)
    if isinstance(exception, SanicException) and exception.status_code < 500:
        return Refused(exception.status_code, "bad_request")
    if request is None or request.route is None:  # it failed before any code of ours: the request cannot be read
        return Refused(400, "bad_request")
    if isinstance(exception, _UNREACHABLE):
        logger.error("%s %s: the database cannot be used: %s", request.method, request.route.path, _where(exception))
        return Refused(503, "unavailable", retry_after=5)
    # The kind and place of the error, but not its words, which may hold a person's.
    logger.error("%s %s failed: %s", request.method, request.route.path, _where(exception))
    return Refused(500, "failed")


def _body_awaited(request: Request | None) -> bool:
    return bool(request is not None and request.stream and request.stream.request_body)


def _where(exception: BaseException) -> str:
    trace = exception.__traceback__
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{type(exception).__name__} at {' < '.join(reversed(places[-4:]))}"


class WithoutWords(logging.Filter):
    """Leaves of Sanic's own messages what kind of error it was: they quote addresses, in which people's words stand."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, in other words."""
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = "a connection failed: %s", (_where(error) if error else record.funcName,)
        record.exc_info = record.exc_text = None
        return True


def install(app: Sanic) -> None:
    """Use these refusals in an application."""
    app.error_handler = Refusals()
    app.config.FALLBACK_ERROR_FORMAT = "json"
    if not any(isinstance(one, WithoutWords) for one in error_logger.filters):
        error_logger.addFilter(WithoutWords())
    sanic_logger.setLevel(logging.WARNING)

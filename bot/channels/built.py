"""The files that the web build has made: demo site, widgets, console."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.errors import Refused
from bot.channels.gateway import Gateway

# mimetypes reads the machine's own table, which may lack these or say otherwise.
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+\Z")  # a name that changes with the content
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"  # may be kept, but is asked for before use


def blueprint(gateway: Gateway) -> Blueprint:
    """``/`` and the files below ``/assets`` and ``/widgets``."""
    routes = Blueprint("built")
    root = gateway.settings.web

    @routes.get("/")
    async def start(request: Request) -> HTTPResponse:
        return await send(request, root, "index.html")

    for folder in ("assets", "widgets"):

        @routes.get(f"/{folder}/<name:path>", name=folder)
        async def file(request: Request, name: str, folder: str = folder) -> HTTPResponse:
            return await send(request, root / folder, name)

    return routes


async def send(request: Request, root: Path, name: str) -> HTTPResponse:
    """A built file.

    Raises:
        Refused: nothing has been built yet, or there is no such file.
    """
    path = (root / name.replace("\0", "")).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise Refused(404, "not_found") if root.exists() and name != "index.html" else Refused(503, "not_built")
    stamp = path.stat()
    tag = f'"{stamp.st_mtime_ns:x}-{stamp.st_size:x}"'
    caching = _FOR_EVER if _HASHED.search(path.name) else _ASK_AGAIN
    headers = {"ETag": tag, "Cache-Control": caching}
    if request.headers.get("if-none-match") == tag:
        return response.empty(304, headers=headers)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return await response.file(path, mime_type=kind, headers=headers)

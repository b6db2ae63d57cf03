"""The built page and its launcher, as static files with strict headers."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from aiohttp import web

__all__ = ["Assets"]

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}", re.ASCII)
_MISSING = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>网页问答暂不可用</title>
<h1>网页问答暂不可用</h1>
<p>页面还没有准备好，请稍后再来；急事请拨打 12345 政务服务便民热线。</p>
</html>
"""


class Assets:
    """Files of ``web/dist/widget``.

    Args:
        folder: where the build put them.
        embedders: the origins whose pages may frame the chat; none given means any.
    """

    def __init__(self, folder: Path, embedders: Sequence[str] = ()) -> None:
        self._folder = folder
        self._policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self' data:",
                "font-src 'self' data:",
                "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                f"frame-ancestors {' '.join(embedders) or '*'}",
            )
        )

    async def page(self, request: web.Request) -> web.Response:
        """``/chat/``; 503 with a plain page where nothing was built."""
        headers = {"Content-Security-Policy": self._policy, "Cache-Control": "no-cache"}
        return self._answer(request, self._folder / "index.html", headers)

    async def file(self, request: web.Request) -> web.Response:
        """``/chat/assets/{name}``: named by their content, so good for ever."""
        name = request.match_info["name"]
        path = self._folder / "assets" / name
        if _NAME.fullmatch(name) is None or not path.is_file():
            raise web.HTTPNotFound
        return self._answer(request, path, {"Cache-Control": "public, max-age=31536000, immutable"})

    async def launcher(self, request: web.Request) -> web.Response:
        """``/widget.js``: what other sites embed."""
        headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
        return self._answer(request, self._folder / "widget.js", headers)

    async def slash(self, request: web.Request) -> web.Response:
        """``/chat`` as people type it."""
        raise web.HTTPMovedPermanently("/chat/")

    def _answer(self, request: web.Request, path: Path, headers: dict[str, str]) -> web.Response:
        headers = {
            **headers,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
        }
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            headers["Cache-Control"] = "no-store"
            return web.Response(
                text=_MISSING, status=503, content_type="text/html", headers=headers
            )
        headers["ETag"] = f'"{sha256(body).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if kind in {"application/javascript", "application/x-javascript"}:
            kind = "text/javascript"
        text = kind.startswith("text/")
        response = web.Response(
            body=body, content_type=kind, charset="utf-8" if text else None, headers=headers
        )
        if text or kind == "image/svg+xml":
            response.enable_compression()
        return response

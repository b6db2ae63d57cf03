"""The desk's page as it was built, under ``/desk/``, with strict headers."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from aiohttp import web

__all__ = ["Pages"]

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}", re.ASCII)
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_NONCE = "__NONCE__"
_MISSING = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>坐席工作台暂不可用</title>
<h1>坐席工作台暂不可用</h1>
<p>页面还没有构建，请管理员运行 make run 后再打开。</p>
</html>
"""


class Pages:
    """Files of ``web/dist/desk``.

    Args:
        folder: where the build put them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add_to(self, app: web.Application) -> None:
        """The routes."""
        app.router.add_get("/desk", self.slash)
        app.router.add_get("/desk/", self.page)
        app.router.add_get("/desk/assets/{name}", self.file)

    async def slash(self, request: web.Request) -> web.Response:
        """``/desk`` as people type it."""
        raise web.HTTPMovedPermanently("/desk/")

    async def page(self, request: web.Request) -> web.Response:
        """The page; its styles carry a nonce, for the component library makes some as it runs."""
        nonce = secrets.token_urlsafe(16)
        headers = {
            "Content-Security-Policy": _policy(nonce),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }
        try:
            text, status = (self._folder / "index.html").read_text("utf-8"), 200
        except FileNotFoundError:
            text, status = _MISSING, 503
        return web.Response(
            text=text.replace(_NONCE, nonce),
            status=status,
            content_type="text/html",
            headers=headers,
        )

    async def file(self, request: web.Request) -> web.Response:
        """A script or style; named by its content, so good for ever."""
        name = request.match_info["name"]
        path = self._folder / "assets" / name
        kind = _TYPES.get(path.suffix)
        if _NAME.fullmatch(name) is None or kind is None or not path.is_file():
            raise web.HTTPNotFound
        response = web.Response(
            body=path.read_bytes(),
            content_type=kind,
            charset="utf-8" if kind.startswith("text/") else None,
            headers={
                "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )
        response.enable_compression()
        return response


def _policy(nonce: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )

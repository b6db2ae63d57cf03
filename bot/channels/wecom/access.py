"""Getting the app's access token. https://developer.work.weixin.qq.com/document/path/91039"""

from __future__ import annotations

from bot.channels.platform.tokens import Fetch, read_token
from bot.channels.platform.transport import Transport

__all__ = ["fetcher"]


def fetcher(transport: Transport, corp_id: str, secret: str) -> Fetch:
    """What fetches a token for the app with that secret.

    Within its lifetime the platform gives the same token to everybody who asks, and a new
    one when the old one died early; so the stale token does not matter here.
    """

    async def fetch(stale: str | None) -> tuple[str, float]:
        query = {"corpid": corp_id, "corpsecret": secret}
        return read_token(await transport.get("/cgi-bin/gettoken", query))

    return fetch

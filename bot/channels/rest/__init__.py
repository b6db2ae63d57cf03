"""The REST channel, in the format of Rasa's own REST channel."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from bot.api.http import Operation, json_response, read_json
from bot.api.models import plain
from bot.conversations import Conversations
from bot.errors import RequestError
from bot.settings import Settings

__all__ = ["RestChannel"]


def _unicode(value: str) -> str:
    if any(0xD800 <= ord(c) < 0xE000 for c in value):
        raise ValueError("含有无效字符")
    return value


class Metadata(BaseModel):
    """Anything the client likes; ``message_id`` makes asking twice safe."""

    model_config = ConfigDict(extra="allow")
    message_id: plain(200) | None = None  # type: ignore[valid-type]


class Message(BaseModel):
    """One message of a person."""

    model_config = ConfigDict(extra="forbid")
    sender: plain(200)  # type: ignore[valid-type]
    message: Annotated[str, StringConstraints(strict=True), AfterValidator(_unicode)]
    metadata: Metadata | None = None


class Button(BaseModel):
    """A quick reply; sending ``payload`` as the next message chooses it."""

    title: str
    payload: str


class ReplyMessage(BaseModel):
    """One message of the assistant."""

    recipient_id: str
    text: str
    buttons: list[Button] = Field(default_factory=list)
    custom: dict[str, Any]


class RestChannel:
    """``POST /webhooks/rest/webhook``.

    Open on a loopback address; elsewhere it needs WENCE_REST_TOKEN and is off
    without one.
    """

    def __init__(self, conversations: Conversations, settings: Settings) -> None:
        self._conversations, self._settings = conversations, settings

    def operations(self) -> list[Operation]:
        """The route."""
        return [
            Operation(
                "POST",
                "/webhooks/rest/webhook",
                self.webhook,
                "发送一条消息，取得答复",
                list[ReplyMessage],
                body=Message,
                errors=(400, 401, 403, 409, 413, 422, 429, 503),
                secured=True,
            )
        ]

    def _authorise(self, request: web.Request) -> None:
        token = self._settings.rest_token
        if token is None:
            if not self._settings.loopback:
                raise RequestError(
                    403, "rest_off", "对外监听而未设置 WENCE_REST_TOKEN，REST 接口已关闭"
                )
            return
        given = request.headers.get("Authorization", "")
        expected = f"Bearer {token}"
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
            raise RequestError(401, "unauthorised", "缺少令牌或令牌不对")

    async def webhook(self, request: web.Request) -> web.Response:
        """Take a message and answer it."""
        self._authorise(request)
        message = await read_json(request, Message)
        message_id = message.metadata.message_id if message.metadata else None
        replies = await self._conversations.ask("rest", message.sender, message.message, message_id)
        return json_response(
            [{"recipient_id": message.sender, **_without_empty_buttons(reply)} for reply in replies]
        )


def _without_empty_buttons(reply: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in reply.items() if key != "buttons" or value}

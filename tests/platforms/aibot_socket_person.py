"""A member who talks to an AI bot that keeps a long connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.platforms.aibot_letters import event_of
from tests.platforms.cards import buttons_of, card_faults, text_of_card
from tests.platforms.person import Line, Person

if TYPE_CHECKING:
    from tests.platforms.aibot_socket import AiBotSocket, Request

__all__ = ["SocketPerson"]

MOST_BYTES = 20480
_WRONG = 40058


class SocketPerson(Person):
    """One member in one chat."""

    def __init__(self, name: str, group: str, platform: AiBotSocket) -> None:
        super().__init__(name)
        self.group, self.platform = group, platform
        self.wrote_once = False

    async def says(self, text: str, times: int = 1) -> str:
        """Send words; ``times`` delivers the callback that often."""
        self.wrote(text)
        self.wrote_once = True
        content = f"@问策 {text}" if self.group else text
        fields = {"msgtype": "text", "text": {"content": content}}
        return await self.platform.push(self._request("message"), fields, times)

    async def enters(self) -> str:
        """Open the chat for the first time today."""
        self.wrote("（进入会话）")
        return await self.platform.push(self._request("enter"), event_of("enter_chat", {}))

    async def presses(self, title: str) -> str:
        """Press a button of the latest card that has any."""
        card = self.card
        button = next(b for b in card.buttons if title in b.title)
        self.wrote(f"［{button.title}］")
        request = self._request("card")
        request.pressed = card.card
        pressed = {"card_type": "button_interaction", "event_key": button.key}
        fields = event_of("template_card_event", pressed | {"task_id": card.card})
        return await self.platform.push(request, fields)

    def _request(self, kind: str) -> Request:
        from tests.platforms.aibot_socket import Request

        return Request(self, self.platform.clock(), kind)

    def takes(self, request: Request, command: str, body: dict[str, Any]) -> int:
        """What the bot answers to a callback; the errcode."""
        if command == "aibot_respond_welcome_msg" and request.kind == "enter":
            request.finished = True
            return self.gets(body, "welcome")
        if command == "aibot_respond_update_msg" and request.kind == "card":
            return self._updated(request, body)
        if command == "aibot_respond_msg" and request.kind == "message":
            if body.get("msgtype") in {"stream", "stream_with_template_card"}:
                return self._stream(request, body)
            request.finished = True
            return self.gets(body, "passive")
        return self._wrong(f"{command} to an event of kind {request.kind}")

    def _updated(self, request: Request, body: dict[str, Any]) -> int:
        card = body.get("template_card") or {}
        if body.get("response_type") != "update_template_card":
            return self._wrong("response_type missing")
        if request.pressed is None or card.get("task_id") != request.pressed:
            return self._wrong("task_id is not that of the card pressed")
        self.press_down(request.pressed, (card.get("main_title") or {}).get("title", ""))
        return 0

    def _stream(self, request: Request, body: dict[str, Any]) -> int:
        stream = body.get("stream") or {}
        content, stream_id = stream.get("content", ""), stream.get("id")
        if not stream_id or request.stream_id not in {None, stream_id}:
            return self._wrong("the stream has no id, or changed it")
        if len(content.encode("utf-8")) > MOST_BYTES:
            return self._wrong("stream content over 20480 bytes")
        request.stream_id = stream_id
        if request.place is None:
            request.place = self.show(Line("bot", content, time.monotonic(), "stream"))
        else:
            self.change(request.place, content)
        request.finished = bool(stream.get("finish"))
        if body["msgtype"] == "stream_with_template_card" and body.get("template_card"):
            return self.gets(body | {"msgtype": "template_card"}, "stream")
        return 0

    def gets(self, body: dict[str, Any], via: str = "active") -> int:
        """A message of its own."""
        kind = body.get("msgtype")
        if kind == "template_card":
            card = body.get("template_card")
            faults = card_faults(card, self.platform.task_ids)
            if faults or not isinstance(card, dict):
                return self._wrong("; ".join(faults))
            if card.get("task_id"):
                self.platform.task_ids.add(card["task_id"])
            words, buttons = text_of_card(card), buttons_of(card)
            self.show(Line("bot", words, time.monotonic(), via, buttons, card.get("task_id")))
            return 0
        if kind == "markdown" or (kind == "text" and via == "welcome"):
            content = (body.get(kind) or {}).get("content")
            if not content or len(content.encode("utf-8")) > MOST_BYTES:
                return self._wrong(f"{kind} empty or too long")
            self.show(Line("bot", content, time.monotonic(), via))
            return 0
        return self._wrong(f"a message of type {kind} is not allowed here")

    def _wrong(self, why: str) -> int:
        self.platform.problems.append(why)
        return _WRONG

"""A member who talks to the AI bot, alone or in a group, in callback mode."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.platforms.aibot_letters import event_of, letter_of, message_of, opened
from tests.platforms.api import Refusal
from tests.platforms.courier import Attempt, Letter, Post
from tests.platforms.envelope import EnvelopeFault
from tests.platforms.person import Line, Person

if TYPE_CHECKING:
    from tests.platforms.aibot import AiBot

__all__ = ["AiBotPerson"]

Take = Callable[[dict[str, Any]], None]

_AT_ONCE = 3  # interactions that one person may have open


class AiBotPerson(Person):
    """One member in one chat.

    Attributes:
        posts: what this person sent, with all deliveries; polls are not among them.
        polls: how often an unfinished stream was asked for.
        open: ids of streams that are not finished.
        feedback: feedback ids of what the bot said.
    """

    def __init__(self, name: str, group: str, platform: AiBot) -> None:
        super().__init__(name)
        self.group, self.platform = group, platform
        self.posts: list[Post] = []
        self.polls = 0
        self.open: set[str] = set()
        self.feedback: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Watch no stream any longer."""
        for task in self._tasks:
            task.cancel()

    async def says(self, text: str, quoted: str = "") -> Post:
        """Send words, perhaps under a quoted message; in a group the bot is addressed by name."""
        if len(self.open) >= _AT_ONCE:
            raise AssertionError("the platform lets a person have three open questions")
        self.wrote(text)
        content = f"@问策 {text}" if self.group else text
        fields: dict[str, Any] = {"msgtype": "text", "text": {"content": content}}
        if quoted:
            fields["quote"] = {"msgtype": "text", "text": {"content": quoted}}
        return await self.sends(fields)

    async def speaks(self, words: str) -> Post:
        """Send a voice message; it comes as words."""
        self.wrote(f"（语音）{words}")
        return await self.sends({"msgtype": "voice", "voice": {"content": words}})

    async def sends_image(self) -> Post:
        """Send an image."""
        self.wrote("（图片）")
        return await self.sends({"msgtype": "image", "image": {"url": "https://example.com/a"}})

    async def enters(self) -> Post:
        """Open the chat for the first time today."""
        self.wrote("（进入会话）")
        return await self.sends(event_of("enter_chat", {}), late=False)

    async def presses(self, title: str) -> Post:
        """Press a button of the latest card that has any; delivered once only."""
        card = self.card
        button = next(b for b in card.buttons if title in b.title)
        self.wrote(f"［{button.title}］")
        pressed = {
            "card_type": "button_interaction",
            "event_key": button.key,
            "task_id": card.card,
        }
        fields = event_of("template_card_event", pressed)
        return await self.sends(fields, deliveries=1, pressed=card.card)

    async def rates(self, good: bool, words: str = "") -> Post:
        """Say whether the latest answer was right."""
        rating: dict[str, Any] = {"id": self.feedback[-1], "type": 1 if good else 2}
        if not good:
            rating |= {"content": words, "inaccurate_reason_list": [2]}
        return await self.sends(event_of("feedback_event", rating), late=False)

    async def sends(
        self,
        fields: dict[str, Any],
        deliveries: int = 3,
        late: bool = True,
        pressed: str | None = None,
    ) -> Post:
        """Post a callback; where a stream comes back it is watched until its end."""
        message = self._message(fields)
        if late:
            message["response_url"] = self.platform.response_url(self)
        post = Post(message["msgid"])
        self.posts.append(post)
        allowed = _allowed(fields)

        def take(reply: dict[str, Any]) -> None:
            self._take(reply, allowed, pressed)

        return await self._deliver(post, message, take, deliveries)

    def _message(self, fields: dict[str, Any]) -> dict[str, Any]:
        return message_of(self.platform.account.bot_id, self.name, self.group, fields)

    async def _deliver(
        self, post: Post, message: dict[str, Any], take: Take, deliveries: int
    ) -> Post:
        platform = self.platform
        nonces: list[str] = []

        def write() -> Letter:
            nonces.append(secrets.token_hex(5))
            return letter_of(platform.envelope, platform.callback, message, nonces[-1])

        async def answered(attempt: Attempt) -> None:
            if not attempt.body:
                return
            try:
                take(opened(platform.envelope, attempt.body, nonces[-1]))
            except (EnvelopeFault, Refusal) as fault:
                platform.problems.append(f"reply: {fault}")

        return await platform.courier.deliver(post, write, answered, deliveries)

    def _take(self, reply: dict[str, Any], allowed: set[str], pressed: str | None) -> None:
        kind = reply.get("response_type") or reply.get("msgtype")
        if kind not in allowed:
            raise EnvelopeFault(f"a reply of type {kind} is not allowed here")
        if kind == "update_template_card" and pressed is not None:
            if reply["template_card"].get("task_id") != pressed:
                raise EnvelopeFault("task_id is not that of the card pressed")
            title = (reply["template_card"].get("main_title") or {}).get("title", "")
            self.press_down(pressed, title)
        elif kind == "text":
            self.show(Line("bot", reply["text"]["content"], time.monotonic(), "welcome"))
        elif kind == "template_card":
            self.show(self.platform.card_line(reply["template_card"], "passive"))
        else:
            self._stream_began(reply)

    def _stream_began(self, reply: dict[str, Any]) -> None:
        stream = reply.get("stream") or {}
        stream_id = stream.get("id")
        if not isinstance(stream_id, str) or not stream_id:
            raise EnvelopeFault("the first packet of a stream has no id")
        if "feedback" in stream:
            self.feedback.append(stream["feedback"]["id"])
        place = self.show(Line("bot", "", time.monotonic(), "stream"))
        self.open.add(stream_id)
        if not self._grew(reply, place, stream_id):
            task = asyncio.create_task(self._watch(stream_id, place))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _grew(self, reply: dict[str, Any], place: int, stream_id: str) -> bool:
        """Show a packet; whether it was the last."""
        stream = reply["stream"]
        content = stream.get("content", "")
        if len(content.encode("utf-8")) > 20480:
            raise EnvelopeFault("stream content over 20480 bytes")
        if stream.get("id", stream_id) != stream_id:
            raise EnvelopeFault("the stream changed its id")
        if stream.get("msg_item") and not stream.get("finish"):
            raise EnvelopeFault("images before the end of the stream")
        self.change(place, content)
        if reply["msgtype"] == "stream_with_template_card" and reply.get("template_card"):
            self.show(self.platform.card_line(reply["template_card"], "stream"))
        if stream.get("finish"):
            self.open.discard(stream_id)
        return bool(stream.get("finish"))

    async def _watch(self, stream_id: str, place: int) -> None:
        """Ask for the stream until it is finished or six minutes are over."""
        until = self.platform.clock() + self.platform.longest
        finished = False

        def take(reply: dict[str, Any]) -> None:
            nonlocal finished
            if reply.get("msgtype") not in {"stream", "stream_with_template_card"}:
                raise EnvelopeFault("a stream is answered by a stream only")
            finished = self._grew(reply, place, stream_id)

        while not finished and self.platform.clock() < until:
            await asyncio.sleep(self.platform.poll)
            self.polls += 1
            message = self._message({"msgtype": "stream", "stream": {"id": stream_id}})
            await self._deliver(Post(message["msgid"]), message, take, 1)
        if not finished:
            self.platform.problems.append("a stream was never finished")
        self.open.discard(stream_id)


def _allowed(fields: dict[str, Any]) -> set[str]:
    """What may be answered to a callback."""
    name = fields.get("event", {}).get("eventtype")
    if name is None:
        return {"stream", "template_card", "stream_with_template_card"}
    return {
        "enter_chat": {"text", "template_card"},
        "template_card_event": {"update_template_card"},
    }.get(name, set())

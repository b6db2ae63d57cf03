"""A follower of an official account."""

from __future__ import annotations

import secrets
import time
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.platforms.api import Refusal
from tests.platforms.courier import Attempt, Letter, Post
from tests.platforms.envelope import EnvelopeFault, signature_of
from tests.platforms.person import Line, Person
from tests.platforms.wecom_person import fields_of, xml_of

if TYPE_CHECKING:
    from tests.platforms.wechat import WeChat

__all__ = ["OUT_OF_ORDER", "WeChatPerson"]

OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"
"""What a follower sees where the account answers junk, or not at all."""

_ids = count(23_000_000_000_000_000)
_PASSIVE = {"text", "image", "voice", "video", "music", "news", "transfer_customer_service"}


class WeChatPerson(Person):
    """One follower and the chat with the account.

    Attributes:
        posts: what this person sent, with all deliveries.
        allowances: until when, and how many messages may still be sent unasked.
    """

    def __init__(self, name: str, platform: WeChat) -> None:
        super().__init__(name)
        self.platform = platform
        self.posts: list[Post] = []
        self.allowances: list[tuple[float, int]] = []

    def spend(self, now: float) -> None:
        """Use up one customer-service message.

        Raises:
            Refusal: 45015 where the person did nothing lately, 45047 where all are used.
        """
        self.allowances = [(until, left) for until, left in self.allowances if until > now]
        if not self.allowances:
            raise Refusal(45015, "response out of time limit")
        for place, (until, left) in enumerate(self.allowances):
            if left:
                self.allowances[place] = (until, left - 1)
                return
        raise Refusal(45047, "out of response count limit")

    async def says(self, text: str) -> Post:
        """Send words."""
        self.wrote(text)
        self.allowances = [(self.platform.clock() + 48 * 3600.0, 5)]
        return await self.sends({"MsgType": "text", "Content": text, "MsgId": next(_ids)})

    async def speaks(self, recognised: str = "") -> Post:
        """Send a voice message, with its words where recognition is on."""
        self.wrote(f"（语音）{recognised}")
        self.allowances = [(self.platform.clock() + 48 * 3600.0, 5)]
        fields: dict[str, Any] = {"MediaId": secrets.token_hex(16), "Format": "amr"}
        if recognised:
            fields["Recognition"] = recognised
        return await self.sends({"MsgType": "voice", **fields, "MsgId": next(_ids)})

    async def sends_kind(self, kind: str, **fields: Any) -> Post:
        """Send an image, video, location or link."""
        self.wrote(f"（{kind}）")
        self.allowances = [(self.platform.clock() + 48 * 3600.0, 5)]
        return await self.sends({"MsgType": kind, **fields, "MsgId": next(_ids)})

    async def does(self, event: str, key: str = "") -> Post:
        """What counts as an event: subscribe, unsubscribe, CLICK, VIEW, SCAN, LOCATION."""
        self.wrote(f"（{event}{' ' + key if key else ''}）")
        if event in {"subscribe", "CLICK", "SCAN"}:
            self.allowances.append((self.platform.clock() + 60.0, 3))
        return await self.sends({"MsgType": "event", "Event": event, "EventKey": key})

    async def presses(self, title: str) -> Post:
        """Touch a row of the latest menu message; its words are sent as the person's."""
        button = next(b for b in self.card.buttons if title in b.title)
        self.wrote(button.title)
        self.allowances = [(self.platform.clock() + 48 * 3600.0, 5)]
        words = {"Content": button.title, "bizmsgmenuid": button.key}
        return await self.sends({"MsgType": "text", **words, "MsgId": next(_ids)})

    async def sends(self, fields: dict[str, Any]) -> Post:
        """Post a callback and repeat it as the platform does; in the end the notice."""
        account = self.platform.account
        inner = {
            "ToUserName": account.origin,
            "FromUserName": self.name,
            "CreateTime": int(time.time()),
            **fields,
        }
        post = Post(str(fields.get("MsgId", "")))
        self.posts.append(post)
        await self.platform.courier.deliver(post, lambda: self._letter(inner), self._answered)
        if not post.accepted:
            self._out_of_order()
        return post

    def _letter(self, inner: dict[str, Any]) -> Letter:
        account, envelope = self.platform.account, self.platform.envelope
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        query = {
            "signature": signature_of(account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.name,
        }
        outer = inner
        if account.mode != "plain":
            sealed = envelope.seal(xml_of(inner))
            query["encrypt_type"] = "aes"
            query["msg_signature"] = envelope.sign(timestamp, nonce, sealed)
            clear = inner if account.mode == "compatible" else {"ToUserName": account.origin}
            outer = {**clear, "Encrypt": sealed}
        return Letter(self.platform.callback, query, xml_of(outer).encode(), "text/xml")

    async def _answered(self, attempt: Attempt) -> None:
        text = attempt.body.decode("utf-8", "replace")
        if text in {"", "success"}:
            return
        try:
            self._reply(self._opened(text))
        except EnvelopeFault as fault:
            self.platform.problems.append(f"passive reply: {fault}")
            self._out_of_order()

    def _opened(self, text: str) -> dict[str, str]:
        outer = fields_of(text)
        mode = self.platform.account.mode
        if "Encrypt" not in outer:
            if mode == "safe":
                raise EnvelopeFault("not encrypted in safe mode")
            return outer
        if mode == "plain":
            raise EnvelopeFault("encrypted in plain mode")
        keys = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
        return fields_of(self.platform.envelope.open(*(outer.get(key, "") for key in keys)))

    def _reply(self, reply: dict[str, str]) -> None:
        if (reply.get("ToUserName"), reply.get("FromUserName")) != (
            self.name,
            self.platform.account.origin,
        ):
            raise EnvelopeFault("ToUserName and FromUserName are not the other way round")
        if not reply.get("CreateTime", "").isdigit() or reply.get("MsgType") not in _PASSIVE:
            raise EnvelopeFault("CreateTime or MsgType")
        content = reply.get("Content", "")
        if reply["MsgType"] == "text":
            if not 1 <= len(content.encode("utf-8")) <= 2048:
                raise EnvelopeFault(f"text of {len(content.encode('utf-8'))} bytes")
            self.show(Line("bot", content, time.monotonic(), "passive"))

    def _out_of_order(self) -> None:
        self.show(Line("platform", OUT_OF_ORDER, time.monotonic()))

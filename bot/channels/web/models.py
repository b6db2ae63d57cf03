"""The shapes of the web chat's interface; the page's TypeScript types are made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import StringConstraints as Text

from bot.api.models import CitedClause, FactRecord, VerdictRecord

__all__ = [
    "ButtonRecord",
    "ChatEntry",
    "ChatPage",
    "ChatReply",
    "ChatState",
    "Feedback",
    "MessagesQuery",
    "Profile",
    "ProfileChange",
    "ReplyCustom",
    "Said",
    "SayBody",
    "VisitorBody",
    "VisitorRecord",
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ValueError("应为整数")
    return value


def _no_surrogates(value: str) -> str:
    if any(0xD800 <= ord(c) < 0xE000 or c == "\0" for c in value):
        raise ValueError("含有无效字符")
    return value


Words = Annotated[str, Text(strict=True, max_length=8000), AfterValidator(_no_surrogates)]
"""What a person wrote; the conversation itself tells whoever writes too much."""

MessageId = Annotated[str, Text(strict=True, pattern=r"^[0-9A-Za-z-]{8,64}$")]


class VisitorBody(_In):
    """Who was here before, and what the portal says of the firm."""

    token: Annotated[str, Text(strict=True, max_length=200)] | None = Field(
        None, description="上次得到的访客令牌"
    )
    identity: Annotated[str, Text(strict=True, max_length=8192)] | None = Field(
        None, description="门户签发的企业身份（JWT，HS256）"
    )


class VisitorRecord(BaseModel):
    """A visitor's token; to be kept by the browser."""

    token: str
    fresh: bool = Field(description="是不是新的访客")
    facts: int = Field(description="随身份一起收到并记下的企业情况有几项")


class ButtonRecord(BaseModel):
    """A quick reply; sending ``payload`` chooses it."""

    title: str
    payload: str


class NamedProgramme(BaseModel):
    """A programme by name."""

    id: str
    name: str


class ReplyCustom(BaseModel):
    """The structured form of a reply."""

    model_config = ConfigDict(extra="allow")

    type: str
    kb_version: str
    clauses: list[CitedClause] = Field(default_factory=list)
    programme: NamedProgramme | None = None
    verdict: VerdictRecord | None = None
    quick_replies: list[ButtonRecord] = Field(default_factory=list)
    fact: FactRecord | None = Field(None, description="所问的企业情况")
    forget: bool | None = Field(None, description="这段对话已经删除")


class ChatReply(BaseModel):
    """One reply of the assistant or of an operator."""

    text: str
    buttons: list[ButtonRecord] = Field(default_factory=list)
    custom: ReplyCustom | None = None


class ChatEntry(BaseModel):
    """One line of the conversation."""

    position: int
    author: str = Field(description="person 本人，bot 自动答复，其余为坐席的名字")
    at: datetime
    text: str
    reply: ChatReply | None
    message_id: str | None


class ChatState(BaseModel):
    """How the conversation stands."""

    holder: str | None = Field(description="正在服务的坐席")
    waiting: bool = Field(description="是否在等人工")
    place: int | None = Field(description="等人工的队里排第几，从 1 起；不知道时为 null")


class ChatPage(BaseModel):
    """What is new in the conversation."""

    entries: list[ChatEntry]
    position: int = Field(description="最后一条的位置，下次从它之后取")
    state: ChatState


class MessagesQuery(_In):
    """Entries after a position; waits for one where there is none."""

    after: Annotated[int, BeforeValidator(_whole)] = Field(0, ge=0, le=10**9)
    wait: Annotated[int, BeforeValidator(_whole)] = Field(
        0, ge=0, le=25, description="没有新内容时最多等几秒"
    )


class SayBody(_In):
    """A message; the same ``id`` is taken once however often it is sent."""

    id: MessageId
    text: Words


class Said(BaseModel):
    """The message is kept."""

    id: str
    position: int


class Feedback(_In):
    """What a visitor thinks of an answer."""

    position: int = Field(ge=1, le=10**9, strict=True)
    value: Literal["up", "down"]
    reason: Annotated[str, Text(strict=True, max_length=500), AfterValidator(_no_surrogates)] = ""


class Profile(BaseModel):
    """What is kept of the visitor's firm, by id of the fact."""

    facts: dict[str, bool | int | float | str]


class ProfileChange(_In):
    """Facts to be kept from now on; null forgets one."""

    facts: dict[str, bool | int | float | str | None] = Field(max_length=200)

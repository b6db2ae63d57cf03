"""Replies in the AI bot's words: one stream a turn, a card for the choices, or numbered lines.

Sources: https://developer.work.weixin.qq.com/document/path/101031 (streams) and
https://developer.work.weixin.qq.com/document/path/101032 (cards).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.aibot.messages import button_key
from bot.channels.platform.sentence import Sentence
from bot.channels.rendering import size, split, with_choices

__all__ = [
    "LIMIT",
    "card_of",
    "markdown",
    "push_body",
    "render",
    "stream_body",
    "updated_card",
]

LIMIT = 20480
"""Longest content of a stream or a Markdown message, in bytes of UTF-8."""
_BUTTONS = 6
_ON_BUTTON = 10  # characters that a button shows
_ON_CARD = 112  # characters of a card's text

# What is asked next after an answer is named in its last line; a card each time would be noise.
_ANSWERS = ("policy_answer", "eligibility_result")


def render(
    replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any], sentence: Sentence
) -> list[dict[str, Any]]:
    """All replies of a turn as one part; more only where one stream cannot hold them.

    A part has ``content`` (Markdown) and, where its choices fit on a card, ``card`` (its
    buttons) and ``plain`` (the content with the choices as lines, for where no card goes).
    """
    # That an answer takes longer is shown by the stream itself; sent as a part it would
    # use up the one message that may follow.
    late = sentence("input.late")
    replies = [reply for reply in replies if reply.get("text") not in (None, "", late)]
    text = "\n\n".join(str(reply["text"]) for reply in replies)
    buttons = [button for reply in replies for button in reply.get("buttons") or ()]
    kinds = {(reply.get("custom") or {}).get("type") for reply in replies}
    content = markdown(text)
    plain = markdown(
        with_choices(text, buttons, lambda _, title: sentence("aibot.choice", title=title))
    )
    card = None
    if address.get("chattype") == "single" and kinds.isdisjoint(_ANSWERS):
        card = _buttons(buttons, text, sentence)
    if card is not None and content and size(plain) <= LIMIT:
        return [{"content": content, "card": card, "plain": plain}]
    return [{"content": piece} for piece in split(plain, LIMIT)]


def markdown(text: str) -> str:
    """Words that the platform's Markdown shows as they are.

    Only what would act is broken up: links, pictures, and the tag that hides its content
    as a train of thought. Backslashes would be shown.
    """
    text = re.sub(r"\](?=\()", "] ", text)
    return re.sub(r"<(?=/?think)", "＜", text, flags=re.IGNORECASE)


def stream_body(
    stream_id: str,
    finish: bool,
    content: str,
    turn_id: str | None,
    card: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One state of a stream; ``turn_id`` comes back with the person's feedback."""
    stream: dict[str, Any] = {"id": stream_id, "finish": finish, "content": content}
    if turn_id is not None:
        stream["feedback"] = {"id": turn_id}
    if card is None:
        return {"msgtype": "stream", "stream": stream}
    return {"msgtype": "stream_with_template_card", "stream": stream, "template_card": card}


def push_body(
    part: Mapping[str, Any], task_id: str, turn_id: str | None, sentence: Sentence
) -> dict[str, Any]:
    """A part as a message of its own: only one may go, so a card must hold the text too."""
    feedback = {} if turn_id is None else {"feedback": {"id": turn_id}}
    content = part["content"]
    if "card" in part and len(content) <= _ON_CARD:
        card = {**card_of(part, task_id, sentence), "sub_title_text": content, **feedback}
        return {"msgtype": "template_card", "template_card": card}
    content = part.get("plain", content)
    return {"msgtype": "markdown", "markdown": {"content": content, **feedback}}


def card_of(part: Mapping[str, Any], task_id: str, sentence: Sentence) -> dict[str, Any]:
    """The card of a part that has one.

    Args:
        task_id: never used before for another card; letters, digits, ``_-@``.
    """
    return {
        "card_type": "button_interaction",
        "main_title": {"title": sentence("aibot.card")},
        "button_list": part["card"],
        "task_id": task_id,
    }


def updated_card(said: str, title: str, task_id: str, userid: str) -> dict[str, Any]:
    """The card after a press: what came of it, and no further choice.

    A card of this kind must have a button; that one, with the chosen title, does nothing.
    """
    return {
        "response_type": "update_template_card",
        "userids": [userid],
        "template_card": {
            "card_type": "button_interaction",
            "main_title": {"title": said},
            "button_list": [{"text": title, "style": 4, "key": "chosen"}],
            "task_id": task_id,
        },
    }


def _buttons(
    buttons: Sequence[Mapping[str, Any]], text: str, sentence: Sentence
) -> list[dict[str, Any]] | None:
    """The buttons of a card; None where they do not fit on one."""
    if not 1 <= len(buttons) <= _BUTTONS:
        return None
    made = [_button(number, button, text, sentence) for number, button in enumerate(buttons, 1)]
    fitting = [button for button in made if button is not None]
    return fitting if len({button["key"] for button in fitting}) == len(buttons) else None


def _button(
    number: int, button: Mapping[str, Any], text: str, sentence: Sentence
) -> dict[str, Any] | None:
    label = str(button["title"])
    if len(label) > _ON_BUTTON:
        # The numbered list above says what the number stands for.
        if not re.search(rf"^{number}[.、．]", text, re.MULTILINE):
            return None
        label = sentence("aibot.item", number=number)
    key = button_key(label, str(button["payload"]))
    return None if key is None else {"text": label, "style": 1, "key": key}

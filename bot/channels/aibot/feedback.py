"""What people think of answers, passed on to whoever keeps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.channels.aibot.messages import Feedback
from bot.channels.platform.sentence import Sentence
from bot.logs import get_logger

__all__ = ["OnFeedback", "pass_on"]

log = get_logger(__name__)

OnFeedback = Callable[[str, str, str, str], Awaitable[object]]
"""Called with the conversation's key, the turn's id, ``up``, ``down`` or ``cancelled``, and
what was said about it (may be empty)."""


async def pass_on(feedback: Feedback, on_feedback: OnFeedback, sentence: Sentence) -> None:
    """Pass one judgement on; a failure is logged, for the platform offers no second try."""
    reasons = "、".join(sentence(f"aibot.reason_{number}") for number in feedback.reasons)
    text = "：".join(part for part in (reasons, feedback.text) if part)
    try:
        await on_feedback(feedback.key, feedback.turn_id, feedback.kind, text)
    except Exception as error:
        log.error("aibot_feedback_lost", turn_id=feedback.turn_id, exc_info=error)
        return
    log.info("aibot_feedback", turn_id=feedback.turn_id, kind=feedback.kind)

"""Custom actions: slots in, the domain, a message out. They run inside the service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rasa_sdk.executor import ActionExecutor

from actions.policy import ActionAnswer, ActionChoose, ActionMore
from bot.knowledge import Knowledge

__all__ = ["make_executor"]


def make_executor(knowledge: Knowledge, today: Callable[[], date]) -> ActionExecutor:
    """An executor with every action of this project registered.

    Args:
        knowledge: the snapshot in use.
        today: the day of judgement for turns that carry none.
    """
    executor = ActionExecutor()
    for action in (ActionAnswer, ActionChoose, ActionMore):
        executor.register_action(action(knowledge, today))
    return executor

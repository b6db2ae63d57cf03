"""Custom actions: slots in, the domain, a message out. They run inside the service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rasa_sdk.executor import ActionExecutor

from actions.eligibility import (
    ActionAskAnswer,
    ActionLeave,
    ActionVerdict,
    ValidateEligibilityForm,
)
from actions.policy import (
    ActionAfresh,
    ActionAnswer,
    ActionBack,
    ActionChoose,
    ActionCompare,
    ActionMore,
)
from actions.profile import ActionFits, ActionForget, ActionProfile
from actions.talk import Profiles, Talk
from bot.knowledge import Knowledge

__all__ = ["make_executor"]

_ACTIONS = (
    ActionAnswer,
    ActionChoose,
    ActionMore,
    ActionBack,
    ActionCompare,
    ActionFits,
    ActionProfile,
    ActionForget,
    ActionAfresh,
    ActionLeave,
    ValidateEligibilityForm,
    ActionAskAnswer,
    ActionVerdict,
)


def make_executor(
    knowledge: Knowledge, today: Callable[[], date], profiles: Profiles
) -> ActionExecutor:
    """An executor with every action of this project registered.

    Args:
        knowledge: the snapshot in use.
        today: the day of judgement for turns that carry none.
        profiles: where the firms' profiles are kept.
    """
    executor, talk = ActionExecutor(), Talk(knowledge, today, profiles)
    for action in _ACTIONS:
        executor.register_action(action(talk))
    return executor

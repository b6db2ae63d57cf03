"""The supervisor behind ``wence run``: starts Rasa and the service, watches, restarts.

It has no other duty. Its children die with it, however it ends.
"""

from bot.supervisor.core import supervise
from bot.supervisor.state import State, read_state

__all__ = ["State", "read_state", "supervise"]

"""Answers: an outcome of the search becomes sentences, every figure from a cited clause."""

from bot.policies.answer.dialogue import Assistant
from bot.policies.answer.reply import Context, Reply, clause_record

__all__ = ["Assistant", "Context", "Reply", "clause_record"]

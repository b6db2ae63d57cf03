"""Finding the clause: analysis of text, an index over clauses and questions, a confidence."""

from bot.policies.search.encoder import Encoder, open_encoder
from bot.policies.search.engine import Decision, Hit, Mode, Outcome, Search

__all__ = ["Decision", "Encoder", "Hit", "Mode", "Outcome", "Search", "open_encoder"]

"""All programmes for one firm: what it has, may have, has just missed, and the best combination."""

from bot.policies.matching.combination import Combination, best_combination
from bot.policies.matching.match import GROUPS, Match, Matched, match

__all__ = ["GROUPS", "Combination", "Match", "Matched", "best_combination", "match"]

"""What a message denies without any of the known words of a fact.

A person who tells a case says no in words of his own (俺们就是个普通软件园，跟大数据基地不沾边).
The part of the message nearest to a fact is compared with what is known of the fact, and a
model (``bot/policies/listening.py``) tells whether it says yes, no, or nothing. Only facts of a
programme that is judged are listened for, and only what no word of words.yml told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from bot.policies.eligibility.conditions import comparisons
from bot.policies.eligibility.facts import Fact
from bot.policies.eligibility.programme import Programme
from bot.policies.listening import OUTCOMES, Listening
from bot.policies.query import normalise

__all__ = ["ALIKE", "SIGNALS", "Heeded", "Listener", "parts_of"]

ALIKE = ("name", "conditions", "affirm", "deny", "alike", "held")
"""What a message shares with what is known of a fact: the shares of each, of all, and how much."""
SIGNALS = (
    *ALIKE,
    "unheard",
    "facts",
    "heard",
    "first",
    "parts",
    "length",
    "general",
)
"""What the model weighs beside the wording."""
_NO = OUTCOMES.index(False)
_ENDS = re.compile(r"[，。,;；！!？?\s、：:]+")
_LONG, _WIDTH, _STEP = 22, 18, 7  # characters of a part that is cut, of its pieces, between them
_LEAST = 6.0  # what a part's own pairs are taken to weigh at least


def parts_of(text: str) -> list[str]:
    """The parts of a message between marks and spaces, long ones in overlapping pieces."""
    found: list[str] = []
    for part in _ENDS.split(normalise(text)):
        if len(part) > _LONG:
            found += (part[i : i + _WIDTH] for i in range(0, len(part) - _WIDTH // 2, _STEP))
        elif part:
            found.append(part)
    return found or [text]


def _pairs(text: str) -> set[str]:
    said = normalise(text.replace("|", " "))
    return {said[i : i + 2] for i in range(len(said) - 1)}


def _every(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(pair for text in texts for pair in _pairs(text))


@dataclass(frozen=True)
class Heeded:
    """What of a message is compared with a fact.

    Attributes:
        part: the part of the message that has most in common with it.
        signals: by the names of :data:`SIGNALS`.
    """

    part: str
    signals: Mapping[str, float]


class Listener:
    """Compares messages with what is known of the yes-or-no facts.

    Args:
        facts: all facts by id.
        programmes: whose conditions name them.
    """

    def __init__(self, facts: Mapping[str, Fact], programmes: Iterable[Programme]) -> None:
        words: dict[str, list[str]] = {}
        for programme in programmes:
            for comparison in comparisons(programme.conditions):
                words.setdefault(comparison.fact, []).append(comparison.words)
        self._known = {
            fact.id: (
                _every((fact.name, fact.question)),
                _every(words.get(fact.id, ())),
                _every(fact.affirm),
                _every(fact.deny),
            )
            for fact in facts.values()
            if fact.type == "boolean"
        }
        self._every = {key: frozenset[str]().union(*sets) for key, sets in self._known.items()}
        counts = Counter(pair for pairs in self._every.values() for pair in pairs)
        total = len(self._every) + 1
        self._rarity = {pair: log(total / (count + 0.5)) for pair, count in counts.items()}
        self._unknown = log(total / 0.5)

    def heed(
        self, text: str, fact: Fact, programme: Programme, heard: Mapping[str, object]
    ) -> Heeded:
        """The part of a message that is compared with a fact of a programme.

        Args:
            text: the message.
            fact: a yes-or-no fact of the programme.
            programme: what is judged.
            heard: what the message told of the programme's facts by known words.
        """
        part, alike = self.nearest(text, fact)
        booleans = [key for key in programme.facts if key in self._known]
        signals = {
            **alike,
            "unheard": min(sum(key not in heard for key in programme.facts), 5) / 3,
            "facts": min(len(booleans), 5) / 3,
            "heard": min(len(heard), 4) / 3,
            "first": float(booleans[:1] == [fact.id]),
            "parts": min(len(parts_of(text)), 6) / 4,
            "length": min(len(text), 80) / 40,
            "general": float(fact.general),
        }
        return Heeded(part, signals)

    def nearest(self, text: str, fact: Fact) -> tuple[str, dict[str, float]]:
        """The part of a message that has most in common with a fact, and how much.

        Returns:
            The part, and by the names of :data:`ALIKE` what it shares with each of what is
            known of the fact; nothing with one that is no yes or no.
        """
        parts, every = parts_of(text), self._every.get(fact.id)
        if every is None:
            return text, dict.fromkeys(ALIKE, 0.0)
        pairs = [_pairs(part) for part in parts]
        totals = [_LEAST + self._weight(own) for own in pairs]
        held = [self._weight(own & every) for own in pairs]
        best = max(range(len(parts)), key=lambda i: held[i] / totals[i])
        shares = [
            3 * self._weight(pairs[best] & words) / totals[best] for words in self._known[fact.id]
        ]
        whole = (3 * held[best] / totals[best], min(held[best], 30.0) / 15)
        return parts[best], dict(zip(ALIKE, (*shares, *whole), strict=True))

    def _weight(self, pairs: Iterable[str]) -> float:
        return sum(self._rarity.get(pair, self._unknown) for pair in pairs)

    def denied(
        self,
        text: str,
        facts: Sequence[Fact],
        programme: Programme,
        heard: Mapping[str, object],
        model: Listening,
        least: float,
    ) -> dict[str, bool]:
        """The facts that a message denies at least as likely as ``least``.

        A yes is not taken on likelihood: what entitles a firm is heard in known words or
        asked for.

        Args:
            text: the message.
            facts: yes-or-no facts of the programme of which no known word told.
            programme: what is judged.
            heard: what known words told.
            model: tells how likely each outcome is.
            least: how likely a no must be.
        """
        found = {}
        for fact in facts:
            heeded = self.heed(text, fact, programme, heard)
            if model.shares(heeded.signals, heeded.part, text)[_NO] >= least:
                found[fact.id] = False
        return found

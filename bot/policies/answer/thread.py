"""The thread of a conversation: whether a message goes on with what was spoken of before.

Most do, and name nothing themselves (去哪办, 那国家级的呢, 八个人). A logistic model tells,
of what the search finds for the message alone, how near that comes to the subject, and
how the message is worded (``bot/policies/leaving.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from bot.policies.answer.context import Context
from bot.policies.answer.lists import LISTED
from bot.policies.answer.manners import asks_the_way, begins_anew
from bot.policies.answer.turnabout import turned
from bot.policies.answer.wording import asks, asks_on, elliptic, leans, names_a_matter
from bot.policies.query import normalise
from bot.policies.search import Hit, Outcome, Search
from bot.policies.search.encoder import Vectors
from bot.policies.search.index import Column

__all__ = ["SIGNALS", "Thread"]

SIGNALS = (
    "programme_near",
    "own_programme_near",
    "asked",
    "own_asked",
    "own_score",
    "nearness",
    "confidence",
    "new_words",
    "asks",
    "refused",
    "anew",
    "again",
    "new_share",
    "held_elsewhere",
    "names",
    "named",
    "leans",
    "elliptic",
    "own_first",
    "own_found",
    "found",
    "nothing",
)
"""What the model weighs beside the wording."""
_FEW = 2  # words that a message may name and still be about the clause before
_MANY = 8  # new words; more tell no more
_SOME = 2  # new words that a message in passing has at least
_AHEAD = 1.2  # by how much another clause of the subject must come before the one spoken of
_FIRST = 3  # clauses that come first for subject and message together
_FADED = 0.1  # how much the question before counts where this one names something
_HALF = 0.5  # share of what was named before that a clause of both holds
_HELD = 0.6  # share of what is named newly that another clause must hold
_RECENT = 64  # subjects that are kept; a conversation has one for several turns


@dataclass(frozen=True)
class _Subject:
    """What a conversation speaks of.

    Attributes:
        programmes: those of its clause, or the one that is meant, by id.
        groups: the groups of copies that its clauses belong to.
        texts: its own words: of the clause, of its programmes' names and questions.
        features: those of the question that led to it, with how much each says.
        vector: that question's meaning; None where no encoder was asked.
    """

    programmes: frozenset[str]
    groups: frozenset[int]
    texts: tuple[str, ...]
    features: Mapping[str, float]
    vector: Vectors | None


def _greatest(values: Column) -> float:
    return float(np.max(values))


class Thread:
    """Judges messages against the subject of a conversation, over one search index."""

    def __init__(self, search: Search) -> None:
        self._search, self._snapshot = search, search.snapshot
        self._numbers = search.snapshot.tuning.numbers
        self._subjects = lru_cache(maxsize=_RECENT)(self._read)

    def _read(self, clause_id: str, programme: str | None, question: str) -> _Subject:
        search, snapshot = self._search, self._snapshot
        meant = snapshot.programmes.get(programme or "")
        programmes = [meant.id] if meant else sorted(snapshot.programmes_of.get(clause_id, ()))
        texts = (snapshot.programmes[key].words for key in programmes)
        before = search.read(question)
        return _Subject(
            frozenset(programmes),
            frozenset(map(search.group, (clause_id, *(meant.references if meant else ())))),
            (snapshot.clauses[clause_id].text, *texts),
            search.weigh(before) if question else {},
            search.evidence(before).vector,
        )

    def _subject(self, context: Context) -> _Subject:
        return self._subjects(context.clause_id or "", context.programme, context.subject)

    def stays(self, outcome: Outcome, text: str, context: Context) -> bool:
        """Whether a message goes on with the subject of a conversation.

        Args:
            outcome: what the search finds for the message alone.
            text: the message, cleaned.
            context: what the conversation remembers.
        """
        if context.clause_id not in self._snapshot.clauses:
            return False
        if outcome.named or outcome.unknown_document or outcome.elsewhere:
            return False
        if outcome.vague and not asks(text):  # 贷款: a new matter, and too little of it
            return False
        named = self._search.subject(outcome.weights)
        if asks(text) and self._names_another_zone(text, context):
            return False
        # 再问一个，款项拖欠有政策吗: said to be another matter, and the search knows it.
        anew = begins_anew(text) and outcome.decision == "answer"
        if anew and len(named) > len(self._known(named, context)):
            return False
        if asks_the_way(text):
            return True
        model = self._snapshot.leaving
        if outcome.vector is None or model is None:  # by words alone there is less to go by
            if not named:
                return True
            if len(self._known(named, context)) * 2 >= len(named):
                return True
            unsaid = len(named) <= _FEW or leans(text) or elliptic(text)
            return unsaid and (outcome.decision != "answer" or elliptic(text))
        leaves = model.likelihood(self.signals(outcome, text, context), turned(text).meant)
        return leaves < self._numbers["thread_leaves_from"]

    def _names_another_zone(self, text: str, context: Context) -> bool:
        """Whether a zone is named in which the matter spoken of does not hold by itself."""
        scope, said = self._snapshot.clauses[context.clause_id or ""].scope, normalise(text)
        zones = self._snapshot.tuning.zones
        return any(
            zone != scope and any(name in said for name in (zone, *names))
            for zone, names in zones.items()
        )

    def signals(self, outcome: Outcome, text: str, context: Context) -> dict[str, float]:
        """What tells whether a message leaves the subject, by the names of :data:`SIGNALS`."""
        search, subject = self._search, self._subject(context)
        evidence = search.evidence(outcome.analysis)
        scores = search.score(evidence)
        groups = list(subject.groups)
        own = np.isin(search.index.group_of, groups)
        near = search.index.programmes_near(outcome.vector)
        named = search.subject(outcome.weights)
        known = set(self._known(named, context))
        new = {feature: outcome.weights[feature] for feature in named if feature not in known}
        whole = sum(outcome.weights[feature] for feature in named) or 1.0
        first = outcome.hits[:_FIRST]
        says = turned(text)
        alike = outcome.vector is not None and subject.vector is not None
        return {
            "programme_near": max((*near.values(), 0.0)),
            "own_programme_near": max((0.0, *(near.get(key, 0.0) for key in subject.programmes))),
            "asked": max(_greatest(evidence.asked), 0.0),
            "own_asked": _greatest(evidence.asked[groups]),
            "own_score": max(_greatest(scores[own]), 0.0) / max(_greatest(scores), 1e-6),
            "nearness": float(outcome.vector @ subject.vector) if alike else 0.0,  # type: ignore[operator]
            "confidence": outcome.confidence,
            "new_words": min(len(new), _MANY) / _MANY,
            "asks": float(asks(text)),
            "refused": float(bool(says.refused)),
            "anew": float(says.anew),
            "again": float(says.again),
            "new_share": sum(new.values()) / whole,
            "held_elsewhere": max((self._share(hit, new) for hit in first), default=0.0),
            "names": float(names_a_matter(says.meant)),
            "named": min(len(named), _MANY) / _MANY,
            "leans": float(leans(says.meant)),
            "elliptic": float(elliptic(says.meant)),
            "own_first": float(any(self.own(hit.clause.id, context) for hit in first[:1])),
            "own_found": float(any(self.own(hit.clause.id, context) for hit in first)),
            "found": float(outcome.decision == "answer"),
            "nothing": float(outcome.decision == "nothing"),
        }

    def strays(self, outcome: Outcome, text: str, context: Context) -> bool:
        """Whether a message asks in passing for what no policy is about (苹果今年啥价)."""
        if outcome.decision != "nothing" or not asks(text):
            return False
        if names_a_matter(text) or leans(text):
            return False
        unrelated = self._search.evidence(outcome.analysis).unrelated
        named = self._search.subject(outcome.weights)
        new = len(named) - len(self._known(named, context))
        least = _SOME if asks_on(text) is None else _SOME + 1
        return unrelated >= self._numbers["thread_strays_from"] and new >= least

    def clause(
        self, outcome: Outcome, text: str, context: Context, as_of: date, *, guide: bool = False
    ) -> tuple[Hit, Mapping[str, float]]:
        """The clause that a message which goes on is about, and what is looked for in it.

        It is the one spoken of, unless the message names what that does not hold and what
        another does that comes first for both together. Where the guide is asked for
        (去哪办，带啥), it is the clause that states it.
        """
        together = f"{context.subject}，{text}" if context.subject else text
        weights = dict(self._search.weigh(self._search.read(together)))
        named = self._search.subject(outcome.weights)
        own = self._snapshot.clauses.get(context.clause_id or "")
        if own is not None and self._known(named, Context(own.id), own.text):
            # What is named now outweighs what was named before.
            weights = {f: w * _FADED for f, w in weights.items()} | dict(outcome.weights)
        before = self._search.hit(context.clause_id or "", weights, as_of)
        if before is None:
            raise ValueError("nothing was spoken of")
        told = self._guide(context) if guide else None
        if told is not None:
            return self._search.hit(told, weights, as_of) or before, weights
        if len(self._known(named, context)) == len(named):
            return before, weights
        return self._other(outcome, text, together, context, before, as_of) or before, weights

    def _other(
        self,
        outcome: Outcome,
        text: str,
        together: str,
        context: Context,
        before: Hit,
        as_of: date,
    ) -> Hit | None:
        """Another clause that holds what a message names newly."""
        joint = self._search.find(together, as_of, LISTED)
        top = joint.hits[0] if joint.hits else None
        if top is not None and self.own(top.clause.id, context):
            held, here = (self._share(hit, outcome.weights) for hit in (top, before))
            near = next((h.score for h in joint.hits if h.clause.id == before.clause.id), 0.0)
            return top if held > here and top.score >= _AHEAD * near else None
        hits = joint.hits[:_FIRST], outcome.hits[:_FIRST]
        first, second = reversed(hits) if outcome.decision == "answer" else hits
        return self.naming(outcome, text, context, (*first, *second))

    def _guide(self, context: Context) -> str | None:
        """The clause that tells how the programme spoken of is applied for."""
        programmes = self._subject(context).programmes
        if len(programmes) != 1:
            return None
        stated = (self._snapshot.programmes[min(programmes)].guide or {}).values()
        return next((words.clause for words in stated if words is not None), None)

    def naming(
        self, outcome: Outcome, text: str, context: Context, hits: Sequence[Hit]
    ) -> Hit | None:
        """Of some clauses that which holds most of what a message names newly."""
        named = self._search.subject(outcome.weights)
        known = self._known(named, context)
        new = {feature: outcome.weights[feature] for feature in named if feature not in known}
        # A term of the house tells more than the words around it (第二个的担保费谁出).
        new = {feature: weight for feature, weight in new.items() if feature[0] == "t"} or new
        if not new or (not names_a_matter(text) and all(feature[0] != "t" for feature in new)):
            return None
        best = max(hits, key=lambda hit: self._share(hit, new), default=None)
        return best if best is not None and self._share(best, new) >= _HELD else None

    def holds_both(self, hit: Hit, outcome: Outcome, context: Context) -> bool:
        """Whether a clause holds what a message names newly, and the matter before as well."""
        named = self._search.subject(outcome.weights)
        known = self._known(named, context)
        new = {feature: outcome.weights[feature] for feature in named if feature not in known}
        before = self._search.weigh(self._search.read(context.subject))
        kept = {feature: before[feature] for feature in self._search.subject(before)}
        return (
            bool(new and kept)
            and self._share(hit, new) >= _HELD
            and self._share(hit, kept) >= _HALF
        )

    def names_newly(self, outcome: Outcome, context: Context) -> bool:
        """Whether a message names what the subject's own words do not hold."""
        named = self._search.subject(outcome.weights)
        return len(self._known(named, context)) < len(named)

    def _share(self, hit: Hit, weights: Mapping[str, float]) -> float:
        """The share of some features' weight that a clause holds, its scope counted in."""
        words = f"{hit.clause.scope}。{hit.clause.text}"
        return self._search.likeness(words, weights) / (sum(weights.values()) or 1.0)

    def states(self, hit: Hit, outcome: Outcome, context: Context) -> bool:
        """Whether a clause, or what is known to be asked of it, holds what a message names."""
        named = self._search.subject(outcome.weights)
        held = self._known(named, context, hit.clause.text)
        # 北交所呢, of a clause that names other exchanges: half its characters stand there.
        terms = {feature for feature in named if feature[0] == "t"}
        return len(held) * 2 >= len(named) and (not terms or not terms.isdisjoint(held))

    def own(self, clause_id: str, context: Context) -> bool:
        """Whether a clause is of the subject spoken of."""
        return self._search.group(clause_id) in self._subject(context).groups

    def _known(self, named: Sequence[str], context: Context, *words: str) -> list[str]:
        """Of what a message names, that which the subject's own words hold.

        They are those of its clause, of its programmes' names and questions, and of the
        question that led to it.
        """
        subject, search = self._subject(context), self._search
        texts = (*subject.texts, *words)
        every = normalise("。".join(texts))
        return [
            feature
            for feature in named
            if feature in subject.features
            or feature[2:] in every  # 扩岗, which no dictionary cuts out of 一次性扩岗补助
            or any(search.likeness(text, {feature: 1.0}) > 0 for text in texts)
        ]

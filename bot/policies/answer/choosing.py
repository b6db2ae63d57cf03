"""Which programme a message means, among those of the clauses that the search found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.policies.answer.hearing import WHO, Hearing, is_number
from bot.policies.answer.naming import Names, at_odds
from bot.policies.answer.wording import tells_a_case, wants_a_grant
from bot.policies.eligibility.facts import Told, Value
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.programme import Programme
from bot.policies.model import PROVINCE
from bot.policies.query import normalise
from bot.policies.search import Hit, Search
from bot.policies.search.encoder import Vectors

__all__ = ["Choosing"]

_LOOKED_AT = 5  # hits whose programmes may be meant
_NEAR = 0.6  # of the best hit's score
_MEANING = 1.0  # what nearness in meaning to one of its questions counts
_OVER = 0.85  # what one that is over counts
_AS_NEAR = 0.05  # so much less near in meaning, one that is not over takes its place
_ITS_YEAR = 1.25  # what one of the year that is named counts
_LEVEL = 0.8  # of the best score: nearly as likely
_AS_LIKELY = 0.9  # … so that what is told may settle it
_KINDRED = 0.43  # near enough in meaning to take the place of one for another kind
_AT_ODDS = 0.8  # what one counts whose names say the opposite of the message
_NO_SUM = 0.85  # what one without a sum counts where money is asked for
_ELSEWHERE = 0.5  # what a zone's programme counts where the zone is not told
# 国家级那二百万, 三年的那个大奖: a certain sum is asked about.
_THAT = re.compile(r"那(?:个|笔|项)?[^，。,;；、？?！! ]{0,4}(?:[百千]?万|奖|经费|钱|补)")


def _of_its_year(programme: Programme, said: str, form: str = "%y") -> bool:
    """Whether a message names the year in which a programme ends (23年, 2023年)."""
    ends = programme.period.ends
    return ends is not None and f"{ends.strftime(form)}年" in said


class Choosing(Hearing):
    """Chooses the programme that is meant."""

    def __init__(self, search: Search) -> None:
        super().__init__(search)
        self.names = Names(search.snapshot.programmes.values())

    def programme(
        self,
        hits: Sequence[Hit],
        weights: Mapping[str, float],
        text: str,
        day: date,
        vector: Vectors | None = None,
    ) -> Programme | None:
        """The programme that a message means, among those of the clauses found.

        One that is over on the day stands behind one that is not, unless its year is named.
        """
        if not hits:
            return None
        scores: dict[str, float] = {}
        top = hits[0].score or 1.0
        said = normalise(text)
        near = self._search.index.programmes_near(vector)
        money = wants_a_grant(text, "ask_amount")
        for place, hit in enumerate(hits):
            share = hit.score / top
            far = share < _NEAR or place >= _LOOKED_AT
            for key in self._snapshot.programmes_of.get(hit.clause.id, ()):
                programme = self._snapshot.programmes[key]
                # One that is called by its name is meant though its clause came late.
                if far and not self._named(programme, said):
                    continue
                meaning = _MEANING * max(near.get(key, 0.0), 0.0)
                score = max(share, _NEAR) * (
                    0.1 + self._likeness(programme, said, weights) + meaning
                )
                # What holds in a zone only is held back where nobody speaks of the zone.
                score *= 1.0 if self._there(programme, said) else _ELSEWHERE
                if programme.period.over(day) and not _of_its_year(programme, said):
                    score *= _OVER
                if _of_its_year(programme, said, "%Y"):
                    score *= _ITS_YEAR
                if money and not programme.states_a_sum:
                    score *= _NO_SUM
                score *= _AT_ODDS if at_odds(programme, said) else 1.0
                scores[key] = max(score, scores.get(key, 0.0))
        if not scores:
            return None
        best = self._fitting(scores, text, day)
        best = self._akin(best, hits, near, text, day) or best
        return self._successor(best, hits, text, near, day) or best

    def _fitting(self, scores: Mapping[str, float], text: str, day: date) -> Programme:
        """The likeliest programme; of two as likely not the one that is not for them.

        我们是铸造厂，头一年进规上: not the award for service firms.
        """
        first = max(scores, key=lambda key: scores[key])
        level = [key for key, score in scores.items() if score >= _LEVEL * scores[first]]
        if len(level) > 1 and self._ruled_out(first, text, day):
            rest = [key for key in level if not self._ruled_out(key, text, day)]
            first = max(rest, key=lambda key: scores[key], default=first)
        level = [key for key in level if scores[key] >= _AS_LIKELY * scores[first]]
        if len(level) > 1 and tells_a_case(text) and not self._told(first, text, day):
            # A sum may be of anything; what a firm is or did is of this.
            told = [
                key
                for key in level
                if any(not is_number(value) for value in self._told(key, text, day).values())
            ]
            first = max(told, key=lambda key: scores[key], default=first)
        return self._snapshot.programmes[first]

    def _told(self, key: str, text: str, day: date) -> dict[str, Value]:
        """What a message tells for a programme beside who asks."""
        programme = self._snapshot.programmes[key]
        told = self._case(programme, text, day)
        return {fact: told[fact] for fact in self.telling(programme) if fact in told}

    def _case(self, programme: Programme, text: str, day: date) -> Told:
        """What a message tells for a programme, with all that follows."""
        return self.complete(self.heard(programme, text, day))

    def _among(self, hits: Sequence[Hit]) -> set[str]:
        """The programmes of the clauses found."""
        return {key for hit in hits for key in self._snapshot.programmes_of.get(hit.clause.id, ())}

    def _akin(
        self,
        failed: Programme,
        hits: Sequence[Hit],
        near: Mapping[str, float],
        text: str,
        day: date,
    ) -> Programme | None:
        """Of a programme that is for another kind, the one as near that is for the kind told.

        今年省重点实验室批下来了: not what is paid for national ones, unless that is what is asked
        about (国家级那二百万能不能给).
        """
        kinds = self._other_kind(failed, text, day)
        said = normalise(text)
        if failed.id not in near or not kinds or self._named(failed, said) or _THAT.search(said):
            return None
        best: tuple[float, Programme] | None = None
        for key in self._among(hits):
            programme, nearness = self._snapshot.programmes[key], near.get(key, 0.0)
            if nearness < max(near[failed.id] - _AS_NEAR, _KINDRED):
                continue
            if best is not None and nearness <= best[0]:
                continue
            same = programme.region.scope == failed.region.scope and kinds <= {*programme.facts}
            if same and self._fits(programme, text, day):
                best = (nearness, programme)
        return best[1] if best else None

    def _other_kind(self, programme: Programme, text: str, day: date) -> set[str]:
        """The told kinds (of platform, of title) that alone keep a firm from a programme."""
        book = self._snapshot.facts.facts
        verdict = self.judge(programme, self._case(programme, text, day), day)
        facts = {gap.fact or "" for gap in verdict.gaps}
        return facts if all(fact and book[fact].type == "choice" for fact in facts) else set()

    def _fits(self, programme: Programme, text: str, day: date) -> bool:
        """Whether something told speaks for a programme and nothing against it."""
        verdict = self.judge(programme, self._case(programme, text, day), day)
        met = any(c.result for c in verdict.conditions if c.id not in ("validity", "scope"))
        return met and verdict.outcome != "ineligible"

    def _ruled_out(self, key: str, text: str, day: date) -> bool:
        """Whether a programme is not for whoever asks, be it met or not."""
        programme = self._snapshot.programmes[key]
        heard = self.heard(programme, text, day)
        told = self.complete({fact: value for fact, value in heard.items() if fact in WHO})
        failed = (c.id for c in self.judge(programme, told, day).conditions if c.result is False)
        return any(name != "validity" for name in failed)

    def _successor(
        self,
        over: Programme,
        hits: Sequence[Hit],
        text: str,
        near: Mapping[str, float],
        day: date,
    ) -> Programme | None:
        """Of a programme that is over, the one not over that a message may as well mean."""
        said = normalise(text)
        if not over.period.over(day) or _of_its_year(over, said):
            return None
        if over.id not in near or self._named(over, said):
            return None
        own, told = {*self.telling(over)}, len(self._told(over.id, text, day))
        best: tuple[float, Programme] | None = None
        for key in self._among(hits):
            programme, nearness = self._snapshot.programmes[key], near.get(key, 0.0)
            if nearness < near.get(over.id, 0.0) - _AS_NEAR or not self._there(programme, said):
                continue
            lasts = programme.kind == over.kind and not programme.period.over(day)
            # 到账1200万美金: what the one that is over asks for, and no other.
            lasts = lasts and not own.isdisjoint(self.telling(programme))
            lasts = lasts and len(self._told(key, text, day)) >= told
            if lasts and (best is None or nearness > best[0]):
                best = (nearness, programme)
        return best[1] if best else None

    def _likeness(self, programme: Programme, said: str, weights: Mapping[str, float]) -> float:
        """How much of a message's weight a programme's names and questions hold."""
        total = sum(weights.values()) or 1.0
        likeness = self._search.likeness(programme.words, weights) / total
        return likeness + (0.3 if self._named(programme, said) else 0.0)

    def _named(self, programme: Programme, said: str) -> bool:
        return programme.id in self.names.called(said)

    def _there(self, programme: Programme, said: str) -> bool:
        """Whether a programme holds everywhere, or a message speaks of where it does."""
        if programme.region.scope == PROVINCE or programme.region.scope in said:
            return True
        fact = self._snapshot.facts.facts.get(programme.region.fact or "")
        if fact is None:
            return False
        found = mentions(said, [fact], date.min)
        return any(mention.value == programme.region.value for mention in found)

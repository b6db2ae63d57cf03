"""What a message tells of a programme's facts, and what the programme makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from bot.policies.answer.asserted import asserted
from bot.policies.answer.wording import tells_a_case
from bot.policies.eligibility.answers import Answer, read_answer, rough_sides
from bot.policies.eligibility.facts import Fact, FactError, Told, Value
from bot.policies.eligibility.judge import Verdict, judge_programme
from bot.policies.eligibility.listener import Listener
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.replies import Reading, read_reply
from bot.policies.search import Search

__all__ = ["WHO", "Hearing", "is_number"]

_RECENT = 64  # messages whose facts are kept
_NEAR = Decimal("1.5")  # of its least, the most that a rough number may come to
_HEAD = 2  # characters of a fact's name that tell what it is of (设备投资额)
# Facts that say who asks, and nothing of whether the programme is for them.
WHO = frozenset({"city", "entity_type", "sector", "enterprise_size", "manufacturing"})


def is_number(value: Value | None) -> bool:
    """Whether a fact's value is a number, of money, people or a share."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


class Hearing:
    """Hears facts and judges programmes, over one search index."""

    def __init__(self, search: Search) -> None:
        self._search, self._snapshot = search, search.snapshot
        self._led: dict[str, tuple[str, ...]] = {}
        # One turn listens to the same words more than once.
        self._hearings = lru_cache(maxsize=_RECENT)(self._hear)
        self._mentioned = lru_cache(maxsize=_RECENT)(self._mention)
        self._answers = lru_cache(maxsize=_RECENT)(self._answer)

    def mentioned(self, facts: Sequence[Fact], text: str, today: date) -> dict[str, Value]:
        """What a message tells of some facts."""
        said = asserted(text)
        return dict(self._mentioned(tuple(fact.id for fact in facts), said, today))

    def _mention(self, keys: tuple[str, ...], text: str, today: date) -> dict[str, Value]:
        facts = [self._snapshot.facts.facts[key] for key in keys]
        return {mention.fact: mention.value for mention in mentions(text, facts, today)}

    def heard(self, programme: Programme, text: str, today: date) -> dict[str, Value]:
        """The facts of a programme that a message tells, and those that lead to them."""
        return dict(self._hearings(programme.id, asserted(text), today))

    def _hear(self, programme_id: str, text: str, today: date) -> dict[str, Value]:
        book, programme = self._snapshot.facts, self._snapshot.programmes[programme_id]
        own = mentions(text, [book.facts[key] for key in programme.facts], today)
        others = [book.facts[key] for key in self._leading(programme)]
        # A number that a fact of its own took is not told a second time.
        taken = {mention.words for mention in own}
        led = [m for m in mentions(text, others, today) if m.words not in taken]
        told = {m.fact: m.value for m in (*own, *led)}
        return {**self._denied(programme, text, told), **told}

    def answered(self, fact: Fact, text: str, today: date, *, alone: bool = True) -> Reading:
        """What a message answers to the question about a fact.

        Args:
            fact: what was asked for.
            text: the message.
            today: what 去年 is counted from.
            alone: whether it tells nothing else.
        """
        return self._answers(fact.id, text, today, alone)

    def _answer(self, fact_id: str, text: str, today: date, alone: bool) -> Reading:
        fact = self._snapshot.facts.facts[fact_id]
        least = self._snapshot.tuning.numbers["reply_from"]
        model = self._snapshot.replying
        reading = read_reply(text, fact, today, model, least, self._listener, alone=alone)
        if reading.answer is None and fact.type in ("money", "integer"):
            reading = self._roughly(text, fact, today) or reading
        if reading.answer is None or not is_number(reading.answer.value):
            return reading
        # 设备款付了1700万 is no answer to what the whole project costs.
        others = [
            one
            for one in self._snapshot.facts.facts.values()
            if one.type == fact.type and one.name[:_HEAD] in text
            if one.name[:_HEAD] not in fact.question
        ]
        told = self.mentioned([fact, *others], text, today)
        return reading if fact.id in told or not told else Reading(None)

    def _roughly(self, text: str, fact: Fact, today: date) -> Reading | None:
        """About how much an answer says (四五十万): its least, with its most."""
        sides = rough_sides(text)
        if sides is None:
            return None
        read = [read_answer(side, fact, today) for side in sides]
        values = [one.value for one in read if one is not None and one.kind == "value"]
        if len(values) < len(sides) or not all(map(is_number, values)):
            return None
        low, high = values
        near = 0 < Decimal(str(low)) <= Decimal(str(high)) <= Decimal(str(low)) * _NEAR
        return Reading(Answer("value", low, high)) if near else None

    @cached_property
    def _listener(self) -> Listener:
        return Listener(self._snapshot.facts.facts, self._snapshot.programmes.values())

    def _denied(
        self, programme: Programme, text: str, told: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        """What a told case denies of a programme's facts in words that are not written down."""
        model, book = self._snapshot.listening, self._snapshot.facts
        if model is None or not tells_a_case(text):
            return {}
        known = {fact: value for fact, value in told.items() if fact in programme.facts}
        whole = self._complete(dict(told))
        unheard = [
            book.facts[key]
            for key in programme.facts
            if key not in whole and book.facts[key].type == "boolean"
        ]
        least = self._snapshot.tuning.numbers["listen_no_from"]
        return self._listener.denied(text, unheard, programme, known, model, least)

    def _leading(self, programme: Programme) -> tuple[str, ...]:
        """The facts that those of a programme are derived from."""
        known = self._led.get(programme.id)
        if known is None:
            book, wanted = self._snapshot.facts, dict.fromkeys(programme.facts)
            while True:
                more = {
                    key
                    for rule in book.derivations
                    if rule.fact in wanted
                    for key in rule.asks
                    if key not in wanted
                }
                if not more:
                    break
                wanted.update(dict.fromkeys(sorted(more)))
            known = tuple(key for key in wanted if key not in programme.facts)
            self._led[programme.id] = known
        return known

    def concerns(self, programme: Programme, known: Mapping[str, Value]) -> dict[str, Value]:
        """Of what is known, that which a programme asks for or derives its facts from."""
        wanted = {*programme.facts, *self._leading(programme)}
        return {key: value for key, value in known.items() if key in wanted}

    def complete(
        self, heard: Mapping[str, Value], known: Mapping[str, Value] | None = None
    ) -> Told:
        """What was heard, with what was known before and all that follows.

        What is heard now counts before what was known; of facts that contradict each
        other as few as need be are left out.
        """
        older = {key: value for key, value in (known or {}).items() if key not in heard}
        while older:
            try:
                return self._snapshot.facts.complete({**older, **heard})
            except FactError as error:
                wrong = (error.field or "").removeprefix("facts.")
                older.pop(wrong if wrong in older else self._at_odds(older, heard))
        return self._complete(dict(heard))

    def _at_odds(self, older: Mapping[str, Value], heard: Mapping[str, Value]) -> str:
        """Which older fact contradicts what was heard; the oldest where no single one does."""
        for key in older:
            rest = {other: value for other, value in older.items() if other != key}
            try:
                self._snapshot.facts.complete({**rest, **heard})
            except FactError:
                continue
            return key
        return next(iter(older))

    def _complete(self, found: dict[str, Value]) -> Told:
        """With all that follows; of facts that contradict each other as few as need be are left."""
        book = self._snapshot.facts
        try:
            return book.complete(found)
        except FactError as error:
            wrong = (error.field or "").removeprefix("facts.")
        told = [*(other for other in reversed(found) if other != wrong), wrong]
        # 小微，305人: what was counted stands against what somebody calls himself.
        for key in sorted(told, key=lambda key: is_number(found.get(key))):
            rest = {other: value for other, value in found.items() if other != key}
            if key in found:
                try:
                    return book.complete(rest)
                except FactError:
                    continue
        return book.complete({})

    def judge(self, programme: Programme, told: Told, day: date) -> Verdict:
        """The verdict on a programme."""
        repealed = self._snapshot.repealed(programme)
        return judge_programme(programme, told, day, self._snapshot.facts, repealed)

    def speaks(self, programme: Programme, told: Told) -> bool:
        """Whether enough was told of a firm for a verdict to be an answer."""
        return any(fact in told for fact in self.telling(programme))

    @staticmethod
    def telling(programme: Programme) -> Sequence[str]:
        """The facts of a programme that tell more than who somebody is, where it has such."""
        return [fact for fact in programme.facts if fact not in WHO] or programme.facts

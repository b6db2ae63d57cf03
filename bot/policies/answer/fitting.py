"""What there is for a firm: a few questions about it, then what fits, the surest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.policies.answer.context import Context, Interview
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.interview import Step, quick_answers
from bot.policies.answer.places import place_of
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.verdicts import combination_record, fact_record, hit_of
from bot.policies.answer.wording import asks
from bot.policies.eligibility.amounts import quantity
from bot.policies.eligibility.answers import read_answer, says_unknown, will_not_say
from bot.policies.eligibility.facts import Told, Value
from bot.policies.eligibility.numbers import fitting, numbers_in
from bot.policies.eligibility.reckoned import per_one, reckoned
from bot.policies.eligibility.spoken import folded
from bot.policies.eligibility.telling import facts_heard, facts_said, tell
from bot.policies.matching import Combination, Match, Matched, match
from bot.policies.model import Snapshot
from bot.policies.query import normalise
from bot.policies.search import Hit

__all__ = ["SITUATION", "Fitting"]

SITUATION = "situation"
"""The open question at the end: honours, plans, what was done of late."""
_ASKED = ("sector", "city", "in_transformation_zone", "staff", "revenue", SITUATION)
# What every firm has; what else is known of one are its honours, plans and deeds.
_PLAIN = frozenset(
    {
        "sector",
        "city",
        "in_transformation_zone",
        "in_jinchuang_valley",
        "staff",
        "revenue",
        "entity_type",
        "enterprise_size",
        "small_or_medium_enterprise",
        "manufacturing",
        "private_enterprise",
    }
)
# Beginnings of names that tell nothing by themselves.
_GENERIC = frozenset(
    {"企业", "公司", "是不", "上年", "年度", "属于", "本年", "所在", "所属", "注册"}
)
_ZONE = "in_transformation_zone"
_ZONE_CITIES = frozenset({"taiyuan", "jinzhong"})  # where it lies
_ENOUGH = 2  # of such; who told so many is not asked openly for more
_PASSED = 2  # times that a question is asked; then it is left open
_PEOPLE = frozenset({"人", "号", "号人"})
# People who are counted and are a part of the staff or none of it: 三个残疾工人, 接待五千人,
# 两百人吃饭, 我父母两人.
_OTHERS = re.compile(
    r"残[疾障]|退[役伍]|下岗|失业|应届|毕业生|大学生|[博硕]士|研究生|脱贫|招|聘|培训|新增|吸纳|引进|接待|游客|旅客|客人|顾客|来[客吃玩住看]|吃饭|团队?游|带团|观众|学员|学生|会员|"
    r"粉丝|老人|孩子|患者|病人|村民|社员|农户|家里|[父爸][母妈]|夫妻|两口子|客流|人次|入住|参展|报名|[给每]人"
)
_A_YEARS = re.compile(
    r"(?:我们?|俺)?(?:一年|全年|去年)(?:下来)?[也就大概差不多能有卖做个]*"
    r"[\d.一二两三四五六七八九十百千几多来小]+[万亿]?(?:多|来|几)?[万亿](?:多|块|元|钱|左右|上下|吧|的?样子)*"
)
_SHOWN = {"has": 5, "may_have": 3, "just_missed": 2}


def _particular(known: Mapping[str, Value]) -> set[str]:
    """What is known of a firm beside what every firm is asked for.

    What it is not was seldom told as such: who keeps a restaurant runs no home for the aged.
    """
    return {key for key, value in known.items() if value is not False} - _PLAIN


class Fitting:
    """Gets to know a firm and tells what fits it, over one snapshot."""

    def __init__(self, snapshot: Snapshot, eligibility: EligibilityAnswers) -> None:
        self._snapshot, self._eligibility = snapshot, eligibility
        self._phrases = snapshot.phrases
        self._general = [fact for fact in snapshot.facts.facts.values() if fact.general]
        self._regions = {one.region for one in snapshot.programmes.values()}

    def begin(self, known: Mapping[str, Value], subject: str) -> Interview | None:
        """The questions about a firm; None where all that is asked is known."""
        return self._on(Interview("", subject), known)

    def _on(self, interview: Interview, known: Mapping[str, Value]) -> Interview | None:
        told = self._told(known)
        for key in _ASKED:
            if key in interview.asked or key in told:
                continue
            if key == SITUATION and len(_particular(known)) >= _ENOUGH:
                continue
            return replace(interview, asked=(*interview.asked, key), misses=0)
        return None

    def _told(self, known: Mapping[str, Value]) -> Told:
        """What is known with all that follows; a firm of another city is not in the zone."""
        elsewhere = "city" in known and known["city"] not in _ZONE_CITIES
        first: dict[str, Value] = {_ZONE: False} if elsewhere else {}
        return self._eligibility.complete({**first, **known})

    def barred(self, known: Mapping[str, Value]) -> frozenset[str]:
        """The scopes in which a firm is known not to be."""
        told = self._told(known)
        return frozenset(
            region.scope
            for region in self._regions
            if region.fact and region.fact in told and told[region.fact] != region.value
        )

    def heard(self, text: str, today: date) -> dict[str, Value]:
        """What a message tells of a firm at large; what contradicts itself is left out."""
        heard = self._eligibility.mentioned(self._general, text, today)
        # 太原的，三百人: whoever tells of a firm so tells how many it has.
        staff = self._snapshot.facts.facts["staff"]
        said = folded(text)
        numbers = reckoned(said, numbers_in(said))
        counted = [n for n in numbers if n.unit in _PEOPLE and not per_one(said, n)]
        people = {value for n in counted if (value := fitting(n, staff)) is not None}
        if "staff" not in heard and len(people) == 1 and not _OTHERS.search(text):
            heard["staff"] = int(people.pop())
        # 一年四十来万: nothing but a year's sum, so it is what the firm turns over.
        turnover = self._snapshot.facts.facts["revenue"]
        sums = {value for n in numbers if (value := fitting(n, turnover)) is not None}
        if not heard and len(sums) == 1 and _A_YEARS.fullmatch(said):
            heard["revenue"] = sums.pop()
        told = self._eligibility.complete(heard)
        return {key: value for key, value in heard.items() if key in told}

    def changed(self, text: str, known: Mapping[str, Value], today: date) -> dict[str, Value]:
        """What a message that names a fact and its value changes (把人数改成80人)."""
        said = normalise(text)
        found: dict[str, Value] = {}
        facts = [*(self._snapshot.facts.facts[key] for key in known), *self._general]
        named = {fact.id: _named(fact.name, said) for fact in facts}
        longest = max(map(len, named.values()), default=0)
        for fact in facts:
            words = named[fact.id]
            # 人数 alone is that of the staff, the first of those it may be.
            if not words or len(words) < longest or found:
                continue
            answer = read_answer(said.partition(words)[2], fact, today)
            if answer is not None and answer.kind == "value" and answer.value is not None:
                found[fact.id] = answer.value
        return found or self.heard(text, today)

    def without(self, text: str, known: Mapping[str, Value]) -> dict[str, Value] | None:
        """What is known but for what a message names (贷款那条去掉); None where it names none."""
        named = self._names(text, known)
        return {k: value for k, value in known.items() if k not in named} if named else None

    def _names(self, text: str, keys: Iterable[str]) -> set[str]:
        said, facts = normalise(text), self._snapshot.facts.facts
        heads = {key: facts[key].name[:2] for key in keys}
        return {
            key
            for key, head in heads.items()
            if _named(facts[key].name, said) or (head in said and head not in _GENERIC)
        }

    def take(self, interview: Interview, text: str, today: date) -> Step:
        """What an answer tells of the firm."""
        key = interview.asked[-1]
        heard = self.heard(text, today)
        if asks(text):  # 做装修的 也卖点建材 这算哪个: only what was asked for is told
            heard = {key: heard[key]} if key in heard else {}
        if asks(text) and key == SITUATION:
            return Step(interview, {}, understood=False)
        if key == SITUATION:
            # Whatever is said, 没有 among it, the questions are at their end.
            return Step(replace(interview, prefix="", open=(*interview.open, key)), heard)
        fact = self._snapshot.facts.facts[key]
        answer = self._eligibility.answered(fact, text, today, alone=not heard).answer
        if answer is not None and answer.kind == "value" and answer.value is not None:
            heard[key] = answer.value
        if heard:
            said = facts_heard(heard, text, self._snapshot)
            noted = self._phrases("interview.noted", list=said)
            return Step(self._beside(replace(interview, prefix=noted), heard), heard)
        if answer is not None and answer.kind == "unit" and not interview.misses:
            prefix = self._phrases("interview.unit", number=answer.value)
            return Step(replace(interview, prefix=prefix, misses=1), {})
        open_ = answer is not None and answer.kind in ("unknown", "withheld")
        if open_ or says_unknown(text) or will_not_say(text):
            prefix = self._phrases("interview.left_open")
            return Step(replace(interview, open=(*interview.open, key), prefix=prefix), {})
        return Step(interview, {}, understood=False)

    def _beside(self, interview: Interview, heard: Mapping[str, Value]) -> Interview:
        """After facts were told: a question passed over for the second time is left open."""
        key = interview.asked[-1]
        if key in heard:
            return replace(interview, misses=0)
        if interview.misses + 1 < _PASSED:
            return replace(interview, misses=interview.misses + 1)
        return replace(interview, open=(*interview.open, key), misses=0)

    def advance(self, interview: Interview, known: Mapping[str, Value]) -> Interview:
        """With the next question, or ended."""
        waited = interview.asked[-1]
        if waited not in interview.open and waited not in self._told(known):
            return interview
        following = self._on(interview, known)
        return following if following is not None else replace(interview, ended="done")

    def question(self, interview: Interview) -> Reply:
        """The question that is waited for."""
        key = interview.asked[-1]
        fact = self._snapshot.facts.facts.get(key)
        first = len(interview.asked) == 1 and not interview.prefix
        question = fact.question if fact else self._phrases("fitting.situation")
        lines = [self._phrases("fitting.opening") if first else interview.prefix, question]
        reply = make_reply(
            self._snapshot,
            "eligibility_question",
            "\n".join(line for line in lines if line),
            Context(subject=interview.subject),
            (),
            quick_answers(fact, self._phrases),
        )
        reply.custom["fact"] = fact_record(fact) if fact else None
        return reply

    def listed(self, context: Context) -> bool:
        """Whether what fits was listed last."""
        alone = not (context.clause_id or context.programme or context.query)
        return alone and self.chosen_of(context)

    def chosen_of(self, context: Context) -> bool:
        """Whether what was listed last were programmes, one of them looked at or none."""
        offered = context.offered
        return bool(offered) and all(key in self._snapshot.programmes for key in offered)

    def sum_of(self, known: Mapping[str, Value], as_of: date) -> str:
        """What the certain sums come to together, or that they cannot be added up yet."""
        found = match(self._told(known), as_of, self._snapshot)
        best = self._best(found.combination)
        return "\n".join(best) or self._phrases("fitting.no_sum")

    def reply(self, known: Mapping[str, Value], as_of: date, noted: str = "") -> Reply:
        """What fits a firm of which this is known, with the best combination.

        Args:
            known: its facts.
            as_of: the day of judgement.
            noted: what is said first, of what was just told.
        """
        told = self._told(known)
        found = match(told, as_of, self._snapshot)
        groups = {name: self._of(found, name, told, known)[:most] for name, most in _SHOWN.items()}
        shown = [matched for group in groups.values() for matched in group]
        if not shown:
            return make_reply(self._snapshot, "clarify", self._phrases("fitting.none"), Context())
        said = facts_said(known, self._snapshot)
        lines = [noted, self._phrases("fitting.found", facts=said) if said else ""]
        index = 0
        for name, group in groups.items():
            if group:
                lines.append(self._phrases(f"fitting.{name}"))
            for matched in group:
                index += 1
                lines.append(self._line(index, matched))
        lines += [line for line in self._best(found.combination) if line != noted]
        bare = not _particular(known)
        closing = self._phrases("fitting.closing_bare" if bare else "fitting.closing")
        lines += [closing, self._phrases("answer.reminder")]
        offered = tuple(matched.verdict.programme.id for matched in shown)
        reply = make_reply(
            self._snapshot,
            "policy_list",
            "\n".join(line for line in lines if line),
            Context(offered=offered),
            self._cited(shown, found.combination),
            self._quick(shown),
        )
        reply.custom["match"] = self._record(shown, found.combination)
        return reply

    def _of(
        self, found: Match, group: str, told: Told, known: Mapping[str, Value]
    ) -> list[Matched]:
        """Those of a group that something telling was told for.

        What has a sum comes first; of what is undecided, that which hangs on something
        every firm knows of itself.
        """
        chosen = [
            matched
            for matched in found.results
            if matched.group == group and self._eligibility.speaks(matched.verdict.programme, told)
        ]
        facts = self._snapshot.facts.facts

        def special(matched: Matched) -> bool:
            return any(not facts[key].general for key in matched.verdict.missing[:1])

        def far(matched: Matched) -> bool:
            """Whether it hangs on what the firm is, and nothing told speaks for that."""
            facts = matched.verdict.programme.facts
            own = [key for key in facts if key not in _PLAIN or key == "sector"]
            hangs = any(key not in _PLAIN for key in matched.verdict.missing[:1])
            return hangs and all(told.get(key) in (None, False) for key in own)

        if group == "may_have":
            chosen = [matched for matched in chosen if not far(matched)]
        if group == "just_missed":
            chosen = [matched for matched in chosen if self._can_become(matched, known)]

        def sumless(matched: Matched) -> bool:
            return matched.verdict.programme.amount.kind == "none"

        return sorted(chosen, key=special if group == "may_have" else sumless)

    def _can_become(self, matched: Matched, known: Mapping[str, Value]) -> bool:
        """Whether what a programme misses is no consequence of what the firm is.

        A factory is newly in no statistics of services, and will not be.
        """
        facts = self._snapshot.facts.facts
        gaps = [gap.fact for gap in matched.verdict.gaps if gap.fact is not None]
        return all(key in known or facts[key].type != "boolean" for key in gaps)

    def _line(self, index: int, matched: Matched) -> str:
        verdict = matched.verdict
        programme, told = verdict.programme, tell(verdict, self._snapshot)
        if matched.group == "has":
            said = told.amount
        elif matched.group == "may_have":
            fact = self._snapshot.facts.facts[verdict.missing[0]]
            said = self._phrases("fitting.decides", question=fact.question)
        else:
            said = told.gaps[0]
        return self._phrases(
            "fitting.item",
            index=index,
            name=programme.name,
            said=said.rstrip("。"),
            place=place_of(self._snapshot.clauses[programme.references[0]], self._snapshot),
            status=self._phrases(f"status.{verdict.status}.badge"),
        )

    def _best(self, combination: Combination) -> list[str]:
        """The sum of what is certain and may be had together, worked out."""
        parts = [
            (self._snapshot.programmes[key].name, value)
            for key, value in combination.parts.items()
            if value
        ]
        if len(parts) < 2:
            return []
        sums = "＋".join(quantity(value, "CNY") for _, value in parts)
        names = "、".join(name for name, _ in parts)
        total = quantity(sum((value for _, value in parts), Decimal(0)), "CNY")
        return [self._phrases("fitting.best", names=names, sums=sums, total=total)]

    def _cited(self, shown: Sequence[Matched], combination: Combination) -> list[Hit]:
        hits: dict[str, Hit] = {}
        verdicts = [matched.verdict for matched in shown]
        for verdict in verdicts:
            told = tell(verdict, self._snapshot)
            for key in (verdict.programme.references[0], *told.clauses):
                hits.setdefault(key, hit_of(key, verdict, self._snapshot))
        return list(hits.values())

    def _quick(self, shown: Sequence[Matched]) -> list[dict[str, str]]:
        names = [matched.verdict.programme.name for matched in shown[:3]]
        return [
            {"title": name, "payload": self._phrases("fitting.ask_one", name=name)}
            for name in names
        ]

    def _record(self, shown: Sequence[Matched], combination: Combination) -> dict[str, Any]:
        return {
            "results": [{"programme_id": m.verdict.programme.id, "group": m.group} for m in shown],
            "best_combination": combination_record(combination, self._snapshot),
        }


def _named(name: str, said: str) -> str:
    """The longest end of a fact's name, of two characters at least, that a text holds."""
    return next((name[i:] for i in range(len(name) - 1) if name[i:] in said), "")

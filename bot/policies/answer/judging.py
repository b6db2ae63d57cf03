"""A verdict on the case that a firm tells, and on what it tells after.

What it tells now counts before what it told earlier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.policies.answer.context import Context
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.interview import Interviewer
from bot.policies.answer.manners import urges
from bot.policies.answer.reply import Reply
from bot.policies.answer.turnabout import Turnabout, turned
from bot.policies.answer.verdicts import number
from bot.policies.answer.wording import (
    asks,
    elliptic,
    hopes,
    plans,
    speaks_of_itself,
    tells_a_case,
)
from bot.policies.eligibility.answers import read_answer
from bot.policies.eligibility.facts import FactError, Value
from bot.policies.eligibility.judge import Verdict
from bot.policies.eligibility.programme import Programme
from bot.policies.query import holds, normalise
from bot.policies.replying import OWN, masked
from bot.policies.search import Hit, Outcome, Search

__all__ = [
    "ABOUT_US",
    "SEVERAL",
    "TELLS",
    "Judging",
    "also_told",
    "but_for",
    "corrects",
    "only_if",
    "supposes",
]

SEVERAL = 2
"""Facts told at once, by somebody who introduces the firm."""
_TELLING = 16  # characters of a case told without a word of whose it is
_CERTAIN = 0.74  # confidence of the search that needs no programme beside it
_CLEARLY = 0.7  # of the first one's score; what has less answers clearly worse
_NEAR = 0.43  # to a question of its own, for a programme that is not of the first clause

ABOUT_US = frozenset({"ask_eligible", "ask_our_amount"})
"""Intents by which a firm asks of itself."""
TELLS = frozenset({"give_fact", "correct_fact", "affirm", "deny", "dont_know", "wont_say"})
"""Intents by which it tells something."""
# Intents under which a firm may tell its case.
_JUDGED = frozenset(
    {
        "ask_policy",
        "ask_amount",
        "ask_conditions",
        "ask_how_to_apply",
        "ask_materials",
        "ask_deadline",
        "ask_department",
        "ask_validity",
        "ask_list",
        "ask_match",
        "ask_evasion",
        "compare",
        "out_of_scope",
        "nlu_fallback",
        *ABOUT_US,
        *TELLS,
    }
)
_CORRECTS = re.compile(
    r"^(?:不对|错了|不是这样|搞错|弄错)|说错|打错|写错|记错|算错|更正|纠正|我改一?下|应该是|不是.{1,8}[,，]?\s*是"
    r"|你(?:咋|怎么)(?:还|又|给我)?(?:写|记|算|说)|改(?:成|为|一下)|写成|应该按|(?:一共|总共)(?:才|就|也就|只)"
)
# A number of nothing in particular.
_BARE = re.compile(r"^\D{0,4}[\d一二两三四五六七八九十百]+个?[\W]*$")
_PLAIN = re.compile(r"(?:是|对|有|不是|没有?|没有的|是的|对的|有的|是啊|对啊)[，,。！! ]*")
_COMING = re.compile(r"明年|后年|下个?[月季]|开春|以后|将来|到时|还没|再过|再干|快[了到]|正[在要]")
# 刚招的, 上个月才来的: what takes time cannot be so yet.
_RECENT = re.compile(r"刚|才(?:来|招|进|开|办|干)|(?:上|这)个?(?:月|周|礼拜|星期)")
_LASTS = re.compile(r"^(?!.*合同).*(?:半年|个月|[一二两三四五六\d]年|满)")
_INSTEAD = re.compile(r"其实是?|应该是|应为|改成")
# 那大型企业呢, 要是在综改区呢: nothing is told of the firm.
_SUPPOSES = re.compile(
    r"^.{0,4}(?:要是|如果|假如|换成|万一|若是?)|^那.{1,12}呢[?？]?$|^.{2,8}呢[?？]?$"
)
# 三年以后重新认定呢, 将来再评一回给多少
_LATER = re.compile(r"(?:\d|[一二两三四五几])年(?:以?后|到期)|将来|往后|以后(?:再|还|每|要是)")
# 我床要是加到30张呢, 等到明年一月满半年了: so it is not, or not yet.
_IF = re.compile(
    r"要是|如果|假如|假设|万一|倘若|(?:^|[，,。;； ])(?:那)?等(?:到|我|过|以后|将来|明年)"
)


def corrects(text: str) -> bool:
    """Whether a message takes something back (不对，我们是服务业的)."""
    return holds(_CORRECTS, text)


def supposes(text: str) -> bool:
    """Whether a message asks what would be (那大型企业呢)."""
    return holds(_SUPPOSES, text) or (asks(text) and holds(_LATER, text))


def but_for(heard: Mapping[str, Value], wrong: Mapping[str, Value]) -> dict[str, Value]:
    """What was heard without what only words that a message turns down affirm."""
    return {key: value for key, value in heard.items() if value is not True or key not in wrong}


def only_if(text: str) -> bool:
    """Whether a message tells of what is not, or not yet, so (要是加到30张)."""
    return holds(_IF, text)


class Judging:
    """Judges what a firm tells of itself, over one search index."""

    def __init__(self, search: Search, eligibility: EligibilityAnswers) -> None:
        self._search, self._snapshot = search, search.snapshot
        self._eligibility = eligibility
        self.interviewer = Interviewer(search.snapshot, eligibility)

    def known(self, context: Context) -> dict[str, Value]:
        """The profile as values; what the knowledge base no longer knows is left out."""
        book, found = self._snapshot.facts.facts, {}
        for key, value in (context.facts or {}).items():
            try:
                found[key] = book[key].value(value)
            except (KeyError, FactError):
                continue
        return found

    def programme(
        self, outcome: Outcome, text: str, as_of: date, *, clear: bool = True
    ) -> Programme | None:
        """The programme that a message means; None where the search is not sure of it."""
        if outcome.decision != "answer" and clear:
            return None
        return self._eligibility.programme(
            outcome.hits, outcome.weights, text, as_of, outcome.vector
        )

    def about(
        self, outcome: Outcome, intent: str, text: str, context: Context, as_of: date
    ) -> Reply | None:
        """A verdict on what a message names, where it tells enough or asks for one."""
        if intent not in _JUDGED or outcome.named:
            return None
        programme = self.programme(outcome, text, as_of)
        if programme is None or not self._meant(programme, outcome):
            return None
        heard = self._eligibility.heard(programme, text, as_of)
        told = self._eligibility.complete(heard, self.known(context))
        speaks = self._eligibility.speaks(programme, told)
        own = speaks and speaks_of_itself(text)
        case = tells_a_case(text) or self._told_much(programme, heard, text)
        if not (own or case or intent in ABOUT_US):
            return None
        verdict = self._eligibility.judge(programme, told, as_of)
        # Of a firm that told nothing that counts, a yes would be a guess.
        if verdict.outcome == "eligible" and not (speaks or (case and _rests(verdict))):
            return None
        over = verdict.status in {"expired", "repealed"}
        # Who asks before doing it is told what there is, not that it is not done yet.
        wants = plans(text) and intent != "ask_eligible"
        if wants and verdict.outcome == "ineligible" and not over and _can_be_mended(verdict):
            return None
        # Where nothing was told, that it is over is better said with what it was.
        said = outcome.hits[0].judgement.status in {"expired", "repealed"}
        if over and said and not (own or case):
            return None
        first = self._apart(programme, outcome)
        return self._verdict(verdict, heard, text, context, first, text)

    def _told_much(self, programme: Programme, heard: Mapping[str, Value], text: str) -> bool:
        """Whether so much is told for a programme that it is a case, whoever it is told of.

        给县医院盖门诊楼的，进度款人家只给六成: nobody says 我, and nobody asks in general so.
        """
        told = [heard[key] for key in self._eligibility.telling(programme) if key in heard]
        much = len(told) >= SEVERAL or any(value is False for value in told)
        return much and len(text) >= _TELLING and asks(text)

    def torn(self, outcome: Outcome, text: str, as_of: date) -> bool:
        """Whether a case is told of which the programme and the first clause differ.

        Where neither is certain, the choice is for the person to make.
        """
        if not tells_a_case(text) or outcome.confidence >= _CERTAIN:
            return False
        programme = self.programme(outcome, text, as_of)
        return programme is not None and not self._meant(programme, outcome)

    def _meant(self, programme: Programme, outcome: Outcome) -> bool:
        """Whether a programme may be judged that is not one of the clause found first.

        It must come near the question itself; else the clause is answered with.
        """
        first = self._search.group(outcome.hits[0].clause.id)
        if outcome.vector is None or first in map(self._search.group, programme.references):
            return True
        near = self._search.index.programmes_near(outcome.vector)
        return near.get(programme.id, 0.0) >= _NEAR

    def _apart(self, programme: Programme, outcome: Outcome) -> Hit | None:
        """The clause found first, where it answers clearly better than the principal one."""
        first = outcome.hits[0]
        group = self._search.group
        principal = group(programme.references[0])
        scores = [hit.score for hit in outcome.hits if group(hit.clause.id) == principal]
        return first if max(scores, default=0.0) < _CLEARLY * first.score else None

    def go_on(self, intent: str, text: str, context: Context, as_of: date) -> Reply | None:
        """A verdict on the programme spoken of before, with what is told now.

        None where nothing is told of it and nothing is asked of the firm.
        """
        programme = self.spoken_of(context, as_of)
        if programme is None:
            return None
        heard = self._eligibility.heard(programme, text, as_of)
        wrong = self.turned_down(turned(text), programme, as_of)
        heard = but_for(heard, wrong)
        if corrects(text):
            heard = {**self._corrected(programme, text, context, as_of), **heard}
        if not heard:
            heard = self._left_open(programme, text, context, as_of)
        known = self.known(context)
        # 要是加到30张呢: of what is so already; what somebody means to do is told as well.
        instead = any(key in known and known[key] != value for key, value in heard.items())
        if supposes(text) or (only_if(text) and instead):
            # Only what is put in place of something: 那大型企业呢.
            return self._suppose(programme, heard, context, as_of) if heard else None
        wants_it = intent in ABOUT_US or (intent == "ask_amount" and elliptic(text))
        wants_it = wants_it or urges(text)
        if not heard and not wants_it:
            return None
        old = all(known.get(key) == value for key, value in heard.items())
        asked = asks(text) and not hopes(text) and not wants_it
        if old and asked and self._told_before(programme, context):
            return None  # 按规定是啥规定: the verdict stands, and something else is asked
        told = self._eligibility.complete(heard, known)
        verdict = self._eligibility.judge(programme, told, as_of)
        if verdict.outcome == "eligible" and not self._eligibility.speaks(programme, told):
            return None
        return self._verdict(verdict, heard, context.subject or text, context, text=text)

    def _left_open(
        self, programme: Programme, text: str, context: Context, as_of: date
    ) -> dict[str, Value]:
        """What a short message answers to what a verdict still lacks, or fails on.

        小型吧 after 还缺“企业规模”, 牌子去年就挂墙上了 after a no: no question waits, but only one
        fact is meant.
        """
        if len(text) > _TELLING or asks(text):
            return {}
        told = self._eligibility.complete({}, self.known(context))
        verdict = self._eligibility.judge(programme, told, as_of)
        wanted = [*verdict.missing, *(gap.fact for gap in verdict.gaps if gap.fact)]
        found: dict[str, Value] = {}
        for key in dict.fromkeys(wanted):
            fact = self._snapshot.facts.facts[key]
            # 好的 is a yes to nothing; what speaks of the fact is, and 是 where one is lacking.
            plain = len(verdict.missing) == 1 and _PLAIN.fullmatch(normalise(text).strip())
            if fact.type == "boolean" and OWN not in masked(text, fact.question) and not plain:
                continue
            answer = self._eligibility.answered(fact, text, as_of).answer
            if answer is not None and answer.kind == "value" and answer.value is not None:
                found[key] = answer.value
        return found if len(found) == 1 else {}

    def _corrected(
        self, programme: Programme, text: str, context: Context, as_of: date
    ) -> dict[str, Value]:
        """The one fact told before that a correction gives another value (说错了，是80张)."""
        # 5个人说错了，其实4个: what stands after the correction counts.
        said = _INSTEAD.split(_CORRECTS.sub("", normalise(text)))[-1]
        found: dict[str, Value] = {}
        for key in self._eligibility.concerns(programme, self.known(context)):
            answer = read_answer(said, self._snapshot.facts.facts[key], as_of, alone=False)
            if answer is not None and answer.kind == "value" and answer.value is not None:
                found[key] = answer.value
        if len(found) != 1:
            return {}
        # 裁了2个。不对，是3个: bare things are those counted last, not the staff told before.
        last = [*(context.facts or {})][-1:]
        return found if list(found) == last or not _BARE.search(said) else {}

    def turned_down(
        self, says: Turnabout, programme: Programme | None, as_of: date
    ) -> dict[str, Value]:
        """What the words that a message turns down would tell of a programme (不是我创业)."""
        if programme is None or not says.refused:
            return {}
        return self._eligibility.heard(programme, "，".join(says.refused), as_of)

    def spoken_of(self, context: Context, as_of: date) -> Programme | None:
        """The programme last spoken of, also where it was spoken of by its clause alone."""
        if context.programme in self._snapshot.programmes:
            return self._snapshot.programmes[context.programme or ""]
        if context.clause_id is None:
            return None
        hit = self._search.hit(context.clause_id, {}, as_of)
        if hit is None:
            return None
        weights = self._search.weigh(self._search.read(context.subject))
        return self._eligibility.programme([hit], weights, context.subject, as_of)

    def _suppose(
        self, programme: Programme, heard: Mapping[str, Value], context: Context, as_of: date
    ) -> Reply:
        told = self._eligibility.complete(heard, self.known(context))
        verdict = self._eligibility.judge(programme, told, as_of)
        if verdict.outcome == "ineligible":
            # 三年以后重新认定呢: no first recognition, but the same clause has more to give.
            verdict = self._beside_it(programme, heard, context, as_of) or verdict
            programme = verdict.programme
        rests_on = {**self._eligibility.concerns(programme, self.known(context)), **heard}
        brief = self._told_before(programme, context)
        lead = self._snapshot.phrases("verdict.said.supposed")
        return self._eligibility.reply(verdict, context.subject, rests_on, lead, brief=brief)

    def _beside_it(
        self, programme: Programme, heard: Mapping[str, Value], context: Context, as_of: date
    ) -> Verdict | None:
        """The verdict on another measure of the same clause that is for what was heard."""
        known = self.known(context)
        for key in self._snapshot.programmes_of.get(programme.references[0], ()):
            other = self._snapshot.programmes[key]
            if other.id == programme.id or not self._eligibility.concerns(other, heard):
                continue
            told = self._eligibility.complete(heard, self._eligibility.concerns(other, known))
            verdict = self._eligibility.judge(other, told, as_of)
            if verdict.outcome == "eligible":
                return verdict
        return None

    def _told_before(self, programme: Programme, context: Context) -> bool:
        """Whether a verdict on a programme was told before: what counts for it was known."""
        known = self._eligibility.complete({}, self.known(context))
        spoken = {context.programme, *(topic.programme for topic in context.talked)}
        return programme.id in spoken and self._eligibility.speaks(programme, known)

    def _verdict(
        self,
        verdict: Verdict,
        heard: Mapping[str, Value],
        subject: str,
        context: Context,
        found: Hit | None = None,
        text: str = "",
    ) -> Reply:
        known = self._eligibility.concerns(verdict.programme, self.known(context))
        # A changed fact changes a line or two; the clause and all that goes with it was said.
        brief = bool(heard) and self._told_before(verdict.programme, context)
        told = {**known, **heard}
        lead = self.not_yet(verdict, heard, text)
        reply = self._eligibility.reply(verdict, subject, told, lead, found, brief=brief)
        facts = also_told(context, heard).facts
        interview = self.interviewer.begin(verdict, subject)
        return replace(reply, context=replace(reply.context, facts=facts, interview=interview))

    def not_yet(self, verdict: Verdict, heard: Mapping[str, Value], text: str) -> str:
        """That what is only meant to be done counts once it is; empty where it is not so."""
        denied = any(value is False for value in heard.values())
        if not denied or verdict.outcome != "ineligible" or not _can_be_mended(verdict):
            return ""
        if plans(text) or holds(_COMING, text):
            return self._snapshot.phrases("verdict.said.not_yet")
        early = holds(_RECENT, text) and all(holds(_LASTS, gap.words) for gap in verdict.gaps)
        return self._snapshot.phrases("verdict.said.too_early") if early else ""

    def resume(self, programme: Programme, subject: str, context: Context, as_of: date) -> Reply:
        """The verdict on what is known of the firm, with the next question where one is left."""
        told = self._eligibility.complete({}, self.known(context))
        verdict = self._eligibility.judge(programme, told, as_of)
        return self._verdict(verdict, {}, subject, context)


def also_told(context: Context, heard: Mapping[str, Value]) -> Context:
    """A context whose profile holds, as JSON has it, what was heard now as well."""
    record = {
        key: number(value)
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for key, value in heard.items()
    }
    # What was told last stands last.
    before = {key: value for key, value in (context.facts or {}).items() if key not in record}
    return replace(context, facts={**before, **record})


def _rests(verdict: Verdict) -> bool:
    """Whether a yes rests on a condition that was told (个体户 of what is for 个体户)."""
    return any(c.result and c.id not in ("validity", "scope") for c in verdict.conditions)


def _can_be_mended(verdict: Verdict) -> bool:
    """Whether all that keeps a firm from something can still be brought about."""
    return all(gap.changeable for gap in verdict.gaps)

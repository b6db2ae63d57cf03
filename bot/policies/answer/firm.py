"""What is said of the firm that asks: verdicts, the questions that lead to them, what fits.

What a firm has told is kept as its profile and never asked twice; what it tells now counts
before what it told earlier. Pure: the profile comes with the context and goes with the reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.policies.answer.context import Context, Interview
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.fitting import Fitting
from bot.policies.answer.interview import Step
from bot.policies.answer.judging import (
    ABOUT_US,
    SEVERAL,
    TELLS,
    Judging,
    also_told,
    but_for,
    corrects,
    only_if,
    supposes,
)
from bot.policies.answer.lists import LISTED
from bot.policies.answer.manners import (
    counts_it_in,
    of_several,
    urges,
    wants_a_sum,
    wants_the_outcome,
)
from bot.policies.answer.reach import asks_outside, within_reach
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.turn import Turn
from bot.policies.answer.turnabout import PARTS, Turnabout, turned
from bot.policies.answer.wording import (
    asks,
    calls_for,
    elliptic,
    introduces,
    names_a_matter,
    plans,
    speaks_of_itself,
    tells_a_case,
)
from bot.policies.eligibility.facts import Value
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.telling import facts_heard
from bot.policies.query import holds, normalise
from bot.policies.replying import Act
from bot.policies.search import Search

__all__ = ["FirmTalk"]

_SHORT = 14  # characters of a supposition
# Nearness to a programme's questions from which its own are asked though nobody asked for it.
_LIKELY = 0.55
# 嗯头一回, 应该不算吧: how an answer of yes or no begins, within a longer message.
_NOD = 8  # characters
_SAYS_SO = re.compile(
    r"嗯|哦|对(?!了)|是(?!不是)|不是|没(?!说|问|提)|有(?!没)|应该|可能|大概|估计|好像|算(?!了)|不算"
    r"|头一|首次|第一[次回]"
)
# What the verdict says once the answer is in; and what it does not (那个20万能一块拿不).
_WANTS_IT = re.compile(r"多少|几个?钱|[几多]万|算(?:算|一?下|出)|能不能|够不够|行不行|符合")
_TOGETHER = re.compile(r"一块|一起|同时|叠加|叠着|都拿|另外")


class FirmTalk(Judging):
    """Speaks of the firm that asks, over one search index."""

    def __init__(self, search: Search, eligibility: EligibilityAnswers) -> None:
        super().__init__(search, eligibility)
        self.fitting = Fitting(search.snapshot, eligibility)

    def hear(self, turn: Turn) -> Reply | None:
        """What goes on about the firm: 不对，我们是服务业的; 那大型企业呢; 我们能享受吗."""
        outcome, intent, text, context = turn.outcome, turn.meant, turn.text, turn.context
        if outcome.named:
            return None
        spoken = context.clause_id is not None or bool(context.offered)
        # 小升规 30万 names a measure anew, whatever it looks like.
        anew = outcome.decision == "answer" and not turn.stays and outcome.names_a_term
        told = not asks(text) and spoken and not anew
        statement = told and self._states(text, context, turn.as_of)
        # 不是，我问的是…: a question, whatever it looks like.
        put_right = turn.says.again or turn.says.away
        if spoken and put_right and not turn.stays and outcome.decision != "nothing":
            return None
        tells = (not asks(text) and intent in TELLS) or statement or corrects(text)
        tells = tells and not turn.says.again
        supposed = (supposes(text) and len(normalise(text)) <= _SHORT) or only_if(text)
        again = intent == "ask_amount" and self._told_of(context, turn.as_of)
        asked = supposed or intent in ABOUT_US or speaks_of_itself(text) or again or urges(text)
        if not (tells or ((turn.stays or supposed) and asked)):
            return None
        reply = self.go_on(intent, text, context, turn.as_of)
        if reply is not None or not tells:
            return reply
        return self._heard(turn, spoken)

    def _heard(self, turn: Turn, spoken: bool) -> Reply | None:
        """That what was told is kept; None where it may well be a question."""
        heard = self.fitting.heard(turn.text, turn.as_of)
        if self.fitting.listed(turn.context) and (heard or len(turn.text) <= _SHORT):
            return self._told_on(turn, heard)
        if not spoken and not self._introduces(turn, heard):
            return None
        led = self._led_on(turn, heard)
        if led is not None:
            return led
        if not heard:
            # Within a conversation what is told is no question, whatever it resembles;
            # unless it speaks of what the clause holds (我投的是工程), or of something else.
            told = spoken and (turn.meant in TELLS or turn.outcome.decision != "answer")
            if told and (turn.says.again or self._holds(turn) or self._turns(turn)):
                return None
            meant = names_a_matter(turn.text) or plans(turn.text)
            told = told or (spoken and speaks_of_itself(turn.text) and (turn.stays or not meant))
            return self._say("interview.nothing_heard", turn.context) if told else None
        if self._turns(turn) or (spoken and asks(turn.text)):
            return None
        said = facts_heard(heard, turn.text, self._snapshot)
        return self._say("interview.kept", also_told(turn.context, heard), list=said)

    def _holds(self, turn: Turn) -> bool:
        """Whether the clause spoken of holds a word that a message names."""
        clause = self._snapshot.clauses.get(turn.context.clause_id or "")
        if clause is None or not turn.stays:
            return False
        named = {
            key: turn.outcome.weights[key] for key in self._search.subject(turn.outcome.weights)
        }
        return self._search.likeness(clause.text, named) > 0

    @staticmethod
    def _turns(turn: Turn) -> bool:
        """Whether a message turns to something else that the search knows of."""
        found = turn.outcome.decision != "nothing"
        return found and not turn.stays and (turn.says.again or turn.says.away or asks(turn.text))

    def _led_on(self, turn: Turn, heard: Mapping[str, Value]) -> Reply | None:
        """What leads on from what was told, so that nobody has to ask for it.

        Of a programme spoken of, the questions that its verdict hangs on; where nothing is
        spoken of, what fits a firm that told enough. None where nothing is to be asked.
        """
        context, as_of = also_told(turn.context, heard), turn.as_of
        noted = self.interviewer.noted(heard, turn.text) if heard else ""
        if context.clause_id is None and not context.offered:
            enough = heard and len(self.known(context)) >= SEVERAL
            reply = self._fitting_reply(context, as_of, noted) if enough else None
            found = reply.custom.get("match", {}).get("results", ()) if reply else ()
            return reply if any(one["group"] != "just_missed" for one in found) else None
        unchosen = len(context.offered) > 1 and context.programme is None
        programme = None if unchosen else self.spoken_of(context, as_of)
        if programme is None or context.interview or not self._asked_for(programme, context):
            return None
        # A verdict that was told is not asked for anew: 算了 ends its questions.
        if context.programme == programme.id and not context.offered:
            return None
        told = self._eligibility.complete({}, self.known(context))
        verdict = self._eligibility.judge(programme, told, as_of)
        interview = self.interviewer.begin(verdict, context.subject)
        if interview is None or verdict.status in {"expired", "repealed"}:
            return None
        leads = self._snapshot.phrases("interview.leads", name=programme.title)
        context = replace(context, interview=interview, programme=programme.id)
        return make_reply(self._snapshot, "text", f"{noted}{leads}", context)

    def _asked_for(self, programme: Programme, context: Context) -> bool:
        """Whether what was asked comes near to a programme, not to its clause alone."""
        vector = self._search.evidence(self._search.read(context.subject)).vector
        near = self._search.index.programmes_near(vector)
        return near.get(programme.id, 0.0) >= _LIKELY

    def _told_on(self, turn: Turn, heard: Mapping[str, Value]) -> Reply:
        """What fits once more, with what is told after the list of it."""
        if not heard:
            return self._say("fitting.same", turn.context)
        noted = self.interviewer.noted(heard, turn.text)
        return self._fitting_reply(also_told(turn.context, heard), turn.as_of, noted)

    def summed_up(self, text: str, context: Context, as_of: date) -> Reply | None:
        """What fits once more, where after the list of it is asked what it comes to."""
        several = self.fitting.chosen_of(context) and of_several(text)
        listed = self.fitting.listed(context) or several
        more = counts_it_in(text) and len(context.facts or {}) >= SEVERAL
        if not (listed and wants_the_outcome(text)) and not more:
            return None
        context = also_told(context, self.fitting.heard(text, as_of))
        known = self.known(context)
        first = self.fitting.sum_of(known, as_of) if wants_a_sum(text) else ""
        return self._fitting_reply(context, as_of, first)

    def keep(self, turn: Turn, reply: Reply) -> Reply:
        """A reply with what the message told of the firm, whatever it was answered with."""
        text = turn.text
        own = tells_a_case(text) or speaks_of_itself(text) or not asks(text)
        if not own or supposes(text) or turn.outcome.named:
            return reply
        heard = self.fitting.heard(text, turn.as_of)
        facts = reply.context.facts if reply.context.facts is not None else turn.context.facts
        wrong = self._refused(turn.says, turn.context, turn.as_of)
        heard = but_for(heard, wrong)
        put_right = turn.says.again or corrects(text)  # 我是民营啊 你咋写的否
        put_right = put_right and not only_if(text)
        new = {key: v for key, v in heard.items() if put_right or key not in (facts or {})}
        if not new:
            return reply
        context = replace(reply.context, facts=facts)
        return replace(reply, context=also_told(context, new))

    def taken_back(self, says: Turnabout, context: Context, as_of: date) -> Context:
        """A context without what was heard of the firm where it turns just that down.

        我没说疫情, 你老提综改区干啥: nothing else is known of it then.
        """
        wrong = self._refused(says, context, as_of)
        if not wrong or not context.facts:
            return context
        known = self.known(context)
        kept = {
            key: value
            for key, value in context.facts.items()
            if key not in wrong or known.get(key) != wrong[key]
        }
        return replace(context, facts=kept)

    def _refused(self, says: Turnabout, context: Context, as_of: date) -> dict[str, Value]:
        """What the words that a message turns down would tell of the firm."""
        if not says.refused:
            return {}
        own = self.turned_down(says, self.spoken_of(context, as_of), as_of)
        return {**own, **self.fitting.heard("，".join(says.refused), as_of)}

    def reached(self, turn: Turn) -> Turn:
        """A turn whose findings hold where the firm is, as far as that is known."""
        known = self.known(turn.context)
        barred = self.fitting.barred({**known, **self.fitting.heard(turn.text, turn.as_of)})
        if not barred:
            return turn
        zones = self._snapshot.tuning.zones
        spoken = self._snapshot.clauses.get(turn.context.clause_id or "")
        if spoken is None or spoken.scope not in barred or not asks_outside(turn.text):
            outcome = within_reach(turn.outcome, barred, turn.text, zones)
            return replace(turn, outcome=outcome, barred=barred)
        # 那省里头没有么: the same wish, where it holds for the firm.
        joint = self._search.find(f"{turn.context.subject}，{turn.says.meant}", turn.as_of, LISTED)
        outcome = within_reach(joint, barred, "", zones)
        question = outcome.analysis.text
        return replace(turn, outcome=outcome, stays=False, question=question, barred=barred)

    def puts_right(self, text: str, context: Context, as_of: date) -> bool:
        """Whether a message tells otherwise what is known of the firm (你弄反了 我们是民营)."""
        known, programme = self.known(context), self.spoken_of(context, as_of)
        heard = self.fitting.heard(text, as_of)
        heard |= self._eligibility.heard(programme, text, as_of) if programme else {}
        return any(key in known and known[key] != value for key, value in heard.items())

    def _told_of(self, context: Context, as_of: date) -> bool:
        """Whether anything is known of the firm that counts for the programme spoken of."""
        programme = self.spoken_of(context, as_of)
        return programme is not None and bool(
            self._eligibility.concerns(programme, self.known(context))
        )

    def tells(self, turn: Turn) -> bool:
        """Whether a message tells anything of the firm."""
        programme = self.spoken_of(turn.context, turn.as_of)
        heard = self._eligibility.heard(programme, turn.text, turn.as_of) if programme else {}
        return bool(heard) or bool(self.fitting.heard(turn.text, turn.as_of))

    @staticmethod
    def _introduces(turn: Turn, heard: Mapping[str, Value]) -> bool:
        """Whether a first message tells of a firm, and is no question without its mark."""
        found, text = turn.outcome.decision, turn.text
        if found == "offer" and heard and len(text) <= _SHORT and not names_a_matter(text):
            return True  # 我们是制造业企业
        return found == "nothing" or (found == "offer" and len(heard) >= SEVERAL)

    def _states(self, text: str, context: Context, as_of: date) -> bool:
        """Whether a message that asks nothing tells of the firm, and names no new matter."""
        if not calls_for(text) and (speaks_of_itself(text) or not names_a_matter(text)):
            return True
        programme = self.spoken_of(context, as_of)
        return programme is not None and bool(self._eligibility.heard(programme, text, as_of))

    def _say(self, key: str, context: Context, **values: object) -> Reply:
        return make_reply(self._snapshot, "text", self._snapshot.phrases(key, **values), context)

    def fits(self, text: str, context: Context, as_of: date) -> tuple[Reply | None, Context]:
        """What fits the firm, or the questions that come before.

        Returns:
            The list where enough is known, else None; and the conversation, whose
            interview then waits for the first answer.
        """
        own = tells_a_case(text) or introduces(text)
        heard = self.fitting.heard(text, as_of) if own else {}
        context = also_told(context, heard)
        # 按我说的这些列一列: nothing more is to be asked first.
        enough = len(self.known(context)) >= SEVERAL and wants_the_outcome(text)
        listed = self.fitting_now(context, {}, as_of) if enough else None
        if listed is not None:
            return listed, context
        interview = self.fitting.begin(self.known(context), text)
        if interview is not None:
            return None, replace(context, interview=interview)
        return self._fitting_reply(context, as_of), context

    def fitting_now(self, context: Context, told: Mapping[str, Value], as_of: date) -> Reply | None:
        """What fits a firm by what it told; None where nothing does so far."""
        reply = self._fitting_reply(also_told(context, told), as_of)
        return reply if reply.custom["type"] == "policy_list" else None

    def _fitting_reply(self, context: Context, as_of: date, noted: str = "") -> Reply:
        """What fits the firm by all that is known of it."""
        reply = self.fitting.reply(self.known(context), as_of, noted)
        return replace(reply, context=replace(reply.context, facts=context.facts))

    def names(self, text: str) -> bool:
        """Whether a message names anything that may be searched for."""
        return bool(self._search.subject(self._search.weigh(self._search.read(text))))

    def asked(self, interview: Interview) -> str:
        """The question that is waited for, in its plain words; empty for an open one."""
        fact = self._snapshot.facts.facts.get(interview.asked[-1])
        return "" if fact is None else f"{fact.name}，{fact.question}"

    def instead(self, interview: Interview, text: str, as_of: date) -> Act | None:
        """What a message does instead of answering, as ``Reading.act`` has it."""
        fact = self._snapshot.facts.facts.get(interview.asked[-1])
        if fact is None:  # asked openly
            return None
        return self._eligibility.answered(fact, text, as_of).act

    def answer_and_question(self, interview: Interview, text: str, as_of: date) -> tuple[str, str]:
        """The part of a message that answers yes or no, and the rest, which asks something.

        Two empty texts where the message is not such a one.
        """
        fact = self._snapshot.facts.facts.get(interview.asked[-1])
        parts = PARTS.findall(normalise(text))
        if fact is None or fact.type != "boolean" or len(parts) < 2 or turned(text).refused:
            return "", ""
        for part in parts:
            if asks(part) or len(part) > _NOD or not _SAYS_SO.match(part):
                continue
            answer = self._eligibility.answered(fact, part, as_of).answer
            rest = " ".join(other for other in parts if other is not part)
            by_verdict = elliptic(rest) or wants_the_outcome(rest) or holds(_WANTS_IT, rest)
            goes_on = asks(rest) and (holds(_TOGETHER, rest) or not by_verdict)
            if answer is not None and answer.kind == "value" and goes_on:
                return part, rest
        return "", ""

    def listen(
        self, interview: Interview, text: str, context: Context, as_of: date
    ) -> Context | None:
        """What an answer makes of the conversation; None where it answers nothing."""
        corrected = self._put_right(interview, text, context, as_of)
        if corrected is not None:
            return corrected
        asker = self.interviewer if interview.programme else self.fitting
        step = asker.take(interview, text, as_of)
        if not step.understood:
            # 太原的，六十来人: what is told beside the question is kept, and the question waits.
            beside = {} if asks(text) else self.fitting.heard(text, as_of)
            if not beside:
                return None
            noted = self.interviewer.noted(beside, text)
            step = Step(replace(step.interview, prefix=noted), beside)
        # 我是租别人房子的 不是我给别人减: what is turned down is a no, not a yes.
        programme = self._snapshot.programmes.get(interview.programme)
        wrong = self.turned_down(turned(text), programme, as_of)
        facts = but_for(step.facts, wrong)
        if wrong.get(interview.asked[-1]) is True and interview.asked[-1] not in facts:
            facts[interview.asked[-1]] = False
        if facts != step.facts:
            noted = self.interviewer.noted(facts, text) if facts else ""
            step = replace(step, facts=facts, interview=replace(step.interview, prefix=noted))
        context = also_told(context, step.facts)
        after = self._advance(step.interview, context, as_of)
        if after.programme and after.ended:
            verdict = self.interviewer.verdict(after, self.known(context), as_of)
            coming = self.not_yet(verdict, step.facts, text)
            after = replace(after, prefix="\n".join(p for p in (after.prefix, coming) if p))
        return replace(context, interview=after)

    def enough(self, interview: Interview, text: str, context: Context, as_of: date) -> Context:
        """The interview ended where it stands, since its outcome is wanted now."""
        programme = self._snapshot.programmes.get(interview.programme)
        heard = self.fitting.heard(text, as_of)
        if programme is not None:
            heard |= self._eligibility.heard(programme, text, as_of)
        # 是的是的 第一次 你就说我能拿多少: what was asked for is told as well.
        asker = self.interviewer if interview.programme else self.fitting
        told = " ".join(part for part in text.split() if not asks(part) and not urges(part))
        heard = {**heard, **asker.take(interview, told, as_of).facts} if told else heard
        context = also_told(context, heard)
        return replace(context, interview=replace(interview, prefix="", ended="done"))

    def _put_right(
        self, interview: Interview, text: str, context: Context, as_of: date
    ) -> Context | None:
        """What a correction makes of the conversation (不对，是80万); None where it is none."""
        programme = self._snapshot.programmes.get(interview.programme)
        if programme is None or not corrects(text):
            return None
        heard = self._eligibility.heard(programme, text, as_of)
        heard = heard or self._corrected(programme, text, context, as_of)
        if not heard:
            return None
        context = also_told(context, heard)
        interview = replace(interview, misses=0, prefix=self.interviewer.noted(heard, text))
        return replace(context, interview=self._advance(interview, context, as_of))

    def unclear(self, interview: Interview, context: Context, as_of: date) -> Context:
        """After a message that answered nothing."""
        interview = self.interviewer.unclear(interview)
        return replace(context, interview=self._advance(interview, context, as_of))

    def afresh(self, interview: Interview, context: Context, as_of: date) -> Context:
        """The same interview from its beginning; what was told of its facts is put aside."""
        if not interview.programme:
            context = replace(context, facts={})
            begun = self.fitting.begin({}, interview.subject)
        else:
            programme = self._snapshot.programmes[interview.programme]
            told = self._eligibility.concerns(programme, self.known(context))
            facts = {k: value for k, value in (context.facts or {}).items() if k not in told}
            context = replace(context, facts=facts)
            verdict = self._eligibility.judge(programme, self._eligibility.complete({}), as_of)
            begun = self.interviewer.begin(verdict, interview.subject)
        return replace(context, interview=begun or replace(interview, ended="done"))

    def _advance(self, interview: Interview, context: Context, as_of: date) -> Interview:
        if not interview.programme:
            return self.fitting.advance(interview, self.known(context))
        return self.interviewer.advance(interview, self.known(context), as_of)

    def question(self, interview: Interview, context: Context, as_of: date) -> Reply:
        """The question that is waited for."""
        if not interview.programme:
            return self.fitting.question(interview)
        verdict = self.interviewer.verdict(interview, self.known(context), as_of)
        return self.interviewer.question(interview, verdict)

    def conclude(self, interview: Interview, context: Context, as_of: date) -> Reply:
        """What an interview ends with: the verdict, or all that fits."""
        known = self.known(context)
        if not interview.programme:
            reply = self.fitting.reply(known, as_of)
        else:
            verdict = self.interviewer.verdict(interview, known, as_of)
            concerned = self._eligibility.concerns(verdict.programme, known)
            lead = interview.prefix
            reply = self._eligibility.reply(verdict, interview.subject, concerned, lead, brief=True)
        return replace(reply, context=replace(reply.context, facts=context.facts))

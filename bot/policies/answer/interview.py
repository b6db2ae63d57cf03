"""Leading a firm to a verdict: one question at a time, the one that decides most first.

An interview is a value: what it is about, what was asked and what stayed open. The facts
themselves stand in the firm's profile. Pure; the caller keeps both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.policies.answer.context import Context, Interview
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.verdicts import fact_record, hit_of
from bot.policies.eligibility.amounts import facts_of, quantity
from bot.policies.eligibility.answers import Answer
from bot.policies.eligibility.conditions import Comparison, comparisons
from bot.policies.eligibility.facts import Fact, Value
from bot.policies.eligibility.judge import Verdict
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.telling import facts_heard
from bot.policies.model import Phrases, Snapshot

__all__ = ["MOST", "Interviewer", "Step", "quick_answers"]

MOST = 6
"""Questions that one interview asks at most."""
_MISSES = 2  # answers not understood, after which a question is left open
_LISTED = 11  # choices shown as quick replies


@dataclass(frozen=True)
class Step:
    """What an answer led to.

    Attributes:
        interview: as it now stands.
        facts: what the firm told with it.
        understood: whether the message answered anything.
    """

    interview: Interview
    facts: Mapping[str, Value]
    understood: bool = True


class Interviewer:
    """Asks, listens and says when the verdict stands, over one snapshot."""

    def __init__(self, snapshot: Snapshot, eligibility: EligibilityAnswers) -> None:
        self._snapshot, self._eligibility = snapshot, eligibility
        self._phrases = snapshot.phrases

    def begin(self, verdict: Verdict, subject: str) -> Interview | None:
        """An interview where a verdict still hangs on something; None where it stands."""
        interview = Interview(verdict.programme.id, subject)
        return self._on(interview, verdict)

    def _on(self, interview: Interview, verdict: Verdict) -> Interview | None:
        fact = next((key for key in verdict.missing if key not in interview.asked), None)
        if verdict.outcome == "ineligible" or fact is None or len(interview.asked) >= MOST:
            return None
        return replace(interview, asked=(*interview.asked, fact), misses=0)

    def question(self, interview: Interview, verdict: Verdict) -> Reply:
        """The question that is waited for, why it is asked, and what may be answered."""
        programme, fact = verdict.programme, self._fact(interview)
        words, clause = self._why(programme, fact)
        # Asked once more, after something else was answered, it is only asked.
        again = interview.prefix == self._phrases("interview.back")
        asked = self._phrases("interview.question", why=words, question=fact.question)
        lines = [interview.prefix, fact.question if again else asked]
        if len(interview.asked) == 1 and not interview.misses and not again:
            lines.append(self._phrases("interview.hint"))
        key = clause or programme.references[0]
        hit = hit_of(key, verdict, self._snapshot)
        context = Context(programme.references[0], subject=interview.subject)
        reply = make_reply(
            self._snapshot,
            "eligibility_question",
            "\n".join(line for line in lines if line),
            context,
            [hit],
            quick_answers(fact, self._phrases),
            programme,
        )
        reply.custom["fact"] = fact_record(fact)
        return reply

    def _fact(self, interview: Interview) -> Fact:
        return self._snapshot.facts.facts[interview.asked[-1]]

    def _why(self, programme: Programme, fact: Fact) -> tuple[str, str | None]:
        """Why a fact is asked for, and the clause that the reason stands in."""
        if programme.region.fact == fact.id:
            return self._phrases("interview.why_scope", region=programme.region.name), None
        for test in comparisons(programme.conditions):
            if test.fact == fact.id and test.words:
                return self._phrases("interview.why", words=test.words), test.clause
        if fact.id in facts_of(programme.amount.value):
            return self._phrases("interview.why_amount"), None
        return "", None

    def take(self, interview: Interview, text: str, today: date) -> Step:
        """What a message answers; ``understood`` is False where it answers nothing.

        What is told beside the answer (太原的，去年营收3000万) counts too.
        """
        programme = self._snapshot.programmes[interview.programme]
        fact = self._fact(interview)
        heard = dict(self._eligibility.heard(programme, text, today))
        told = heard.pop(fact.id, None)
        reading = self._eligibility.answered(fact, text, today, alone=not heard)
        answer = reading.answer
        if reading.act is not None:
            return Step(interview, {}, understood=False)
        if answer is not None and self._undecided(programme, fact, answer, heard, today):
            # 四五千万 where 5000万 decides: both branches are told.
            left = self._unanswered(interview, fact, Answer("unknown"))
            return Step(self._noting(left, heard, text), heard)
        if answer is not None and answer.kind == "value" and answer.value is not None:
            heard[fact.id] = answer.value
        elif answer is not None and answer.kind in ("unknown", "withheld"):
            left = self._unanswered(interview, fact, answer)
            return Step(self._noting(left, heard, text), heard)
        elif told is not None and self._snapshot.replying is None:
            heard[fact.id] = told
        if heard:
            return Step(self._noting(replace(interview, misses=0, prefix=""), heard, text), heard)
        if answer is not None:
            return Step(self._unanswered(interview, fact, answer), {})
        return Step(interview, {}, understood=False)

    def _undecided(
        self,
        programme: Programme,
        fact: Fact,
        answer: Answer,
        heard: Mapping[str, Value],
        today: date,
    ) -> bool:
        """Whether a rough number leaves open on which side of a threshold it lies."""
        if answer.most is None or answer.value is None:
            return False
        outcomes = [
            self._eligibility.judge(
                programme, self._eligibility.complete({**heard, fact.id: side}), today
            ).conditions
            for side in (answer.value, answer.most)
        ]
        low, high = ([condition.result for condition in one] for one in outcomes)
        return low != high

    def _noting(self, interview: Interview, heard: Mapping[str, Value], text: str) -> Interview:
        """With what was told said first."""
        said = (self.noted(heard, text) if heard else "", interview.prefix)
        return replace(interview, prefix="\n".join(part for part in said if part))

    def noted(self, heard: Mapping[str, Value], text: str) -> str:
        """That what was told is kept."""
        return self._phrases("interview.noted", list=facts_heard(heard, text, self._snapshot))

    def _unanswered(self, interview: Interview, fact: Fact, answer: Answer) -> Interview:
        if answer.kind == "unit":
            if interview.misses + 1 >= _MISSES:
                return self.unclear(interview)
            prefix = self._phrases("interview.unit", number=answer.value)
            return replace(interview, prefix=prefix, misses=interview.misses + 1)
        left = replace(interview, open=(*interview.open, fact.id), misses=0)
        key = "interview.not_known" if answer.kind == "unknown" else "interview.not_told"
        return replace(left, prefix=self._phrases(key))

    def unclear(self, interview: Interview) -> Interview:
        """After a message that answered nothing; a second such leaves the question open."""
        misses = interview.misses + 1
        if misses < _MISSES:
            return replace(interview, misses=misses, prefix=self._phrases("interview.unclear"))
        left = (*interview.open, interview.asked[-1])
        return replace(interview, open=left, misses=0, prefix=self._phrases("interview.left_open"))

    def advance(self, interview: Interview, known: Mapping[str, Value], day: date) -> Interview:
        """The interview with its next question, or ended.

        What stays open is told with both its outcomes before the next question.
        """
        verdict = self.verdict(interview, known, day)
        waits = interview.asked[-1] in verdict.missing and interview.asked[-1] not in interview.open
        if waits and verdict.outcome != "ineligible":
            return interview
        if interview.open and interview.open[-1] == interview.asked[-1]:
            branches = self.branches(interview, known, day)
            prefix = "\n".join(part for part in (interview.prefix, branches) if part)
            interview = replace(interview, prefix=prefix)
        following = self._on(interview, verdict)
        return following if following is not None else replace(interview, ended="done")

    def verdict(self, interview: Interview, known: Mapping[str, Value], day: date) -> Verdict:
        """The verdict on what is known."""
        programme = self._snapshot.programmes[interview.programme]
        return self._eligibility.judge(programme, self._eligibility.complete(known), day)

    def branches(self, interview: Interview, known: Mapping[str, Value], day: date) -> str:
        """What follows if the fact left open last is so, and what if it is not."""
        fact = self._fact(interview)
        programme = self._snapshot.programmes[interview.programme]
        lines = []
        for label, value in self._cases(programme, fact, day):
            told = self._eligibility.complete({**known, fact.id: value})
            if told.get(fact.id) != value:
                continue  # what is known already rules it out
            verdict = self._eligibility.judge(programme, told, day)
            lines.append(self._phrases("interview.if", case=label, result=self._short(verdict)))
        return self._phrases("interview.branches", list="；".join(lines)) if len(lines) > 1 else ""

    def _cases(self, programme: Programme, fact: Fact, day: date) -> Sequence[tuple[str, Value]]:
        """The answers that lead apart, named."""
        if fact.type == "boolean":
            return (
                (self._phrases("interview.case_yes", name=fact.name), True),
                (self._phrases("interview.case_no", name=fact.name), False),
            )
        figures = programme.figures(day)
        for test in comparisons(programme.conditions):
            target = test.target(figures) if test.fact == fact.id else None
            if fact.type not in {"money", "integer", "ratio"} or isinstance(target, bool):
                continue
            if isinstance(target, int | Decimal) and test.operator in {"gte", "gt", "lte", "lt"}:
                return self._sides(fact, test, Decimal(target))
        return ()

    def _sides(self, fact: Fact, test: Comparison, target: Decimal) -> list[tuple[str, Value]]:
        """Both sides of a threshold; nothing is computed from these stand-ins but the verdict."""
        said = quantity(target, fact.measure)
        step = Decimal(1) if fact.type != "ratio" else Decimal("0.0001")
        inclusive = test.operator in {"gte", "lt"}
        above = target if inclusive else target + step
        below = target - step if inclusive else target
        keys = ("reached", "short") if inclusive else ("over", "within")
        cases = []
        for key, number in zip(keys, (above, below), strict=True):
            label = self._phrases(f"interview.case_{key}", name=fact.name, figure=said)
            value: Value = int(number) if fact.type == "integer" else number
            cases.append((label, value))
        return cases

    def _short(self, verdict: Verdict) -> str:
        if verdict.outcome == "ineligible":
            return self._phrases("interview.result.ineligible")
        if verdict.outcome == "unknown":
            return self._phrases("interview.result.unknown")
        if verdict.amount.kind == "exact" and verdict.amount.working and not verdict.amount.missing:
            return self._phrases("interview.result.eligible_sum", working=verdict.amount.working)
        words = verdict.programme.amount.said(verdict.as_of)
        if verdict.programme.amount.kind == "none" or words is None:
            return self._phrases("interview.result.eligible")
        return self._phrases("interview.result.eligible_words", words=words.words)


def quick_answers(fact: Fact | None, phrases: Phrases) -> list[dict[str, str]]:
    """Answers that need no typing."""
    names: tuple[str, ...] = ()
    if fact is not None and fact.type == "boolean":
        names = (phrases("interview.yes"), phrases("interview.no"))
    elif fact is not None and fact.type == "choice":
        names = tuple(choice.name for choice in fact.choices[:_LISTED])
    titles = (*names, phrases("interview.unknown"), phrases("interview.leave"))
    return [{"title": title, "payload": title} for title in titles]

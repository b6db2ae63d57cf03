"""What leans on several things said before: back to an earlier one, two set side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.policies.answer.compose import answer_text
from bot.policies.answer.context import Context, Topic
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.firm import FirmTalk
from bot.policies.answer.places import place_of
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.sums import adds_up, asks_which_is_more, together_said
from bot.policies.answer.verdicts import hit_of
from bot.policies.eligibility.amounts import quantity
from bot.policies.eligibility.judge import Verdict
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.telling import tell
from bot.policies.query import normalise
from bot.policies.search import Hit, Search

__all__ = ["Talked", "remember"]

_KEPT = 6  # topics
_TWO = 2
_SPOKEN = frozenset({"policy_answer", "eligibility_result", "eligibility_question"})
_PARTS = re.compile(r"(?:和|跟|与|同|以及|还是|比起|相比|对比|vs|、|，|,)")
_EARLIER = re.compile(r"前面|刚才|刚刚|上一?个|之前|先前|那个")
_THIS = re.compile(r"^(?:这个|这项|它|该政策|这)$")
_BOTH = re.compile(r"[这那]?(?:两[个项者种]|俩|几[个项])|二者|同时|一起|都[能可]|都[享拿领报]")
_YEARS = re.compile(r"(?<!\d)(20[12]\d|1\d|2\d)\s*年")
# Which of one matter: 国家级和省级, 首次和重新认定.
_LEVELS = re.compile(
    r"国家级?|省级|市级|县级|首次(?:认定)?|再次|重新(?:认定)?|第[一二三]次|[一二三特]等奖?|[金银铜]奖|优秀奖"
)
_WORDY = re.compile(
    r"一共|总共|合计|共计|加起来|最多|总的|"
    r"回到|还是说|继续说?|接着说?|刚才|刚刚|前面|之前|先前|那个|这个|那项|咱们|我们|的事|吧|上|再|说|看|"
    r"都?一样|每年|历年|前后|往年|以前|变化?|"
    r"比较|对比|哪个|划算|区别|不一样|差别|能不能|可以|能|一起|同时|拿|领|享受|报|好|多|吗|呢|么|不|俩|两个?|都|哪|个|回|到|比|跟|和|吃|要|前|后|时|起|一|起"
)


def remember(context: Context, reply: Reply) -> tuple[Topic, ...]:
    """The topics after a reply: one that was spoken of goes to the end."""
    after = reply.context
    if reply.custom["type"] not in _SPOKEN or after.clause_id is None:
        return context.talked
    programme = reply.custom["programme"]
    name = programme["id"] if programme else after.programme
    topic = Topic(after.clause_id, name, after.subject)
    others = [
        old
        for old in context.talked
        if old.clause_id != topic.clause_id or old.programme != topic.programme
    ]
    return (*others, topic)[-_KEPT:]


class Talked:
    """Goes back and compares, over one search index."""

    def __init__(self, search: Search, eligibility: EligibilityAnswers, firm: FirmTalk) -> None:
        self._search, self._snapshot = search, search.snapshot
        self._eligibility, self._firm = eligibility, firm
        self._phrases = search.snapshot.phrases

    def back(self, text: str, context: Context, as_of: date) -> Reply | None:
        """An earlier topic once more; None where there is none, or another is named."""
        named = self._named(text, context)
        # After something was put off (算了), the last topic is what is gone back to.
        earlier = context.talked[:-1] or context.talked
        topic = named or (earlier[-1] if earlier and not self.names(text) else None)
        if topic is None:
            return None
        programme = self._snapshot.programmes.get(topic.programme or "")
        if programme is not None and self._eligibility.concerns(
            programme, self._firm.known(context)
        ):
            return self._firm.resume(programme, topic.subject, context, as_of)
        weights = self._search.weigh(self._search.read(topic.subject))
        hit = self._search.hit(topic.clause_id, weights, as_of)
        if hit is None:
            return None
        said = answer_text(hit, weights, ("ask_policy",), self._search, as_of)
        kept = Context(topic.clause_id, subject=topic.subject, programme=topic.programme)
        return make_reply(self._snapshot, "policy_answer", said, kept, [hit], programme=programme)

    def names(self, text: str) -> bool:
        """Whether a message names something to go back to or to compare."""
        return bool(self._search.subject(self._weights(text)))

    def _weights(self, text: str) -> Mapping[str, float]:
        return self._search.weigh(self._search.read(_WORDY.sub(" ", normalise(text))))

    def _named(self, text: str, context: Context) -> Topic | None:
        """The topic whose words a message repeats."""
        weights = self._weights(text)
        total = sum(weights.values())
        best: tuple[float, Topic] | None = None
        for topic in reversed(context.talked):
            programme = self._snapshot.programmes.get(topic.programme or "")
            names = (programme.name, *programme.aliases) if programme else ()
            words = "。".join((*names, topic.subject))
            likeness = self._search.likeness(words, weights) / total if total else 0.0
            if likeness > (best[0] if best else 0.3):
                best = (likeness, topic)
        return best[1] if best else None

    def compare(self, text: str, context: Context, as_of: date) -> Reply | None:
        """Two programmes side by side, or one through the years; None where they are not found."""
        said = normalise(text)
        if len(set(_YEARS.findall(said))) > 1 or re.search(r"前后|历年|每年|往年|以前", said):
            programme = self._one(text, context, as_of)
            if programme is not None:
                return self._through_the_years(programme, context, as_of)
        levels = _LEVELS.search(said) and not self.names(_LEVELS.sub("", said))
        if levels and context.clause_id is not None:  # 国家级和省级哪个多: of the one spoken of
            return None
        pair = self._pair(said, context, as_of)
        if len(pair) < 2:
            return None
        return self._side_by_side(pair[0], pair[1], text, context, as_of)

    def _one(self, text: str, context: Context, as_of: date) -> Programme | None:
        if self.names(_YEARS.sub("", text)):
            found = self._programme(text, as_of)
            if found is not None:
                return found
        return self._firm.spoken_of(context, as_of)

    def _programme(self, text: str, as_of: date) -> Programme | None:
        outcome = self._search.find(text, as_of, 10)
        if outcome.decision == "nothing":
            return None
        return self._firm.programme(outcome, text, as_of, clear=False)

    def _pair(self, said: str, context: Context, as_of: date) -> list[Programme]:
        found: dict[str, Programme] = {}
        spoken = [self._snapshot.programmes.get(t.programme or "") for t in context.talked]
        before = [programme for programme in spoken if programme is not None]
        # 这两个能都拿吗, right after two were set side by side.
        offered = [self._snapshot.programmes.get(key) for key in context.offered]
        both = [programme for programme in offered if programme is not None]
        if len(both) == len(context.offered) == _TWO and not self.names(said):
            before = both
        for part in _PARTS.split(said):
            words = part.strip()
            if not words:
                continue
            programme: Programme | None = None
            if self.names(words):
                programme = self._programme(words, as_of)
            elif _THIS.match(words) and before:
                programme = before[-1]
            elif _EARLIER.search(words) and len(before) > 1:
                programme = before[-2]
            if programme is not None:
                found.setdefault(programme.id, programme)
        if len(found) == 1 and before and re.search(r"[跟和与]|比", said):
            found.setdefault(before[-1].id, before[-1])
        # 一共多少, 哪个划算: of what was spoken of.
        bare = not found and (adds_up(said) or asks_which_is_more(said))
        if len(found) < 2 and (_BOTH.search(said) or _EARLIER.search(said) or bare):
            for programme in reversed(before):
                found.setdefault(programme.id, programme)
                if len(found) == 2:
                    break
        return list(found.values())[:2]

    def _side_by_side(
        self, one: Programme, other: Programme, text: str, context: Context, as_of: date
    ) -> Reply:
        verdicts = [self._judged(programme, context, as_of) for programme in (one, other)]
        lines = [self._phrases("compare.opening")]
        for index, verdict in enumerate(verdicts, 1):
            programme, told = verdict.programme, tell(verdict, self._snapshot)
            lines.append(
                self._phrases(
                    "compare.item",
                    index=index,
                    name=programme.name,
                    amount=told.amount.rstrip("。") or self._phrases("verdict.amount.none"),
                    place=self._place(programme),
                    status=self._phrases(f"status.{verdict.status}.badge"),
                )
            )
        not_both = self._not_both(one, other)
        lines += together_said(text, verdicts, self._phrases, excluded=bool(not_both))
        lines.append(not_both or self._phrases("compare.not_stated"))
        lines.append(self._phrases("answer.reminder"))
        hits = [hit for verdict in verdicts for hit in self._hits(verdict)]
        words = {e.words.clause for p in (one, other) for e in p.excludes}
        cited = {hit.clause.id for hit in hits}
        hits += [hit_of(key, verdicts[0], self._snapshot) for key in words - cited]
        kept = Context(one.references[0], offered=(one.id, other.id), programme=one.id)
        kept = replace(kept, facts=context.facts, subject=one.name)
        return make_reply(self._snapshot, "policy_answer", "\n".join(lines), kept, hits)

    def _not_both(self, one: Programme, other: Programme) -> str:
        """What a clause says against having both; empty where none does."""
        for mine, its in ((one, other), (other, one)):
            for exclusion in mine.excludes:
                if its.id in exclusion.programmes:
                    return self._phrases("compare.not_both", words=exclusion.words.words)
        return ""

    def _through_the_years(self, programme: Programme, context: Context, as_of: date) -> Reply:
        verdict = self._judged(programme, context, as_of)
        lines = [self._phrases("compare.years", name=programme.title)]
        if verdict.status in ("expired", "repealed"):
            lines.append(self._phrases(f"verdict.{verdict.status}", name=programme.title))
        stated: dict[str, None] = {}
        for history in programme.parameters.values():
            for figure in history.values:
                if figure.value is None or not figure.clause:
                    continue
                clause = self._snapshot.clauses[figure.clause]
                stated[clause.id] = None
                lines.append(
                    self._phrases(
                        "compare.year",
                        name=history.description,
                        value=quantity(figure.value, history.unit),
                        place=place_of(clause, self._snapshot),
                    )
                )
        if not stated:
            lines.append(self._phrases("compare.no_years"))
        lines.append(self._phrases("answer.reminder"))
        hits = self._hits(verdict)
        cited = {hit.clause.id for hit in hits}
        hits += [hit_of(key, verdict, self._snapshot) for key in stated if key not in cited]
        kept = Context(programme.references[0], programme=programme.id, subject=programme.name)
        kept = replace(kept, facts=context.facts)
        return make_reply(self._snapshot, "policy_answer", "\n".join(lines), kept, hits)

    def _judged(self, programme: Programme, context: Context, as_of: date) -> Verdict:
        known = self._eligibility.concerns(programme, self._firm.known(context))
        return self._eligibility.judge(programme, self._eligibility.complete(known), as_of)

    def _place(self, programme: Programme) -> str:
        return place_of(self._snapshot.clauses[programme.references[0]], self._snapshot)

    def _hits(self, verdict: Verdict) -> list[Hit]:
        keys = dict.fromkeys(
            (verdict.programme.references[0], *tell(verdict, self._snapshot).clauses)
        )
        return [hit_of(key, verdict, self._snapshot) for key in keys]

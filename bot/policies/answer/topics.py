"""A message that names a topic and nothing else: 首台套有什么支持, 六税两费.

Several measures carry one term of the house in their names. Whoever names the term alone
is no further than the term: the measure called just so is meant, or the only one there is;
else all of them are told, with what each gives, for the person to choose from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.policies.answer.context import Context
from bot.policies.answer.items import buttons_of, lines_of, programme_item
from bot.policies.answer.lists import PAGE
from bot.policies.answer.naming import Names
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.eligibility.judge import standing
from bot.policies.eligibility.programme import Programme
from bot.policies.model import PROVINCE
from bot.policies.query import normalise
from bot.policies.search import Hit, Outcome, Search

__all__ = ["OVER", "Topics", "wants_all"]

_MOST = 12  # measures; a term that more of them carry in their names is no topic (综改区, 贴息)
_SHOWN = PAGE  # measures that one reply holds
# A message of so few characters is answered by a choice where its nearest measure, itself so
# near, has others as near; told are all that come about as near.
_TERSE, _NEAR, _AS_NEAR, _ABOUT = 10, 0.55, 0.07, 0.15
# Of a measure that is over, so many others are named, which come so near, and about as near.
_LASTING, _AKIN, _CLOSE = 2, 0.5, 0.1
_BESIDE = 3  # measures that are named beside an answer to a few words
_PLAINLY = 0.7  # so near, and no other about as near, a measure is meant whatever is found first
# Where the search is not sure: how near one must come, and the share of no policy's from which
# nothing is offered.
_NEARER, _STRANGE = 0.62, 0.75
# Who asks for money is told what gives some, not what else eases the matter.
_MONEY = frozenset({"award", "subsidy", "interest_subsidy"})
_PAID = re.compile("奖励|补贴|补助|奖补")
_LEVELS = re.compile("国家级|省级|市级|首次|再次|连续")
# Words that ask, or say where and when, and name no measure.
_ASIDE = re.compile(
    r"还有|现在|今年|目前|最近|一[个次家户共般]|几个|多少|比例|标准|金额|额度|上限|最高|省[里级内上]|国家级?|全省|山西|"
    r"具体|都有|有没|能[拿领享报贷申补给]|可以|怎么|咋[么样]?|如何|流程|条件|要求|材料|部门|申[报请领]|办理|"
    r"评上|拿[到下]|认定|获[得评批]|通过|入选|批下来|下来|[刚才]{1,2}|去年|前年|上个?月|[我俺咱]们?家?|厂里?|公司|企业|这种|"
    r"取消|过期|有效|截止|到期|政策|文件|规定|方面|相关|关于|了解|咨询|请问|想问|一下|介绍|说说|讲讲"
)
# All clauses that speak of it are wanted, not only what is given.
_ALL = re.compile(r"哪些|哪几|列[一出个下]|罗列|清单|全部|所有|大全|条文|文件")
_HELD = re.compile(r"评上|拿[到下]|认定(?:了|上|为|成)|获[得评批]|入选")
OVER = frozenset({"expired", "repealed"})
"""Statuses of what is not to be had any more."""


def wants_all(text: str) -> bool:
    """Whether a message wants all clauses on a matter listed (数据中心有哪些政策)."""
    return _ALL.search(text) is not None


class Topics:
    """The measures of each term of the house.

    Args:
        search: over the knowledge base.
        names: what its programmes are called.
    """

    def __init__(self, search: Search, names: Names) -> None:
        self._search, self._snapshot, self._names = search, search.snapshot, names
        self._programmes: dict[str, list[Programme]] = {}
        lexicon = self._snapshot.lexicon
        for programme in self._snapshot.programmes.values():
            named = (normalise(name) for name in (programme.name, *programme.aliases))
            for term in dict.fromkeys(term for name in named for _, _, term in lexicon.find(name)):
                self._programmes.setdefault(term, []).append(programme)

    def about(self, outcome: Outcome, as_of: date, *, money: bool = False) -> Sequence[Programme]:
        """The measures that a message may mean which names a topic only; else none.

        What is over and what holds in a zone only comes last. Where ``money`` is asked for,
        what gives some goes before all else.
        """
        term = self._term(outcome)
        found = self._programmes.get(term or "", ())
        if not found or len(found) > _MOST or self._of_another(outcome, found):
            return ()
        called = self._called(outcome.analysis.normalised)
        just_so = [programme for programme in found if programme.id in called]
        if len(just_so) == 1:
            return just_so
        level = _LEVELS.search(outcome.analysis.normalised)
        if level is not None:
            found = [one for one in found if level[0] in f"{one.name}{one.quotes}"] or found
        return self._ordered(self._paying(found, as_of) if money else found, outcome, as_of)

    def _paying(self, programmes: Sequence[Programme], as_of: date) -> Sequence[Programme]:
        """Those that give money; all where none of them does any more."""
        paying = [one for one in programmes if one.kind in _MONEY and one.states_a_sum]
        lasting = any(self._status(one, as_of) not in OVER for one in paying)
        return paying if lasting else programmes

    def alike(self, outcome: Outcome, as_of: date, *, money: bool = False) -> Sequence[Programme]:
        """The measures that a few words may mean as well one as another (人才补贴); else none.

        Also where the search is not sure of any clause: so few words are no clause's, yet may
        come near what people ask of a measure (一张床补多少).
        """
        near = self._search.index.programmes_near(outcome.vector)
        said = outcome.analysis.normalised
        if not near or len(said) > _TERSE or self._names.called(said) or outcome.named:
            return ()
        order = sorted(near, key=lambda key: -near[key])
        best, second = (near[key] for key in order[:2])
        first = self._snapshot.programmes[order[0]]
        if best >= _PLAINLY and second < best - _CLOSE and not self._leads(first, outcome):
            return (first,)
        if outcome.decision != "answer":
            if best < _NEARER or outcome.signals.get("unrelated", 1.0) >= _STRANGE:
                return ()
        elif best < _NEAR or second < best - _AS_NEAR:
            return ()
        keys = (key for key in order[:_SHOWN] if near[key] >= best - _ABOUT)
        found = [self._snapshot.programmes[key] for key in keys]
        paying = self._paying(found, as_of) if money else found
        # 外贸企业参展补多少: a zone's sum is not told for the province's grant that names none.
        zoned = all(one.region.scope != PROVINCE for one in paying)
        return self._ordered(found if zoned else paying, outcome, as_of)

    def _leads(self, programme: Programme, outcome: Outcome) -> bool:
        """Whether the clause found first is one of a programme."""
        groups = map(self._search.group, programme.references)
        return bool(outcome.hits) and self._search.group(outcome.hits[0].clause.id) in groups

    def beside(self, outcome: Outcome, cited: Sequence[str], as_of: date) -> Sequence[Programme]:
        """What a few words may mean beside the clauses that answer them, the nearest first."""
        if len(outcome.analysis.normalised) > _TERSE:
            return ()
        near = self._search.index.programmes_near(outcome.vector)
        least = max(max(near.values(), default=0.0) - _ABOUT, _AKIN)
        groups = {*map(self._search.group, cited)}
        found = [
            programme
            for programme in self._lasting(near, least, as_of)
            if groups.isdisjoint(map(self._search.group, programme.references))
        ]
        return found[:_BESIDE]

    def lasting(self, over: Programme, outcome: Outcome, as_of: date) -> Sequence[Programme]:
        """Of a measure that is over, those of its kind that are not and come about as near."""
        near = self._search.index.programmes_near(outcome.vector)
        least = max(near.get(over.id, 0.0) - _CLOSE, _AKIN)
        found = [
            programme
            for programme in self._lasting(near, least, as_of)
            if programme.id != over.id
            if programme.kind == over.kind and programme.region.scope == over.region.scope
        ]
        return found[:_LASTING]

    def _lasting(self, near: Mapping[str, float], least: float, as_of: date) -> Sequence[Programme]:
        """The measures that are not over and come so near, the nearest first."""
        found = (self._snapshot.programmes[key] for key in near if near[key] >= least)
        lasting = (one for one in found if self._status(one, as_of) not in OVER)
        return sorted(lasting, key=lambda one: -near[one.id])

    def _ordered(
        self, programmes: Sequence[Programme], outcome: Outcome, as_of: date
    ) -> Sequence[Programme]:
        """What is over and what holds in a zone only last, and what says little; nearest first."""
        near = self._search.index.programmes_near(outcome.vector)
        return sorted(
            programmes,
            key=lambda programme: (
                self._status(programme, as_of) in OVER,
                programme.region.scope != PROVINCE,
                not programme.states_a_sum,
                -near.get(programme.id, 0.0),
                len(programme.name),
            ),
        )

    def _of_another(self, outcome: Outcome, found: Sequence[Programme]) -> bool:
        """Whether the search is sure of a measure that does not carry the term.

        招应届生有多少钱: what is named is whom it is for.
        """
        if outcome.decision != "answer":
            return False
        own = self._snapshot.programmes_of.get(outcome.hits[0].clause.id, ())
        # 刚评上专精特新: it holds the title, and asks for all that goes with it.
        held = _HELD.search(outcome.analysis.normalised) is not None
        return bool(own) and not held and not {*own} & {programme.id for programme in found}

    def _called(self, said: str) -> frozenset[str]:
        """The measures that are called just so, whichever word stands for the money."""
        forms = {said, *(_PAID.sub(word, said) for word in ("奖励", "补贴", "补助"))}
        return frozenset().union(*map(self._names.called, forms))

    def _term(self, outcome: Outcome) -> str | None:
        """The one term that a message names, where all its other words name nothing."""
        said = outcome.analysis.normalised
        subject = self._search.subject(outcome.weights)
        terms = [feature[2:] for feature in subject if feature[0] == "t"]
        if len(terms) != 1 or outcome.named:
            return None
        lexicon = self._snapshot.lexicon
        spans = [(start, end) for start, end, term in lexicon.find(said) if term == terms[0]]
        rest = said
        for start, end in reversed(spans):
            rest = f"{rest[:start]} {rest[end:]}"
        rest = _ASIDE.sub(" ", rest)
        # A word that jieba cut across the term's edge (小升规奖励) counts by what is left of it.
        others = (f[2:] for f in subject if f[0] != "t")
        return None if any(word in rest for word in others) else terms[0]

    def _status(self, programme: Programme, as_of: date) -> str:
        return standing(programme, self._snapshot, as_of)

    def overview(
        self, programmes: Sequence[Programme], query: str, as_of: date, *, sure: bool = True
    ) -> Reply:
        """The measures of a topic, each with what it gives in its clause's words.

        Where it is not ``sure`` that any of them is meant, they are offered only.
        """
        phrases = self._snapshot.phrases
        shown = programmes[:_SHOWN]
        over = all(self._status(one, as_of) in OVER for one in programmes)
        opening = "topic.over" if over else "topic.opening" if sure else "offer.opening"
        scopes = dict.fromkeys(one.region.scope for one in programmes)
        if sure and not over and PROVINCE not in scopes:
            opening = "topic.zone"
        items = [
            programme_item(one, self.clause(one, {}, as_of), self._snapshot, as_of) for one in shown
        ]
        lines = [phrases(opening, scope="、".join(scopes)), *lines_of(items, self._snapshot)]
        whole = "list.end" if sure else "offer.closing"
        lines.append(phrases("topic.more" if len(programmes) > len(shown) else whole))
        lines.append(phrases("answer.reminder"))
        hits = [item.hit for item in items]
        cited = {hit.clause.id: hit for hit in hits}
        quick = buttons_of(items)
        # What is asked on without choosing is asked of the first.
        spoken = hits[0].clause.id if sure else None
        context = Context(spoken, tuple(one.id for one in shown), subject=query)
        kind, text = "policy_list" if sure else "clarify", "\n".join(lines)
        return make_reply(self._snapshot, kind, text, context, list(cited.values()), quick)

    def first_of(self, context: Context, hit: Hit) -> bool:
        """Whether an answer goes on with the first of several measures, unchosen."""
        first = self._snapshot.programmes.get(context.offered[0]) if context.offered else None
        unchosen = context.programme is None and len(context.offered) > 1
        return unchosen and first is not None and hit.clause.id in first.references

    def clause(self, programme: Programme, weights: Mapping[str, float], as_of: date) -> Hit:
        """The clause to answer from on a measure: the one that says what it gives."""
        given = programme.amount.said(as_of)
        key = given.clause if given is not None else programme.references[0]
        hit = self._search.hit(key, weights, as_of, programme.quotes)
        if hit is None:
            raise KeyError(key)  # the loader refuses a programme whose clause is not there
        return hit

"""Several matters in one message (房租减免和稳岗返还都有啥): each is answered shortly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import combinations

from bot.policies.answer.compose import BAD_NEWS, status_sentence, whom_of
from bot.policies.answer.context import Context
from bot.policies.answer.items import caption_of, item_of
from bot.policies.answer.lists import choice_reply
from bot.policies.answer.needs import needs_of, needs_said
from bot.policies.answer.places import cite
from bot.policies.answer.point import names_an_amount, point, states_a_ceiling
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.turn import Turn
from bot.policies.answer.wording import asks, aspects, names_a_matter, speaks_of_itself
from bot.policies.model import PROVINCE
from bot.policies.query import normalise
from bot.policies.search import Hit, Outcome, Search

__all__ = ["each_reply", "matters_of"]

MOST = 3
"""Matters that one reply answers; of more, the person is asked which comes first."""
_LOOKED_AT = 5  # parts of a message that are searched for
_LONG = 90  # characters; a longer message tells a story
_HELD = 0.6  # of a part's weight; a clause that holds as much of both is about both
_SENTENCES = re.compile(r"[。？?；;！!\n,，]+|另外|再?顺便|还有(?=[^没吗])|再问一?下?|以及")
# 高企证有了，专精特新还没评上: what is held is told, and is no matter that is asked about.
_TOLD = re.compile(
    r"(?:[有过了]|[评拿办批认]上|还早|没有|在手|到手)$|还(?:没|不|差|早)|没有?(?:评|认|拿|办|批|上|报)|不是|"
    r"^(?:刚|已经?|早就|去年|前年|今年)"
)
_LISTED = re.compile(r"、|[和跟与及](?!不|没)")
# 我想问一下: whoever asks so speaks of no firm.
_POLITE = re.compile(r"[我俺咱]们?(?:就?是?想|要)?(?:再?问|咨询|了解|打听)")
# 哪个划算, 能不能同时拿: what joins two matters is asked, not each of them.
_TOGETHER = re.compile(
    r"哪个|哪种|区别|差别|划算|同时|一起|一块|叠加|叠着|重复|冲突|还是|比[较起]|都[能可]|"
    r"一共|总共|合计|加起来"
)


def matters_of(turn: Turn, search: Search) -> list[Outcome]:
    """What a message names that is found for certain by itself, in its order.

    Nothing where the message tells of a firm, asks what joins the matters, or where one
    clause speaks of two of them (设备购置和更新改造贷款).
    """
    text = turn.text
    if turn.meant == "compare" or speaks_of_itself(_POLITE.sub("", text)):
        return []
    if len(text) > _LONG or turn.outcome.named or _TOGETHER.search(normalise(text)):
        return []
    parts = _parts(text, search)
    if not 1 < len(parts) <= _LOOKED_AT or any(map(_tells, parts)):
        return []
    found = [search.find(part, turn.as_of, _LOOKED_AT) for part in parts]
    sure = [outcome for outcome in found if outcome.decision == "answer"]
    if len(sure) < len(found) or _joined(sure, turn.outcome, search):
        return []
    if _one_programme(sure, turn.outcome, search):
        return []
    # A matter of its own shows in the whole message as well (交的税多 is none).
    shown = {hit.clause.id for hit in turn.outcome.hits}
    return sure if all(outcome.hits[0].clause.id in shown for outcome in sure) else []


def _tells(part: str) -> bool:
    """Whether a part tells what somebody has or has not, and asks nothing."""
    return not asks(part) and _TOLD.search(normalise(part)) is not None


def _one_programme(parts: Sequence[Outcome], whole: Outcome, search: Search) -> bool:
    """Whether the whole message comes nearer to one programme than any part does to its own.

    众创空间房租和网费给补多少: two things that one measure pays.
    """
    near = [
        max(search.index.programmes_near(outcome.vector).values(), default=0.0)
        for outcome in (whole, *parts)
    ]
    return whole.vector is not None and near[0] >= max(near[1:])


def _parts(text: str, search: Search) -> list[str]:
    """The parts of a message that name a matter each."""
    found = []
    for sentence in _SENTENCES.split(text):
        pieces = [piece for piece in _LISTED.split(sentence) if piece.strip()]
        whole = all(_names(piece, search) for piece in pieces)
        found += pieces if whole else [sentence]
    return [part.strip() for part in found if _names(part, search)]


def _names(part: str, search: Search) -> bool:
    weights = search.weigh(search.read(part))
    terms = any(feature[0] == "t" for feature in weights)
    return bool(search.subject(weights)) and (terms or names_a_matter(part))


def _joined(outcomes: Sequence[Outcome], whole: Outcome, search: Search) -> bool:
    """Whether two parts are one matter: they find one clause, or one clause holds both."""
    for one, other in combinations(outcomes, 2):
        tops = [found.hits[0].clause for found in (one, other)]
        if len({search.group(clause.id) for clause in tops}) < 2:
            return True
        tops += [hit.clause for hit in whole.hits[:1]]
        if any(
            min(_held(clause.text, found, search) for found in (one, other)) >= _HELD
            for clause in tops
        ):
            return True
    return False


def _held(words: str, outcome: Outcome, search: Search) -> float:
    """How much of what a part names some words of a clause hold, 0 to 1."""
    asked = {feature: outcome.weights[feature] for feature in search.subject(outcome.weights)}
    return search.likeness(words, asked) / (sum(asked.values()) or 1.0)


def each_reply(found: Sequence[tuple[Outcome, Hit, str]], turn: Turn, search: Search) -> Reply:
    """The matters, each answered in a few lines; of more than three, a choice.

    Args:
        found: what each part found, the hit to answer it from, and what is said first of
            it (that its measure is over).
        turn: the message.
        search: tells which words of a clause answer best.
    """
    snapshot = search.snapshot
    phrases, hits = snapshot.phrases, [hit for _, hit, _ in found]
    offered = tuple(hit.clause.id for hit in hits)
    if len(found) > MOST:
        items = [item_of(hit, snapshot) for hit in hits]
        return choice_reply(phrases("several.choose"), items, turn.text, snapshot)
    asked = aspects(turn.text, turn.intent)
    lines = [phrases("several.opening")]
    for index, (outcome, hit, ended) in enumerate(found, 1):
        lines.append(phrases("several.item", index=index, name=caption_of(hit.clause)))
        lines += [ended] if ended else []
        own = aspects(outcome.analysis.text, asked[0])
        lines += _said(outcome, hit, tuple(dict.fromkeys((*own, *asked))), turn.as_of, search)
    lines += [phrases("several.closing"), phrases("answer.reminder")]
    context = Context(offered[0], offered, subject=found[0][0].analysis.text)
    return make_reply(snapshot, "policy_answer", "\n".join(lines), context, hits)


def _said(
    outcome: Outcome, hit: Hit, asked: Sequence[str], as_of: date, search: Search
) -> list[str]:
    """What a clause says of a matter, in a few lines: bad news, the point, whom to ask, source."""
    phrases, clause, judgement = search.snapshot.phrases, hit.clause, hit.judgement
    status = status_sentence(judgement.status, judgement.span, hit.document, phrases, as_of)
    bad_news, how = judgement.status in BAD_NEWS, "ask_how_to_apply" in asked
    quoted = point(hit, outcome.weights, asked[0], search)
    lines = [
        phrases("answer.scope_other", scope=clause.scope) if clause.scope != PROVINCE else "",
        status if bad_news else "",
        phrases("answer.amount_missing")
        if "ask_amount" in asked and not names_an_amount(quoted)
        else "",
        phrases("answer.quote", quote=quoted.rstrip("。")),
        phrases("answer.ceiling") if states_a_ceiling(quoted) else "",
        "" if bad_news else status,
        whom_of(hit, phrases) if how or "ask_department" in asked else "",
        *(needs_said(needs_of(clause.text, judgement.measure), phrases) if how else ()),
        cite(clause, search.snapshot),
    ]
    return [line for line in lines if line]

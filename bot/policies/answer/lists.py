"""Several clauses in one reply: an offer to choose from, or a list, five a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from bot.policies.answer.context import Context
from bot.policies.answer.items import Item, buttons_of, lines_of
from bot.policies.answer.places import name_of
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.model import Snapshot
from bot.policies.query import Lexicon, normalise
from bot.policies.search import Hit, Outcome, Search

__all__ = [
    "LISTED",
    "PAGE",
    "choice_reply",
    "list_reply",
    "listed",
    "opening_of",
    "subject_of",
]

LISTED = 20  # clauses that a list holds at most
PAGE = 5
_RELEVANT = 0.4  # of the best score; what is below is left out
_CLOSE = 0.7  # of the best score; what is above needs no word in common where the search is sure
_SHARED = 0.3  # of the weight of what is asked about; a clause of a list holds as much
# The words that ask for a list, for another page or for a meaning; the rest is the subject.
_FRAME = re.compile(
    "|".join(
        (
            # a meaning: 啥叫…, …是什么意思, 解释一下…
            r"(?:啥|什么)(?:叫做?|是|意思)",
            r"(?:这个?)?(?:词|说法)?(?:到底)?[是指](?:的是)?个?(?:啥|什么|怎么回事)(?:意思|概念|东西|玩意)?",
            r"(?:到底)?怎么(?:理解|解释|定义)|的?(?:意思|含义|定义|概念|名词解释)$|解释一?下",
            # a list: …有哪些, 都有啥…, 列一下…
            r"(?:一共|总共|都|还)?(?:有|包括|包含)?(?:哪几|哪些|啥|什么)[个条项种类样]?",
            r"(?:都|一共|总共)有|(?:都|全)?能?(?:够)?享受(?:到)?|都能",
            r"(?:给我|帮我|把)?(?:列|罗列|汇总|盘点|归纳|梳理|整理|总结)(?:一下|一列|一份|个|出来|出|下)",
            r"^(?:给我|帮我)?(?:列|罗列|汇总|盘点|归纳|梳理|整理|总结)|全部|所有(?!制|权|者)|^把",
            r"(?:清单|大全|名单)$",
            # another page
            r"[上下前后]一?页|翻页|还有|更多|别的|其[他它]|继续|接着|往[下后]|后面|剩下|剩余",
            r"再来(?:[几一]?[个条项页些])?",
        )
    )
)
_LAST = ("expired", "repealed")  # in a list they come last, in this order


def subject_of(text: str, lexicon: Lexicon) -> str:
    """What a question for a list or a meaning is about: its words without the frame.

    Terms of the house stay whole, whatever they hold.
    """
    parts, position = [], 0
    for start, end, _ in lexicon.find(normalise(text)):
        parts += [_FRAME.sub(" ", text[position:start]), text[start:end]]
        position = end
    parts.append(_FRAME.sub(" ", text[position:]))
    return " ".join("".join(parts).split())


def opening_of(outcome: Outcome, snapshot: Snapshot) -> str:
    """The first sentence of a list: of a document's clauses it names the document."""
    phrases = snapshot.phrases
    if not outcome.named or outcome.hits:
        return phrases("list.opening")
    document = outcome.named[0]
    said = phrases("list.document", document=name_of(document, phrases))
    if document.repealed is not None:
        said = phrases("document.repealed", words=document.repealed.words) + said
    return said


def listed(outcome: Outcome, search: Search, as_of: date) -> list[Hit]:
    """The clauses that a list shows: best first, then what has expired, then what is repealed.

    Of a document that is named and nothing else, all its clauses in their order.
    """
    hits = list(outcome.hits)
    if outcome.named and not hits:
        found = (search.hit(clause.id, {}, as_of) for clause in outcome.named[0].clauses)
        return [hit for hit in found if hit is not None]
    if not hits:
        return []
    best = hits[0].score
    terms = [feature for feature in outcome.weights if feature[0] == "t"]
    subject = terms or search.subject(outcome.weights)
    asked = {feature: outcome.weights[feature] for feature in subject}
    enough = _SHARED * sum(asked.values())
    kept = [
        hit
        for hit in hits
        if (
            hit.score >= _RELEVANT * best
            and asked
            and search.likeness(hit.clause.text, asked) >= enough
        )
        # Everyday words (饭馆) stand in no clause; they are trusted where the search is sure.
        or (hit.score >= _CLOSE * best and outcome.decision == "answer")
    ]
    return sorted(kept[:LISTED], key=_lateness)


def _lateness(hit: Hit) -> int:
    status = hit.judgement.status
    return _LAST.index(status) + 1 if status in _LAST else 0


def list_reply(
    hits: Sequence[Hit],
    query: str,
    page: int,
    snapshot: Snapshot,
    opening: str,
    item: Callable[[Hit], Item],
) -> Reply:
    """One page of a list.

    Args:
        hits: the whole list.
        query: the question that it answers; with the page it is what to remember.
        page: from 0; one that is not there is the last.
        snapshot: the knowledge base.
        opening: the first sentence.
        item: tells of each clause what the list says.
    """
    phrases = snapshot.phrases
    last = (len(hits) - 1) // PAGE
    page = min(max(page, 0), last)
    shown = [*map(item, hits[page * PAGE : (page + 1) * PAGE])]
    lines = [opening, *lines_of(shown, snapshot)]
    lines.append(phrases("list.more" if page < last else "list.end"))
    lines.append(phrases("answer.reminder"))
    quick = buttons_of(shown)
    if page < last:
        title, payload = phrases("quick_reply.more.title"), phrases("quick_reply.more.payload")
        quick.append({"title": title, "payload": payload})
    offered = tuple(one.hit.clause.id for one in shown)
    context = Context(offered=offered, subject=query, query=query, page=page)
    cited = [one.hit for one in shown]
    return make_reply(snapshot, "policy_list", "\n".join(lines), context, cited, quick)


def choice_reply(opening: str, items: Sequence[Item], query: str, snapshot: Snapshot) -> Reply:
    """A choice among some clauses, where none is sure enough to answer with."""
    hits = [item.hit for item in items]
    lines = [opening, *lines_of(items, snapshot), snapshot.phrases("offer.closing")]
    lines += [snapshot.phrases("answer.reminder")] if any(item.words for item in items) else []
    context = Context(offered=tuple(hit.clause.id for hit in hits), subject=query)
    text = "\n".join(lines)
    return make_reply(snapshot, "clarify", text, context, hits, buttons_of(items))

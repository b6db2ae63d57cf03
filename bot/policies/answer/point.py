"""The point of an answer: the one or two sentences of the clause that answer best."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.policies.search import Hit, Search

__all__ = ["counted_as_asked", "names_an_amount", "point", "states_a_ceiling", "sum_ends"]

# Some sources print half-width punctuation.
_SENTENCE = re.compile(r"[^。；;]+[。；;]?")
_FIGURE = re.compile(r"\d")
_WAY = re.compile(r"申请|申报|免申即享|办理|受理|登记|向各市")
_WHOM = re.compile(r"符合|条件|适用|对象|范围|具备|须|注册|参保")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?\s*(?:[万亿]?元|%|‰|个百分点|个月)|分级奖励|免收|免费|全额")
_SUM = re.compile(r"\d+(?:\.\d+)?\s*(?:[万亿]?元|%|‰|个百分点)")
_CEILING = re.compile(
    r"(?:最高|最多|不超过|不高于|上限|封顶)[^，。；,;]{0,15}?\d+(?:\.\d+)?\s*(?:[万亿]?元|%|‰|倍|个百分点)"
)
# An amount on top of one that the sentence before names (在首次奖励的基础上上浮30%).
_BUILDS_ON = re.compile(r"基础上|再(?:上浮|给予|奖励|补助)|另外|额外")
# 能免几个月, 要几天: what is counted is asked for, and stands in that unit.
_COUNT_ASKED = re.compile(r"几个?(?P<few>月|年|天|倍)|多少(?P<many>个月|天|年|倍)")
_COUNTS = {
    "月": re.compile(r"[\d一二两三四五六七八九十半]+个月"),
    "年": re.compile(
        r"(?<![\d一二两三四五六七八九十])(?:\d{1,2}|[一二两三四五六七八九十半])年(?![度初底末])"
    ),
    "天": re.compile(r"[\d一二两三四五六七八九十半]+个?(?:工作日|自然日|日(?![起前止])|天)"),
    "倍": re.compile(r"[\d一二两三四五六七八九十]+倍"),
}
_ANY_FIGURE = ((_FIGURE, 1.5),)
_PREFERRED = {
    "ask_amount": ((_AMOUNT, 3.0), (_FIGURE, 1.2)),
    "ask_conditions": ((_WHOM, 1.5), (_FIGURE, 1.2)),
    "ask_how_to_apply": ((_WAY, 2.0),),
}
_OF_WHAT_IS_GIVEN = frozenset(
    {"ask_policy", "ask_amount", "ask_list", "ask_validity", "ask_department"}
)
_OF_THE_MATTER = 2.0  # words that the programme which is meant rests on
_SHORT = 130  # characters; a clause up to this length is quoted whole


def point(
    hit: Hit,
    features: Mapping[str, float],
    intent: str,
    search: Search,
    meant: Sequence[str] = (),
    given: str = "",
) -> str:
    """The sentences of the clause that answer best; its own words, in its own order.

    Args:
        hit: the clause.
        features: the question's features with their weights.
        intent: what is asked; an application prefers sentences that say how, an
            amount those that name one, all else those with any figure.
        search: tells how much a sentence has in common with the question.
        meant: words of the clause that the programme which is meant rests on; a clause of
            several measures is quoted by that one.
        given: those of them that say what it gives; who asks for no more than the measure,
            or for its sum, is told these.
    """
    clause = hit.clause.text
    if len(clause) <= _SHORT and (not features or len(hit.judgement.every) == 1):
        return clause
    sentences = [match[0].strip() for match in _SENTENCE.finditer(clause)]
    # What is quoted and what is judged must be one measure.
    allowed = [i for i, sentence in enumerate(sentences) if sentence in hit.judgement.measure]
    if not allowed:  # one sentence holds several measures
        parts = [match[0].strip("，, ") for match in _SENTENCE.finditer(hit.judgement.measure)]
        sentences = [part for part in parts if len(part) > 1 and part in clause] or sentences
        allowed = [*range(len(sentences))]
    likeness = {i: search.likeness(sentences[i], features) for i in allowed}
    rests = {i: sum(_rests(sentences[i], words) for words in meant) for i in allowed}
    least = max(likeness.values()) * 0.6 or 1.0
    for i in allowed:
        if rests[i] * 2 > max(rests.values()):
            likeness[i] = _OF_THE_MATTER * max(likeness[i], least)
    if intent == "ask_amount":
        # Whoever asks how much wants a sum, however much another sentence has in common, but
        # none of another measure where the one that is meant names none.
        own = {
            i: value
            for i, value in likeness.items()
            if rests[i] or (rests.get(i - 1) and _BUILDS_ON.search(sentences[i]))
        } or likeness
        sums = {i: v for i, v in own.items() if v > 0 and names_an_amount(sentences[i])}
        likeness = sums or {i: v for i, v in own.items() if rests[i]} or likeness
    if given and intent in _OF_WHAT_IS_GIVEN:
        likeness = {i: v for i, v in likeness.items() if _rests(sentences[i], given)} or likeness
    best, best_score = min(likeness), 0.0
    for index, score in likeness.items():
        for pattern, factor in _PREFERRED.get(intent, _ANY_FIGURE):
            score *= factor if pattern.search(sentences[index]) else 1
        if index == 0:
            score *= 0.7  # mostly a title; it is quoted together with what follows
        if score > best_score:
            best, best_score = index, score
    chosen = sentences[best]
    if best == 0 and 1 in allowed:
        chosen += sentences[1]
    elif best - 1 in allowed and _BUILDS_ON.search(chosen) and names_an_amount(sentences[best - 1]):
        chosen = sentences[best - 1] + chosen
    return chosen.rstrip("；;")


def _rests(sentence: str, words: str) -> int:
    """How many characters of a sentence stand in words that may go on over several."""
    bare = sentence.strip("。；;，, ")
    return len(words) if words in sentence else len(bare) if bare in words else 0


def counted_as_asked(question: str, clause: str) -> list[str]:
    """The sentences of a clause that count what a question asks for (几个月, 几天).

    None where it asks for no count, or where all of the clause counts so.
    """
    match = _COUNT_ASKED.search(question)
    if match is None:
        return []
    counts = _COUNTS[(match["few"] or match["many"])[-1]]
    sentences = [found[0].strip() for found in _SENTENCE.finditer(clause)]
    counting = [sentence for sentence in sentences if counts.search(sentence)]
    return counting if len(counting) < len(sentences) else []


def names_an_amount(words: str) -> bool:
    """Whether some words of a clause say how much."""
    return _AMOUNT.search(words) is not None


def sum_ends(words: str) -> int:
    """Where the first sum or rate in some words of a clause ends; 0 where they name none."""
    match = _SUM.search(words)
    return match.end() if match else 0


def states_a_ceiling(words: str) -> bool:
    """Whether an amount in some words of a clause is the most there can be (最高…, 不超过…)."""
    return _CEILING.search(words) is not None

"""The last look at a reply before it leaves: no figure without a clause, no promise, no stale rule.

Whatever composed a reply, it is held here to the law of the product. One that breaks it is
replaced by the clause's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.policies.answer.reply import Reply
from bot.policies.eligibility.figures import figures_in
from bot.policies.model import PROVINCE, Snapshot

__all__ = ["faults_of", "held_to"]

Figure = tuple[str, Decimal]

_CHECKED = frozenset(
    {"policy_answer", "policy_list", "clarify", "eligibility_result", "eligibility_question"}
)
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
# No figures of a policy: places, document numbers and titles, telephone numbers, the day of
# asking, the year of issue with its age, when a body was renamed, a document named by its date.
_HARMLESS = re.compile(
    r"第\d+(?:(?:至|、)\d+)*(?:条|点|部分)"
    r"|[\u4e00-\u9fff]+〔\d{4}〕\d+号(?:、\d+号)*"
    r"|公告20\d\d年第\d+号"
    r"|《(?:[^《》]|《[^《》]*》)*》"
    r"|12345|12366|12333|12329"
    r"|^\d+\. "
    r"|(?:截至|今天是|到)20\d\d年\d{1,2}月\d{1,2}日"
    r"|印发于\d{4}年(?:\(距今\d+年\))?"
    r"|“今年”指印发的\d{4}年"
    r"|已于\d+年(?:\d+月)?(?:\d+日)?|约在\d{4}年"
    r"|(?:再增加|再减少|差|超出)[\d.]+[^\d()]{0,8}(?=\(文件要求)"
    r"|20\d\d-20\d\d|20\d\d(?:年|、)(?:\d+月(?:\d+日)?)?|\d+月(?:的|\d+日)",
    re.M,
)
_MEASURE = re.compile(r"\d+(?:\.\d+)?\s*(?:万亿元|亿元|百万元|万元|千元|元|%|‰)")
# The terms of a calculation and its result.
_CALCULATION = re.compile(r"([^=，。；：:\n]+)=\s*(\d+(?:\.\d+)?[^\d，。；;\s]{0,3})")
_PROMISE = re.compile(
    r"您(?:一定|肯定)?(?:可以|能)(?:领|拿|得|享受)|马上到账|保证(?:能|给)|肯定(?:能|给|可以)|包您|"
    r"一定(?:能|给|可以)"
)
# The source's own words promise nothing of ours.
_QUOTED = re.compile(r"“[^“”]*(?:“[^“”]*”[^“”]*)*”|^条文全文：.*$", re.M)
_OVER = {"expired": "过期", "repealed": "废止"}


def faults_of(reply: Reply, own: str = "") -> tuple[str, ...]:
    """In what a reply breaks the law of the product: codes, none where it does not.

    Args:
        reply: as composed.
        own: what the person said and is known of the firm; its figures may be repeated.
    """
    custom = reply.custom
    ours = _QUOTED.sub("", reply.text)
    promises = ["promise"] if _PROMISE.search(ours) else []
    if custom["type"] not in _CHECKED:
        return tuple(promises)
    faults = []
    if custom["clauses"] and _unfounded(reply, own):
        faults.append("figure")
    faults += promises
    verdict = custom["verdict"]
    if verdict and verdict["working"] and _plain(verdict["working"]) not in _plain(reply.text):
        faults.append("working")
    capped = verdict and verdict["amount_kind"] == "ceiling" and verdict["amount_yuan"] is not None
    if capped and not re.search(r"最高|不超过|上限|以内", ours):
        faults.append("cap")
    if custom["type"] in ("policy_answer", "eligibility_result") and custom["clauses"]:
        status = verdict["status"] if verdict else custom["clauses"][0]["status"]
        if status in _OVER and _OVER[status] not in reply.text[:400]:
            faults.append("status")
        scope = custom["clauses"][0]["scope"]
        if scope != PROVINCE and scope not in reply.text:
            faults.append("scope")
    return tuple(faults)


def _unfounded(reply: Reply, own: str) -> set[str]:
    """The figures of a reply that stand nowhere they may come from, as they are written."""
    words = " ".join((*_words(reply.custom), own))
    text = _HARMLESS.sub(" ", _plain(reply.text))
    stated, numbers = set(figures_in(words)), _numbers(words)
    # What is worked out before the reader's eyes may be repeated: 30万元×(1+30%)=39万元.
    for left, result in _worked(text):
        if not _strange(left, stated, numbers):
            stated |= set(figures_in(result))
            numbers |= _numbers(result)
    return _strange(text, stated, numbers)


def _worked(text: str) -> Iterator[tuple[str, str]]:
    """The calculations of a text: what stands before each = and what comes of it."""
    for match in _CALCULATION.finditer(text):
        yield match[1], match[2]


def _strange(text: str, stated: Set[Figure], numbers: Set[str]) -> set[str]:
    """The figures of a text that are none of the stated ones."""
    found = set()
    for match in _MEASURE.finditer(text):
        figure = next(iter(figures_in(match[0])), None)
        if figure is not None and not _stands(figure, stated):
            found.add(match[0])
    rest = _MEASURE.sub(" ", text)
    return found | (set(_FIGURE.findall(rest)) - numbers)


def _stands(figure: Figure, stated: Set[Figure]) -> bool:
    """Whether a figure is stated, money also without 元, a share also as the rest to it."""
    unit, value = figure
    ways = {"CNY": [("scaled", value), ("plain", value)], "ratio": [("ratio", 1 - value)]}
    return not stated.isdisjoint([figure, *ways.get(unit, ())])


def _words(custom: dict[str, Any]) -> list[str]:
    words = [clause["text"] for clause in custom["clauses"]]
    for clause in custom["clauses"]:
        words += [clause[key] or "" for key in ("valid_until", "doc_title", "doc_no")]
        words += clause["cautions"]
    return words


def _numbers(text: str) -> set[str]:
    return set(_FIGURE.findall(_plain(text)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def held_to(reply: Reply, snapshot: Snapshot, own: str = "") -> tuple[Reply, tuple[str, ...]]:
    """The reply, or the clause's own words in its place where it breaks the law.

    Returns:
        What may leave, and the faults of what was composed.
    """
    faults = faults_of(reply, own)
    if not faults:
        return reply, faults
    if not reply.custom["clauses"]:
        return replace(reply, text=snapshot.phrases("nothing.first")), faults
    first = reply.custom["clauses"][0]
    phrases = snapshot.phrases
    text = phrases(
        "answer.own_words",
        status=phrases(f"status.{first['status']}.badge"),
        scope=phrases("answer.province") if first["scope"] == PROVINCE else first["scope"],
        document=first["doc_no"] or first["doc_title"],
        locator=first["locator"],
        text=first["text"],
    )
    custom = {**reply.custom, "type": "policy_answer", "verdict": None}
    return replace(reply, text=f"{text}\n{phrases('answer.reminder')}", custom=custom), faults

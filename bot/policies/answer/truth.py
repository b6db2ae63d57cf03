"""The last look at a reply before it leaves: no figure without a clause, no promise, no stale rule.

Whatever composed a reply, it is held here to the law of the product. One that breaks it is
replaced by the clause's own words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

from bot.policies.answer.reply import Reply
from bot.policies.model import PROVINCE, Snapshot

__all__ = ["faults_of", "held_to"]

_CHECKED = frozenset({"policy_answer", "policy_list", "eligibility_result", "eligibility_question"})
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
    r"|20\d\d-20\d\d|20\d\d(?:年|、)(?:\d+月(?:\d+日)?)?|\d+月(?:的|\d+日)",
    re.M,
)
# 30万元×(1+30%)=39万元: the result is declared, its parts must be founded.
_RESULT = re.compile(r"(?<==)\s*(?:约)?\d+(?:\.\d+)?")
_PROMISE = re.compile(
    r"您(?:一定)?(?:可以|能)(?:领|拿|得)到|马上到账|保证(?:能|给)|肯定(?:能|给)您"
)
_OVER = {"expired": "过期", "repealed": "废止"}


def faults_of(reply: Reply, own: str = "") -> tuple[str, ...]:
    """In what a reply breaks the law of the product: codes, none where it does not.

    Args:
        reply: as composed.
        own: what the person said and is known of the firm; its figures may be repeated.
    """
    custom = reply.custom
    if custom["type"] not in _CHECKED:
        return ("promise",) if _PROMISE.search(reply.text) else ()
    faults = []
    if custom["clauses"] and _unfounded(reply, own):
        faults.append("figure")
    if _PROMISE.search(reply.text):
        faults.append("promise")
    verdict = custom["verdict"]
    capped = verdict and verdict["amount_kind"] == "ceiling" and verdict["amount_yuan"] is not None
    if capped and not re.search(r"最高|不超过|上限|以内", reply.text):
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
    """The numbers of a reply that stand nowhere they may come from."""
    custom = reply.custom
    stated = _numbers(" ".join(_words(custom)))
    stated |= _numbers(own)
    text = _RESULT.sub("", _plain(reply.text))
    return set(_FIGURE.findall(_HARMLESS.sub(" ", text))) - stated


def _words(custom: dict[str, Any]) -> list[str]:
    words = [clause["text"] for clause in custom["clauses"]]
    for clause in custom["clauses"]:
        words += [clause[key] or "" for key in ("valid_until", "doc_title", "doc_no")]
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
    if not faults or not reply.custom["clauses"]:
        return reply, faults
    first = reply.custom["clauses"][0]
    phrases = snapshot.phrases
    text = phrases(
        "answer.own_words",
        status=phrases(f"status.{first['status']}.badge"),
        scope=first["scope"],
        document=first["doc_no"] or first["doc_title"],
        locator=first["locator"],
        text=first["text"],
    )
    custom = {**reply.custom, "type": "policy_answer", "verdict": None}
    return replace(reply, text=f"{text}\n{phrases('answer.reminder')}", custom=custom), faults

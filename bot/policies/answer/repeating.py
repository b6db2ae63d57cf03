"""What a reply says, in short, so that nobody is told the same twice in a row."""

from __future__ import annotations

from hashlib import blake2b

from bot.policies.answer.reply import Reply

__all__ = ["gist"]

_TELLING = frozenset({"policy_answer", "eligibility_result", "policy_list"})
# With these a reply says what there is, or that there is none; the rest goes with any.
_SAYS = (
    "按文件条件",
    "“",
    "金额",
    "这项措施",
    "您问的",
    "按您说的",
    "注意",
    "何时",
    "带什么",
    "1.",
    "2.",
)
_SIZE = 8  # bytes; two replies of one conversation will hardly meet by chance


def gist(reply: Reply) -> str:
    """A mark of what a reply says; empty where it tells of no clause.

    Of an answer it is its first line and what it quotes, of a verdict that and what it rests
    on, of a list its first items: the first answer on a clause and a shorter one on the same
    words are one.
    """
    custom = reply.custom
    if custom["type"] not in _TELLING or not custom["clauses"]:
        return ""
    first, *rest = reply.text.splitlines()
    said = [first, *(line for line in rest if line.startswith(_SAYS))]
    programme = custom["programme"]["id"] if custom["programme"] else ""
    whole = "\n".join([custom["type"], programme if custom["verdict"] else "", *said])
    return blake2b(whole.encode(), digest_size=_SIZE).hexdigest()

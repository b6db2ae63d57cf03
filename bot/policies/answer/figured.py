"""What a message means by its figure: 那个20万, 刚才那15%, 一人三百那个.

Only sums and shares that point at something said before; what is told of the firm
(我们投了20万) points at nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.policies.eligibility.figures import figures_in, stands_in
from bot.policies.eligibility.spoken import folded

__all__ = ["Figure", "figure_meant"]

_DIGITS = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千半]+)"
# A sum has a unit, or is counted in hundreds at least; 那个三 is an ordinal, 那5年 a time.
_FIGURE = (
    rf"(?:百分之{_DIGITS}|{_DIGITS}\s*(?:[千百]?[万亿])(?:元|块钱?)?|{_DIGITS}\s*(?:元|块钱?|%|‰|个点|个百分点|成)"
    r"|\d{3,}(?!\d)|[一二两三四五六七八九][百千][一二三四五六七八九]?(?![一二三四五六七八九十百千]))"
)
_COUNTED = r"(?![人个家户台年号条月天辆亩间名位平度期张件岁吨\d])"
_PER = r"(?:一个?人|每个?人|一家|每家|每户|一户|最高|最多|一次|每月|一个月|一年|每年)?"
_POINTS = re.compile(
    rf"(?:刚才说?|刚刚说?|刚说|前面说?|上面说?|你说|不是说|那)(?:的|是|过)?那?(?:个|条|项|笔|份)?{_PER}的?"
    rf"(?P<behind>{_FIGURE}){_COUNTED}"
    rf"|(?P<before>{_FIGURE})的?[那这](?:个|条|项|档|笔|种|块儿?)"
    rf"|^(?:超过?|不到|低于|高于|满)?{_PER}(?P<alone>{_FIGURE})(?:以[上下内外])?的(?:部分|那|这)?(?:个|条|项)?(?:呢|是|咋|怎么|要|得|给)"
)
# What a firm has, pays or plans, and what is only supposed.
_ITS_OWN = re.compile(
    r"(?:我|俺|咱)们?(?:自己|公司|厂|家|店)?(?:已经|也|就|总共|一共|才|只|要|想|打算|准备|投|花|买|卖|赚|贷|借|欠|交|给|发|收|有)"
    r"|要是|如果|假如|万一|(?:投|花|贷|借|欠|卖|赚|挣|亏)了?(?:那|个)"
)
_SENTENCE = re.compile(r"[^。；;]+[。；;]?")
_LEAST, _YEARS = 100, range(1990, 2050)  # a plain number is a sum from so much; a year is none


@dataclass(frozen=True)
class Figure:
    """A sum or share that a message points at.

    Attributes:
        said: as the message has it.
        value: in yuan, or as a share of 1.
        unit: as :func:`figures_in` names it.
    """

    said: str
    value: Decimal
    unit: str

    def stands(self, text: str) -> bool:
        """Whether a text states it."""
        return stands_in(self.value, self.unit, text)

    def sentences(self, text: str) -> Sequence[str]:
        """The sentences of a clause that state it."""
        found = (match[0].strip() for match in _SENTENCE.finditer(text))
        return [sentence for sentence in found if self.stands(sentence)]


def figure_meant(text: str) -> Figure | None:
    """The figure by which a message means something said before; mostly none."""
    said = folded(text)
    match = None if _ITS_OWN.search(said) else _POINTS.search(said)
    if match is None:
        return None
    words = (match["behind"] or match["before"] or match["alone"]).strip()
    written = re.sub(r"块钱?", "元", words).replace("个点", "%").replace("个百分点", "%")
    figures = dict(figures_in(written))
    for unit in ("ratio", "permille", "CNY", "scaled", "plain"):
        value = figures.get(unit)
        if value is None or (unit == "plain" and (value < _LEAST or value in _YEARS)):
            continue
        return Figure(words, value, unit if unit in ("ratio", "permille") else "CNY")
    return None

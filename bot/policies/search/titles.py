"""Documents by their title: “2023年那个稳增长的文件”, “链主企业遴选办法”."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from bot.policies.model import Document
from bot.policies.query import normalise
from bot.policies.search.analyzer import Analyzer

__all__ = ["Titled", "Titles"]

# Only a question that speaks of a document can name one by its title.
_PAPER = re.compile(
    # 有什么办法 and 没收到通知 speak of none.
    r"文件|(?<!收到)(?<!接到)通知|(?<!什么)(?<!有)(?<!没)(?<!啥)(?<!好)(?<!想)办法"
    r"|(?<!什么)(?<!有)(?<!啥)(?:方案|意见|规划)"
    r"|若干措施|细则|条例|行动计划|公告|公报|红头|原文|全文|《[^》]+》"
)
# What is wanted of a document; a question that holds it wants more than the document.
_WANTED = re.compile(
    r"多少|几|条件|材料|手续|什么时候|失效|过期|有效|电话|怎么|咋|谁|哪|年限|吗|没|支持|领|有什么|有啥"
)
_WRAPPER = re.compile(
    r"^.*?关于(?:印发|修改|举办|开展|发布|做好)?|的?通知$|[《》]|[（(][^（）()]*[）)]"
)
# Words of nearly every title; they name none.
_COMMON = re.compile(
    r"山西省|山西|人民政府|办公厅|若干|措施|行动|计划|方案|意见|实施|办法|管理|通知|印发|推动|促进|"
    r"加快|关于|高质量发展|文件|政策|支持|规划|工作|那个|这个|那份|这份|号文|原文|全文|里头|里面|年"
)
_ENOUGH = 0.62  # share of what the question says that stands in the title
_WHOLE = 0.8  # share from which on a question holds nothing but the title
_LONG = 10  # characters of a title that nobody types by chance
_LEAD = 0.12  # by which the best title must be ahead of another document's


class Titled(NamedTuple):
    """A document that a question names, and whether it asks for nothing in it."""

    document: Document
    whole: bool


class Titles:
    """An index over the titles of all documents.

    Args:
        documents: those of the snapshot.
        analyzer: turns titles and questions into features.
        vague: features that name nothing by themselves (补贴, 贷款).
    """

    def __init__(
        self, documents: Sequence[Document], analyzer: Analyzer, vague: Collection[str] = ()
    ) -> None:
        self._analyzer = analyzer
        self._vague = frozenset(vague)
        self._whole = [(_plain(document.title or ""), document) for document in documents]
        self._rows = [
            (document, frozenset(analyzer.features(_core(document.title))))
            for document in documents
            if document.title
        ]

    def find(
        self, question: str, weights: Mapping[str, float], years: Sequence[int]
    ) -> Titled | None:
        """The one document whose title a question names, or None.

        Args:
            question: the normalised question.
            weights: how much each feature says; others count as one.
            years: the years it names; a document of another year is not meant.
        """
        if not _PAPER.search(question):
            return None
        plain = _plain(question)
        copied = self._copied(plain, years)
        if copied is not None:
            rest = _COMMON.sub(" ", plain.replace(_plain(copied.title or ""), " "))
            more = _WANTED.search(rest) or self._analyzer.question(rest)
            return Titled(copied, whole=not more)
        asked = self._analyzer.question(_COMMON.sub(" ", re.sub(r"20\d\d", " ", question)))
        own = {feature: weights.get(feature, 1.0) for feature in asked if feature[0] != "p"}
        total = sum(own.values())
        if total <= 0 or own.keys() <= self._vague:
            return None
        scored = sorted(
            (
                (sum(weight for feature, weight in own.items() if feature in title) / total, index)
                for index, (document, title) in enumerate(self._rows)
                if not years or document.year in years
            ),
            reverse=True,
        )
        if not scored or scored[0][0] < _ENOUGH:
            return None
        if len(scored) > 1 and scored[0][0] - scored[1][0] < _LEAD:
            return None
        whole = scored[0][0] >= _WHOLE and not _WANTED.search(question)
        document = self._rows[scored[0][1]][0]
        # One of which the base has no clause answers nothing but what it is.
        return Titled(document, whole) if document.clauses or whole else None

    def _copied(self, question: str, years: Sequence[int]) -> Document | None:
        """The document whose title stands in a question as it is; the year tells two apart."""
        held = [(len(t), d) for t, d in self._whole if len(t) >= _LONG and t in question]
        longest = max((length for length, _ in held), default=0)
        found = [document for length, document in held if length == longest]
        if len(found) > 1:
            found = [document for document in found if document.year in years]
        return found[0] if len(found) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", normalise(text))


def _core(title: str | None) -> str:
    """A title without what wraps it: 关于印发…的通知, brackets."""
    text = normalise(title or "")
    return _COMMON.sub(" ", _WRAPPER.sub(" ", text))

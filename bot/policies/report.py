"""The knowledge base as tables for people: docs/knowledge.md, generated and never edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from bot.policies.model import PROVINCE, Clause, Document, Snapshot, Span

__all__ = ["report", "section"]

_WHOLE_PROVINCE = "全省"
_BASIS = {
    "front": "文件首页",
    "compilation": "汇编说明",
    "title": "标题",
    "doc_no": "文号",
    "checklist": "清单整理单位",
}
_HOW = {"renamed": "更名", "merged": "并入", "duties_moved": "职责转入", "abolished": "撤销"}
_COPIES = {"same": "相同", "near": "几乎相同", "within": "一条含有另一条的大部分"}
_SHOWN = 60  # characters of a long text
_HEAD = """\
# 知识库清单 · What the knowledge base holds

由 `wence kb report` 从 `policies_kb/` 生成，请勿手改。Generated from `policies_kb/`; do not edit.
一切以条文原文为准；这里不判断某一天是否有效。
How the entries were checked: [knowledge-review.md](knowledge-review.md).
"""


def report(snapshot: Snapshot) -> str:
    """All tables as Markdown; the same for the same knowledge base, whatever the day."""
    parts = [
        _HEAD,
        *_sources(snapshot),
        *_documents(snapshot),
        *_scopes(snapshot),
        *_periods(snapshot),
        *_repeals(snapshot),
        *_faults(snapshot),
        *_copies(snapshot),
        *_authorities(snapshot),
        *_cautions(snapshot),
        *_internal(snapshot),
    ]
    return "\n".join(parts).rstrip() + "\n"


def section(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A heading and a table under it."""
    body = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    rule = "| " + " | ".join("---" for _ in header) + " |"
    return [f"## {title}", "", f"| {' | '.join(header)} |", rule, *body, ""]


def _cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    return str(value).replace("|", "\\|").replace("\n", " ")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _name(document: Document) -> str:
    return document.doc_no or f"《{document.title}》"


def _place(clause: Clause, snapshot: Snapshot) -> str:
    return f"{_name(snapshot.document_of(clause))}{clause.locator}"


def _scope(scope: str) -> str:
    return _WHOLE_PROVINCE if scope == PROVINCE else scope


def _sources(snapshot: Snapshot) -> list[str]:
    counts = Counter(clause.source for clause in snapshot.clauses.values())
    rows = [
        (s.name, f"《{s.title}》", s.doc_no, s.publisher, s.published_on, counts[s.name])
        for s in snapshot.sources.values()
    ]
    parts = Counter(clause.part for clause in snapshot.clauses.values() if clause.part)
    said = "，".join(f"{part}{count}" for part, count in parts.items())
    header = ("编号", "名称", "文号", "印发或整理", "日期", "条数")
    return [
        *section("来源 Sources", header, rows),
        f"共 {len(snapshot.clauses)} 条，{len(snapshot.documents)} 份文件。清单各篇：{said}。",
        "",
    ]


def _documents(snapshot: Snapshot) -> list[str]:
    rows = [
        (
            f"`{d.id}`",
            d.doc_no,
            d.title,
            d.issuer,
            _BASIS.get(d.issuer_from or ""),
            d.issued_on or d.year,
            _scope(d.scope),
            len(d.clauses),
            "、".join(d.sources),
            "；".join(d.notes),
        )
        for d in snapshot.documents.values()
    ]
    header = ("编号", "文号", "标题", "发文机关", "依据", "印发", "范围", "条数", "来源", "存疑")
    return section("文件 Documents", header, rows)


def _scopes(snapshot: Snapshot) -> list[str]:
    counts = Counter(clause.scope for clause in snapshot.clauses.values())
    rows = []
    for scope, count in counts.most_common():
        names = (
            _name(snapshot.document_of(clause))
            for clause in snapshot.clauses.values()
            if clause.scope == scope != PROVINCE
        )
        rows.append((_scope(scope), count, "、".join(dict.fromkeys(names))))
    return section("适用范围 Scopes", ("范围", "条数", "文件"), rows)


def _periods(snapshot: Snapshot) -> list[str]:
    spans = [(clause, span) for clause in snapshot.clauses.values() for span in clause.validity]
    rows = [
        (
            _place(clause, snapshot),
            _short(span.governs) if span.governs else "全条",
            span.stated_by,
            span.starts,
            span.ends,
        )
        for clause, span in spans
    ]
    header = ("条文", "所管的措施", "写明期限的原文", "起", "止")
    return [
        *section("写明的有效期 Stated periods", header, rows),
        f"{len(spans)} 个期限，出自 {len({c.id for c, _ in spans})} 条。{_last(spans)}"
        "没有列在这里的措施，文件都没有写明有效期。",
        "",
    ]


def _last(spans: Sequence[tuple[Clause, Span]]) -> str:
    ends: list[date] = [span.ends for _, span in spans if span.ends is not None]
    return f"写明的截止日期最晚是 {max(ends)}。" if ends else ""


def _repeals(snapshot: Snapshot) -> list[str]:
    rows = [
        (_name(d), d.repealed.words, d.repealed.stated_in, len(d.clauses))
        for d in snapshot.documents.values()
        if d.repealed is not None
    ]
    return section("废止 Repealed", ("文件", "原文", "写在哪里", "涉及条数"), rows)


def _faults(snapshot: Snapshot) -> list[str]:
    titles = {
        "misprint": "疑似误印 Suspected misprints",
        "conflict": "说法不一致 Contradictions",
        "reading": "读法说明 Readings",
    }
    parts: list[str] = []
    for kind, title in titles.items():
        rows = [
            (
                _place(clause, snapshot),
                note.quote,
                note.reading,
                note.why,
                "、".join(_place(snapshot.clauses[key], snapshot) for key in note.other),
            )
            for clause in snapshot.clauses.values()
            for note in clause.notes
            if note.kind == kind
        ]
        header = ("条文", "原文", "本项目的读法", "理由", "另见")
        parts += section(f"{title}（{len(rows)}）", header, rows)
    return parts


def _copies(snapshot: Snapshot) -> list[str]:
    order = {key: place for place, key in enumerate(snapshot.clauses)}
    rows = []
    for key, copies in snapshot.copies.items():
        for copy in copies:
            if order[key] < order[copy.clause_id]:
                here, there = snapshot.clauses[key], snapshot.clauses[copy.clause_id]
                apart = "；".join(f"{a} / {b}" for a, b in copy.differs)
                rows.append(
                    (_place(here, snapshot), _place(there, snapshot), _COPIES[copy.kind], apart)
                )
    rows.sort(key=lambda row: (row[0], row[1]))
    header = ("条文", "另一处", "关系", "不同的数字")
    return section(f"同一措施印在几处 Copies（{len(rows)} 对）", header, rows)


def _authorities(snapshot: Snapshot) -> list[str]:
    rows = []
    for body in snapshot.authorities.values():
        now = body.renamed
        what = f"{now.on} {_HOW[now.how]}{now.to}" if now else None
        basis = (now.source if now.sure else f"未找到正式来源：{now.source}") if now else None
        printed = "、".join(body.as_printed)
        rows.append((body.name, printed, what, basis, body.phone))
    header = ("单位", "来源中的写法", "后来的变化", "依据", "电话")
    return section("单位 Authorities", header, rows)


def _cautions(snapshot: Snapshot) -> list[str]:
    counts = Counter(
        caution.id for clause in snapshot.clauses.values() for caution in clause.cautions
    )
    texts = {
        caution.id: caution.text
        for clause in snapshot.clauses.values()
        for caution in clause.cautions
    }
    rows = [(f"`{key}`", count, texts[key]) for key, count in sorted(counts.items())]
    return section("随答复给出的提醒 Cautions", ("键", "条数", "句子"), rows)


def _internal(snapshot: Snapshot) -> list[str]:
    rows = [
        (_place(clause, snapshot), clause.caption)
        for clause in snapshot.clauses.values()
        if clause.internal
    ]
    title = f"只涉及行政机关内部工作的条文 Internal（{len(rows)}）"
    return section(title, ("条文", "内容"), rows)

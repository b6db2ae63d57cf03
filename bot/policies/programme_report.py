"""The programmes as tables for people: docs/programmes.md, generated and never edited."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date

from bot.policies.eligibility.amounts import quantity
from bot.policies.eligibility.coverage import grants_figures
from bot.policies.eligibility.judge import standing
from bot.policies.eligibility.programme import KINDS, Programme
from bot.policies.model import Snapshot
from bot.policies.report import section

__all__ = ["programme_report", "reported_day"]

_STAMP = "状态判断日："
_HEAD = """\
# 事项一览 · Programmes

由 `wence kb report` 从 `policies_kb/programmes/` 生成，请勿手改。Generated; do not edit.
{stamp}{day}。每个数额后面是它所在的条文编号；“起”是从哪一天起按这个数。
每个事项由一人编写、另一人只对照条文核对；两人不一致的地方和处理结果列在最后。
"""
_NOBODY = "来源未写明主管单位"


def reported_day(text: str) -> date | None:
    """The day by which a report judges, as it says itself."""
    _, found, rest = text.partition(_STAMP)
    try:
        return date.fromisoformat(rest[:10]) if found else None
    except ValueError:
        return None


def programme_report(snapshot: Snapshot, day: date) -> str:
    """All programmes by authority and kind: parameters, dates, clauses, status on a day."""
    parts = [_HEAD.format(stamp=_STAMP, day=day.isoformat()), *_coverage(snapshot)]
    by_authority: dict[str | None, list[Programme]] = defaultdict(list)
    for programme in snapshot.programmes.values():
        by_authority[programme.authority].append(programme)
    for authority in (*(key for key in snapshot.authorities if key in by_authority), None):
        if authority not in by_authority:
            continue
        title = snapshot.authorities[authority].name if authority else _NOBODY
        kinds = list(KINDS)
        rows = sorted(by_authority[authority], key=lambda p: (kinds.index(p.kind), p.id))
        header = ("类别", "事项", "适用", "期限", "状态", "数额与条文", "条文")
        parts += section(title, header, (_row(row, snapshot, day) for row in rows))
    parts += _reviews(snapshot)
    return "\n".join(parts).rstrip() + "\n"


def _row(programme: Programme, snapshot: Snapshot, day: date) -> tuple[str, ...]:
    status = standing(programme, snapshot, day)
    period = programme.period
    starts = period.starts.isoformat() if period.stated else f"（{period.starts.year}年起，未载明）"
    ends = period.ends.isoformat() if period.ends else "未载明"
    figures = [
        f"{history.description} "
        + "，".join(
            f"{figure.since} 起 {quantity(figure.value, history.unit)}（`{figure.clause}`）"
            if figure.value is not None
            else f"{figure.since} 起止"
            for figure in history.values
        )
        for history in programme.parameters.values()
    ]
    return (
        KINDS[programme.kind],
        f"{programme.name} `{programme.id}`",
        programme.region.name,
        f"{starts} 至 {ends}",
        snapshot.phrases(f"status.{status}.badge"),
        "；".join(figures) or "无数额",
        "、".join(f"`{key}`" for key in programme.references),
    )


def _coverage(snapshot: Snapshot) -> list[str]:
    granting = [clause.id for clause in snapshot.clauses.values() if grants_figures(clause)]
    covered = [key for key in granting if key in snapshot.programmes_of]
    exempt = [key for key in granting if key not in covered and key in snapshot.exempt]
    rows = [
        ("写有给予的数额的条文", len(granting)),
        ("其中已在事项中", len(covered)),
        ("其中有理由不设事项", len(exempt)),
        ("其中还没有处理", len(granting) - len(covered) - len(exempt)),
        ("没有数额、也在事项中的条文", len(snapshot.programmes_of) - len(covered)),
        ("事项", len(snapshot.programmes)),
        ("其中数额（按日期的值计）", _figures(snapshot.programmes)),
        ("事实", len(snapshot.facts.facts)),
    ]
    kinds = Counter(programme.kind for programme in snapshot.programmes.values())
    return [
        *section("覆盖 Coverage", ("项目", "数"), rows),
        "按类别：" + "，".join(f"{name} {kinds[kind]}" for kind, name in KINDS.items()) + "。",
        "",
        *section(
            "写有数额而不设事项的条文",
            ("条文", "理由"),
            ((f"`{key}`", snapshot.exempt[key].why) for key in exempt),
        ),
    ]


def _figures(programmes: Mapping[str, Programme]) -> int:
    return sum(
        len(history.values)
        for programme in programmes.values()
        for history in programme.parameters.values()
    )


def _reviews(snapshot: Snapshot) -> list[str]:
    rows = (
        (f"`{programme.id}`", text)
        for programme in snapshot.programmes.values()
        for text in programme.review
    )
    return section("两位读者的不同与处理", ("事项", "不同与处理"), rows)

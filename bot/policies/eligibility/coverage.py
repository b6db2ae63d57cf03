"""Which clauses grant a figure, and which of them are rightly no programme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.policies.fields import Fields
from bot.policies.model import Clause
from bot.policies.yamlfile import Faults, Table, load_yaml

__all__ = ["Exemption", "grants_figures", "read_exemptions"]

_FIGURE = r"(?:\d+(?:\.\d+)?\s*(?:[万亿]元?|元|%|‰|％|个百分点|个月|千瓦|kW)|减半)"
_GRANT = (
    r"奖励|奖补|奖金|补助|补贴|贴息|返还|减征|减按|抵减|抵扣|扣除|加计|减半|免收|免征|减免|降至|降低|下降|"
    r"上浮|费率|预留|预付|补偿|资助|给予|支持|免租|兑现|缓缴|份额|保证金|电价|零投资|出租|减少|分期|暂退"
)
# A grant and its figure stand in one sentence.
_GRANTING = re.compile(rf"(?:{_GRANT})[^。]*?{_FIGURE}|{_FIGURE}[^。]*?(?:{_GRANT})")


@dataclass(frozen=True)
class Exemption:
    """A clause that belongs to no programme, and why."""

    clause: str
    why: str


def grants_figures(clause: Clause) -> bool:
    """Whether a clause may grant a concrete figure: a word of giving and a figure in a sentence.

    It finds too many rather than too few; what is no grant is exempted with a reason.
    """
    return not clause.internal and _GRANTING.search(clause.text) is not None


def read_exemptions(
    path: Path, clauses: Mapping[str, Clause], faults: Faults
) -> dict[str, Exemption]:
    """exemptions.yml: clauses with figures that are no programme, each with its reason."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    if fields.day("verified_on") is None:
        fields.fault("verified_on", "还没有第二个人对照条文核对")
    table = fields.take("clauses", dict) or Table(1)
    fields.done()
    found: dict[str, Exemption] = {}
    for key, why in table.items():
        if key not in clauses:
            faults.add(path, table.line_of(key), key, "没有这一条")
        elif not isinstance(why, str) or not why.strip():
            faults.add(path, table.line_of(key), key, "缺少理由")
        else:
            found[key] = Exemption(key, why)
    return found

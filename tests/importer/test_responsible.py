"""责任单位: quoted as printed, in order, nothing inferred."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from bot.importer.responsible import responsible_of

Row = dict[str, Any]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("给予补助。（责任单位：省财政厅、省税务局）", ["省财政厅", "省税务局"]),
        ("给予补助。(责任单位:省财政厅)", ["省财政厅"]),
        ("给予补助。(责任单位: 省财政厅；省税务局)", ["省财政厅", "省税务局"]),
        # 会同 joins two bodies.
        ("统筹推进。（责任单位：省工信厅会同省有关单位）", ["省工信厅", "省有关单位"]),
        # The closing bracket is missing.
        ("给予补助。(责任单位:省财政厅、省供销社", ["省财政厅", "省供销社"]),
        # A name holds brackets of its own.
        (
            "给予补助。（责任单位：省财政厅（金融处）、省税务局）",
            ["省财政厅（金融处）", "省税务局"],
        ),
        # One body with a mark in its name, and two bodies.
        ("落实。（责任单位：省财政厅，各市、县人民政府）", ["省财政厅", "各市、县人民政府"]),
        ("落实。（责任单位：省财政厅、各市政府）", ["省财政厅", "各市政府"]),
        (
            "补助。（责任单位：省财政厅，各市、县人民政府负责落实，以下措施均需各市、县人民政府落实，不再列出。）",
            ["省财政厅", "各市、县人民政府"],
        ),
        # Without a label: who leads, who helps.
        ("建设。（省商务厅牵头，省体育局、省文旅厅配合）", ["省商务厅", "省体育局", "省文旅厅"]),
        ("建设。（省商务厅负责）", ["省商务厅"]),
        ("建设。（省商务厅牵头负责，省体育局参与）", ["省商务厅", "省体育局"]),
        # A body named twice is one.
        (
            "补助。（责任单位：省财政厅）另补。（责任单位：省财政厅、省税务局）",
            ["省财政厅", "省税务局"],
        ),
        # None printed.
        ("由省财政厅牵头的机制负责落实。", None),
        ("（一）由省财政厅负责，给予补助。", None),
        ("给予补助（不超过100万元）。", None),
        ("明确承办责任单位和时限。", None),
        ("", None),
    ],
)
def test_responsible(text: str, names: list[str] | None) -> None:
    assert responsible_of(text) == names


@pytest.mark.parametrize(
    ("clause_id", "names"),
    [
        ("jzbf-2022-34.53", ["省发展改革委", "省工信厅", "省商务厅", "省供销社"]),
        ("jzbf-2022-34.59", ["省人社厅", "省教育厅", "省发展改革委"]),
        ("jzbf-2022-34.70", ["省发展改革委", "省工信厅", "省有关单位"]),
        ("jzbf-2022-30.1", ["省财政厅", "省小企业局", "各市、县人民政府"]),
        ("jzbf-2022-35.14", ["省邮政管理局", "省商务厅", "省住建厅", "省自然资源厅"]),
        ("jzbf-2022-35.66", ["省服务业发展领导小组有关成员单位", "各市人民政府"]),
        ("jf-2021-67.36", ["省财政厅", "省地方金融监管局", "山西金控集团"]),
        # The same words in the checklist print none, and none is taken from the copy.
        ("jf-2021-67.cs186", None),
        # 责任单位 is a word of the sentence.
        ("jzbf-2022-5.sc126", None),
        ("jzbf-2022-33.61", None),
        ("jzbf-2022-30.35", None),
        ("jzf-2022-14.1", None),
        ("jzbf-2023-56.1", None),
    ],
)
def test_real_clauses(clauses: dict[str, Row], clause_id: str, names: list[str] | None) -> None:
    assert clauses[clause_id]["responsible"] == names


def test_how_many_clauses_of_each_document_print_any(clauses: dict[str, Row]) -> None:
    found = Counter(
        (clause["source"], clause["id"].partition(".")[0])
        for clause in clauses.values()
        if clause["responsible"]
    )
    assert found == {
        ("001", "jzbf-2022-34"): 70,
        ("002", "jzbf-2022-34"): 70,
        ("002", "jf-2021-67"): 48,
        ("002", "jzbf-2022-7"): 78,
        ("002", "jzbf-2022-33"): 58,
        ("002", "jzbf-2022-35"): 66,
        ("002", "jzbf-2022-30"): 31,
        ("002", "jsjf-2022-33"): 24,
    }


def test_names_are_all_of_the_bracket_and_nothing_else(clauses: dict[str, Row]) -> None:
    """Whoever is printed in the bracket is named, in order; what is left is no body."""
    for clause in clauses.values():
        if not (names := clause["responsible"]):
            continue
        bracket = re.split(r"[（(]", clause["text"])[-1]
        rest = re.sub(r"以下措施均需各市、县人民政府落实，不再列出。", "", bracket)
        rest = rest.removeprefix("责任单位")
        at = 0
        for name in names:
            at = rest.find(name, at)
            assert at >= 0, (clause["id"], name)
            rest = rest[:at] + rest[at + len(name) :]
        left = re.sub("牵头|配合|负责|落实|共同|分别|会同", "", rest)
        assert re.fullmatch(r"[：:、，,；;）)]*", left), (clause["id"], rest)


def test_no_name_is_a_duty_or_a_remark(clauses: dict[str, Row]) -> None:
    names = {name for clause in clauses.values() for name in clause["responsible"] or []}
    assert len(names) > 60
    for name in names:
        assert re.fullmatch(r"[\u4e00-\u9fff]+", name.replace("各市、县", "各市县")), name
        assert not name.endswith(("负责", "牵头", "配合", "落实")), name
        assert 3 <= len(name) <= 17, name

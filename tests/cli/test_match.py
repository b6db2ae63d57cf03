"""``wence match``: one firm, and a table of firms with good and bad rows."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.test_commands import wence

FACTS = {"sector": "industry", "first_time_above_scale": True, "strategic_emerging": True}


def test_one_firm_in_a_table_for_people() -> None:
    result = wence("match", "--facts", json.dumps(FACTS), COLUMNS="200")
    assert result.returncode == 0, result.stderr
    assert "首次“小升规”工业企业奖励" in result.stdout
    assert "30万元×（1＋30%）＝39万元" in result.stdout


def test_one_firm_from_a_file_as_json(tmp_path: Path) -> None:
    source = tmp_path / "firm.json"
    source.write_text(json.dumps(FACTS), "utf-8")
    result = wence("match", "--facts", f"@{source}", "--json")
    found = json.loads(result.stdout)
    by_id = {row["programme_id"]: row for row in found["results"]}
    assert by_id["small_to_scale_award"]["amount_yuan"] == 390000
    assert found["best_combination"]["total_yuan"] >= 390000


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("{", "JSON"),
        ("[1]", "JSON"),
        ("@nothing.json", "nothing.json"),
        ('{"nothing": 1}', "没有这个事实"),
        ('{"staff": -3}', "职工人数"),
    ],
)
def test_wrong_facts_are_one_clear_line(facts: str, said: str) -> None:
    result = wence("match", "--facts", facts)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_table_loses_no_row_and_names_line_and_column(tmp_path: Path) -> None:
    source, target = tmp_path / "firms.csv", tmp_path / "result.csv"
    source.write_text(
        "企业,sector,首次升规（首次达到规模以上并入统）,strategic_emerging,staff\n"
        "甲厂,industry,是,是,\n"
        "乙店,零售业,否,,\n"
        '"丙\n公司",工业,true,0,12\n'
        "丁厂,industry,是,是,十二\n"
        "戊厂,industry,是,,,9,9\n",
        "utf-8",
    )
    result = wence("match", "--csv", str(source), "--out", str(target))
    assert result.returncode == 1
    assert "5 行，其中 3 行有误" in result.stderr
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["企业"] for row in rows] == ["甲厂", "乙店", "丙\n公司", "丁厂", "戊厂"]
    assert "首次“小升规”工业企业奖励" in rows[0]["按文件条件符合"]
    assert float(rows[0]["确定金额合计（元）"]) >= 390000
    assert "首次“小升规”工业企业奖励" in rows[2]["按文件条件符合"]
    assert rows[1]["错误"].startswith("第 3 行“sector”")
    assert rows[3]["错误"] == "第 6 行“staff”：不能是“十二”"
    assert "第 7 行" in rows[4]["错误"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "没有表头"),
        ("企业,规模多大\n甲,1\n".encode(), "第 2 列"),
        ("企业,staff,职工人数\n甲,1,1\n".encode(), "重复"),
        ("企业,staff\n甲,1\n".encode("gbk"), "UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    source = tmp_path / "firms.csv"
    source.write_bytes(content)
    result = wence("match", "--csv", str(source), "--out", str(tmp_path / "result.csv"))
    assert result.returncode == 1
    assert said in result.stderr
    assert not (tmp_path / "result.csv").exists()


def test_a_table_needs_somewhere_to_go(tmp_path: Path) -> None:
    assert wence("match", "--csv", str(tmp_path / "firms.csv")).returncode == 2

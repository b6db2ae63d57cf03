"""``wence match``: what one firm can have, or each firm of a table."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.errors import RequestError, WenceError
from bot.policies.answer.verdicts import combination_record, verdict_record, yuan
from bot.policies.eligibility.amounts import quantity
from bot.policies.eligibility.facts import Fact, FactBook, FactError
from bot.policies.loader import load
from bot.policies.matching import Match, match
from bot.policies.model import Snapshot
from bot.settings import Settings

__all__ = ["match_firm", "match_table"]

_GROUPS = {
    "has": "按文件条件符合",
    "may_have": "可能符合，还缺事实",
    "just_missed": "只差一步",
    "expired": "已过期",
}
_KEYS = ("id", "编号", "name", "企业", "企业名称")
_RESULTS = (
    "按文件条件符合",
    "确定金额合计（元）",
    "可同时享受的最优组合",
    "可能符合（还缺的事实）",
    "只差一步（差什么）",
    "错误",
)
_YES, _NO = {"是", "true", "有", "1", "y"}, {"否", "false", "没有", "无", "0", "n"}


def match_firm(settings: Settings, facts: str, as_json: bool) -> int:
    """Print what one firm can have.

    Args:
        settings: root and the day of judgement.
        facts: a JSON object of facts, or ``@`` and the name of a file that holds one.
        as_json: print the contract's record instead of a table.
    """
    snapshot = load(settings.root / "policies_kb")
    given = _facts_given(facts)
    found = match(snapshot.facts.read(given), settings.as_of(), snapshot)
    if as_json:
        results = [
            {
                "programme_id": m.verdict.programme.id,
                "name": m.verdict.programme.name,
                "group": m.group,
                **verdict_record(m.verdict, snapshot),
            }
            for m in found.results
        ]
        best = combination_record(found.combination, snapshot)
        sys.stdout.write(
            json.dumps({"results": results, "best_combination": best}, ensure_ascii=False) + "\n"
        )
        return 0
    console = Console(highlight=False)
    for group, title in _GROUPS.items():
        rows = [m.verdict for m in found.results if m.group == group]
        if not rows:
            continue
        table = Table(title=f"{title}（{len(rows)}）", box=None, title_justify="left")
        for name in ("事项", "金额或标准", "还缺或差什么"):
            table.add_column(name, overflow="fold")
        for verdict in rows:
            record = verdict_record(verdict, snapshot)
            lacks = [snapshot.facts.facts[key].name for key in verdict.missing] or record["gaps"]
            table.add_row(verdict.programme.name, record["amount_text"], "；".join(lacks))
        console.print(table)
    total = quantity(found.combination.total, "CNY")
    console.print(
        f"确定金额合计：{total}（上限、比例和待定的不计在内；文件没有写明不能同时享受的，按可以同时享受算）"
    )
    for left in combination_record(found.combination, snapshot)["left_out"]:
        console.print(f"未计入“{snapshot.programmes[left['programme_id']].name}”：{left['why']}")
    return 0


def _facts_given(text: str) -> dict[str, Any]:
    try:
        source = Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
        given = json.loads(source)
    except OSError as error:
        raise WenceError(f"读不了 {text[1:]}：{error.strerror}") from error
    except ValueError as error:
        raise WenceError('事实应写成 JSON 对象，例如 \'{"sector": "industry"}\'') from error
    if not isinstance(given, dict):
        raise WenceError('事实应写成 JSON 对象，例如 \'{"sector": "industry"}\'')
    return given


def match_table(settings: Settings, source: Path, target: Path) -> int:
    """Match each firm of a CSV table; every row is answered, a bad one with its faults.

    Columns are facts, by id or by name; 编号 or 企业 identify a firm and are copied. An
    empty cell is not known. A fault names line and column and stops no other row.

    Returns:
        0 where every row could be judged, 1 where some could not.
    """
    snapshot = load(settings.root / "policies_kb")
    try:
        content = source.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WenceError(f"{source.name}: 不是 UTF-8 文本，请另存为 UTF-8 再试") from error
    reader = csv.reader(io.StringIO(content, newline=""))
    header = next(reader, [])
    if not any(header):
        raise WenceError(f"{source.name}: 没有表头")
    keys, columns = _columns(header, snapshot.facts, source.name)
    # A row may hold line breaks; its number is that of its last line. Blank lines are none.
    rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    errors = 0
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(header[i] for i in keys), *_RESULTS])
        console = Console(stderr=True)
        for line, row in track(rows, "匹配中", console=console, disable=not console.is_terminal):
            head = [row[i] if i < len(row) else "" for i in keys]
            try:
                given = _given(row, columns, line, len(header))
                found = match(snapshot.facts.read(given), settings.as_of(), snapshot)
            except (RequestError, ValueError) as error:
                errors += 1
                said = _fault(error, line, columns)
                writer.writerow([*head, "", "", "", "", "", said])
                continue
            writer.writerow([*head, *_results(found, snapshot), ""])
    sys.stderr.write(f"{len(rows)} 行，其中 {errors} 行有误；结果在 {target.name}\n")
    return 1 if errors else 0


def _columns(
    header: list[str], book: FactBook, name: str
) -> tuple[list[int], dict[int, tuple[str, Fact]]]:
    """Which columns identify a firm, and which hold which fact.

    Raises:
        WenceError: a column is neither, or a fact stands in two.
    """
    by_name = {fact.name: fact for fact in book.facts.values()} | dict(book.facts)
    keys: list[int] = []
    columns: dict[int, tuple[str, Fact]] = {}
    for i, title in enumerate(title.strip() for title in header):
        if title.lower() in _KEYS:
            keys.append(i)
        elif title in by_name:
            if by_name[title].id in {fact.id for _, fact in columns.values()}:
                raise WenceError(f"{name}: 第 {i + 1} 列“{title}”与前面的列重复")
            columns[i] = (title, by_name[title])
        else:
            raise WenceError(f"{name}: 第 {i + 1} 列“{title}”不是事实的编号或名称")
    return keys, columns


def _given(
    row: list[str], columns: Mapping[int, tuple[str, Fact]], line: int, width: int
) -> dict[str, Any]:
    if len(row) > width:
        raise ValueError(f"第 {line} 行有 {len(row)} 格，表头只有 {width} 格")
    given = {}
    for i, (title, fact) in columns.items():
        cell = row[i].strip() if i < len(row) else ""
        if cell:
            try:
                given[fact.id] = _value(cell, fact)
            except (FactError, ValueError, InvalidOperation):
                raise ValueError(f"第 {line} 行“{title}”：不能是“{cell}”") from None
    return given


def _value(cell: str, fact: Fact) -> Any:
    if fact.type == "boolean":
        said = cell.lower()
        if said not in _YES | _NO:
            raise ValueError(cell)
        return said in _YES
    if fact.type == "choice":
        return next((c.id for c in fact.choices if cell in (c.id, c.name)), cell)
    if fact.type == "date":
        return cell
    value = Decimal(cell.removesuffix("%").replace(",", ""))
    number = value / 100 if cell.endswith("%") else value
    fact.value(number)
    return number


def _fault(error: Exception, line: int, columns: Mapping[int, tuple[str, Fact]]) -> str:
    if not isinstance(error, RequestError):
        return str(error)
    fact = (error.field or "").removeprefix("facts.")
    title = next((title for title, own in columns.values() if own.id == fact), fact)
    return f"第 {line} 行“{title}”：{error.message}"


def _results(found: Match, snapshot: Snapshot) -> Iterator[Any]:
    by_group: dict[str, list[str]] = {group: [] for group in _GROUPS}
    for matched in found.results:
        verdict = matched.verdict
        name = verdict.programme.name
        if matched.group == "may_have":
            name += f"（{snapshot.facts.facts[verdict.missing[0]].name}）"
        elif matched.group == "just_missed":
            name += f"（{'；'.join(verdict_record(verdict, snapshot)['gaps'])}）"
        by_group[matched.group].append(name)
    yield "；".join(by_group["has"])
    yield yuan(found.combination.total)
    yield "；".join(snapshot.programmes[key].name for key in found.combination.programmes)
    yield "；".join(by_group["may_have"])
    yield "；".join(by_group["just_missed"])

"""facts.yml, regions.yml and programmes/ read strictly; each fault names file, line and key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.policies.eligibility.amounts import Expression
from bot.policies.eligibility.conditions import Condition
from bot.policies.eligibility.facts import Choice, Derivation, Fact, FactBook, FactError
from bot.policies.eligibility.programme import (
    GUIDE,
    KINDS,
    WHY_ELSEWHERE,
    Alternative,
    AmountRule,
    DatedFigure,
    DatedWords,
    Exclusion,
    ParameterHistory,
    Period,
    Programme,
    Region,
    Words,
)
from bot.policies.eligibility.trees import Reader
from bot.policies.fields import DATE, Fields
from bot.policies.model import Authority, Phrases
from bot.policies.yamlfile import Faults, Table, load_yaml

__all__ = ["UNITS", "read_facts", "read_programmes", "read_regions"]

_TYPES = ("boolean", "integer", "money", "ratio", "date", "choice")
# Units of parameters beside those of money and shares: what is counted.
_COUNTED = (
    "人 户 家 个 项 次 年 个月 天 日 倍 吨 千瓦时 千瓦 平方米 辆 台 亩 小时 件 平方公里 公里 "
    "标准箱 架次 床 届"
)
UNITS = frozenset(("CNY", "ratio", "permille", "points", *_COUNTED.split()))
_KINDS = ("exact", "ceiling", "rate", "none")


def read_facts(path: Path, words: Path, faults: Faults) -> FactBook:
    """facts.yml: the closed list of facts, and what follows; words.yml: how each is told."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    rows = fields.take("facts", list) or []
    rules = fields.take("derivations", list, required=False) or []
    fields.done()
    told = Fields(load_yaml(words, faults) if words.exists() else Table(1), words, faults, "")
    facts: dict[str, Fact] = {}
    for i, row in enumerate(rows):
        one = Fields(row, path, faults, f"facts[{i}]")
        key = row.get("id") if isinstance(row, dict) else None
        table = told.take(key, dict, required=False) if isinstance(key, str) else None
        fact = _fact(one, Fields(table or Table(1), words, faults, str(key)))
        if fact is None:
            continue
        if fact.id in facts:
            one.fault("id", f"{fact.id} 重复")
        facts[fact.id] = fact
    told.done()
    reader = Reader(facts)
    derived = [
        _derivation(Fields(row, path, faults, f"derivations[{i}]"), reader, facts)
        for i, row in enumerate(rules)
    ]
    return FactBook(facts, tuple(rule for rule in derived if rule is not None))


def _fact(one: Fields, told: Fields) -> Fact | None:
    key, kind = one.take("id", str), one.take("type", str)
    name, question = one.take("name", str), one.take("question", str)
    unit = one.take("unit", str, required=False) or ""
    bounds = one.take("range", list, required=False)
    choices = one.take("choices", dict, required=False)
    words = {name: _texts(told, name) for name in ("affirm", "deny", "said", "unless")}
    said = told.take("choices", dict, required=False) or Table(1)
    changeable, general, additive, large = (
        one.take(name, bool, required=False) or False
        for name in ("changeable", "general", "additive", "large")
    )
    roughly = one.take("roughly", int, required=False)
    one.done()
    told.done()
    if kind is not None and kind not in _TYPES:
        one.fault("type", f"应为 {'、'.join(_TYPES)}")
        return None
    if kind == "integer" and not unit:
        one.fault("unit", "整数要有单位")
    if (kind == "choice") != bool(choices):
        one.fault("choices", "选项类的事实要有 choices，其他类不要")
    if additive and kind != "money":
        one.fault("additive", "只有金额可以分项相加")
    if large and kind != "money":
        one.fault("large", "只有金额说得上是大数")
    if kind != "boolean" and (words["affirm"] or words["deny"]):
        told.fault("affirm", "只有是非类的事实有 affirm 和 deny")
    least, most = Decimal(0), None
    if kind == "ratio":
        most = Decimal(1)
    if bounds is not None:
        if len(bounds) != 2:
            one.fault("range", "应为 [最小, 最大]")
        else:
            least, most = (None if b is None else Decimal(str(b)) for b in bounds)  # type: ignore[assignment]
    if not (key and kind and name and question):
        return None
    built = tuple(_choices(one, choices or {}, told, said))
    return Fact(
        key, kind, name, question, unit, least, most, built,
        words["affirm"], words["deny"], words["said"], words["unless"], changeable,
        general, additive, large, None if roughly is None else Decimal(roughly),
    )  # fmt: skip


def _choices(
    one: Fields, names: Mapping[str, Any], told: Fields, said: Mapping[str, Any]
) -> list[Choice]:
    """The choices of a fact by their names, with the words by which each is told."""
    texts = Fields(said, told.path, told.faults, f"{told.where}.choices")
    found = []
    for key, name in names.items():
        if isinstance(name, str):
            found.append(Choice(key, name, _texts(texts, key)))
        else:
            one.fault("choices", f"{key} 应为名称")
    texts.done()
    return found


def _derivation(one: Fields, reader: Reader, facts: Mapping[str, Fact]) -> Derivation | None:
    name = one.take("fact", str)
    words = one.take("words", str, required=False) or ""
    clause = one.take("clause", str, required=False) or ""
    when = equals = value = None
    if "when" in one.table:
        when = reader.condition(one.take("when", dict), one, f"{one.where}.when")
    fact = facts.get(name or "")
    if fact is None:
        one.fault("fact", f"没有 {name}")
        return None
    if "equals" in one.table:
        equals = reader.expression(one.take("equals", object), one, f"{one.where}.equals")
    else:
        try:
            value = fact.value(one.take("value", object))
        except FactError as error:
            one.fault("value", error.message)
    one.done()
    return Derivation(fact.id, value, when, equals, words, clause)


def read_regions(path: Path, book: FactBook, faults: Faults) -> dict[str, Region]:
    """regions.yml: where programmes hold, and the fact that tells it."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    rows = fields.take("regions", list) or []
    fields.done()
    found: dict[str, Region] = {}
    for i, row in enumerate(rows):
        one = Fields(row, path, faults, f"regions[{i}]")
        key, name, scope = (one.take(field, str) for field in ("id", "name", "scope"))
        fact = one.take("fact", str, required=False)
        value = one.take("is", object, required=fact is not None)
        one.done()
        if fact is not None and fact not in book.facts:
            one.fault("fact", f"facts.yml 中没有 {fact}")
        elif fact is not None:
            try:
                book.facts[fact].value(value)
            except FactError as error:
                one.fault("is", error.message)
        if key and name and scope:
            found[key] = Region(key, name, scope, fact, value)
    return found


def read_programmes(
    folder: Path,
    book: FactBook,
    regions: Mapping[str, Region],
    authorities: Mapping[str, Authority],
    phrases: Phrases | None,
    faults: Faults,
) -> dict[str, Programme]:
    """programmes/<authority>/<id>.yml, by id."""
    found: dict[str, Programme] = {}
    for path in sorted(folder.rglob("*.yml")):
        one = Fields(load_yaml(path, faults), path, faults, "")
        if not one.ok:
            continue
        programme = _Programme(one, book, regions, authorities, phrases).read()
        if programme is None:
            continue
        if programme.id != path.stem:
            one.fault("id", "应与文件名相同")
        if path.parent.name != (programme.authority or "unnamed"):
            one.fault("authority", f"应放在 programmes/{programme.authority or 'unnamed'}/ 下")
        if programme.id in found:
            one.fault("id", f"{programme.id} 重复")
        found[programme.id] = programme
    for programme in found.values():
        for exclusion in programme.excludes:
            for other in exclusion.programmes:
                if other not in found:
                    path = folder / (programme.authority or "unnamed") / f"{programme.id}.yml"
                    faults.add(path, 1, "excludes", f"没有 {other} 这个事项")
    return found


class _Programme:
    """Reads one programme."""

    def __init__(
        self,
        fields: Fields,
        book: FactBook,
        regions: Mapping[str, Region],
        authorities: Mapping[str, Authority],
        phrases: Phrases | None,
    ) -> None:
        self._one, self._book, self._regions = fields, book, regions
        self._authorities, self._phrases = authorities, phrases

    def read(self) -> Programme | None:
        one = self._one
        key, name, kind = (one.take(field, str) for field in ("id", "name", "kind"))
        authority = one.take("authority", str, required=False)
        region = self._regions.get(one.take("region", str) or "")
        references = _texts(one, "references")
        aliases, questions = _texts(one, "aliases"), _texts(one, "questions")
        not_modelled = _texts(one, "not_modelled")
        period = self._period()
        review, verified_on = _texts(one, "review"), one.day("verified_on")
        if verified_on is None:
            one.fault("verified_on", "还没有第二个人对照条文核对")
        parameters = self._parameters()
        principal = references[0] if references else ""
        reader = Reader(self._book.facts, tuple(parameters), principal)
        conditions: Condition | None = None
        if one.take("conditions", dict, required=False) is not None:
            conditions = reader.condition(one.table["conditions"], one, "conditions")
        amount = self._amount(reader, principal)
        excludes = self._each("excludes", self._exclusion)
        alternatives = self._each("alternatives", self._alternative)
        guide = self._guide(principal)
        cautions = self._cautions()
        one.done()
        if kind is not None and kind not in KINDS:
            one.fault("kind", f"应为 {'、'.join(KINDS)}")
        if authority is not None and authority not in self._authorities:
            one.fault("authority", f"authorities.yml 中没有 {authority}")
        if region is None:
            one.fault("region", "regions.yml 中没有这个地方")
        if not references:
            one.fault("references", "至少要有一条")
        if not (key and name and kind and region and references and period and amount):
            return None
        return Programme(
            key, name, aliases, kind, authority, region, references, period, parameters,
            conditions, amount, tuple(excludes), tuple(alternatives), guide,
            not_modelled, questions, cautions, review, verified_on,
        )  # fmt: skip

    def _period(self) -> Period | None:
        one = self._below("validity")
        starts, ends = one.day("from"), one.day("until")
        stated = one.take("stated", bool)
        one.done()
        if starts is None:
            one.fault("from", "缺少开始日期；来源未载明的写印发日期或印发之年的 1 月 1 日")
            return None
        if ends is not None and ends < starts:
            one.fault("until", "结束早于开始")
        return Period(starts, ends, bool(stated))

    def _below(self, key: str) -> Fields:
        one = self._one
        table = one.take(key, dict)
        return Fields(table if table is not None else Table(1), one.path, one.faults, key)

    def _parameters(self) -> dict[str, ParameterHistory]:
        one = self._one
        found: dict[str, ParameterHistory] = {}
        for name, row in (one.take("parameters", dict, required=False) or {}).items():
            two = Fields(row, one.path, one.faults, f"parameters.{name}")
            description, unit = two.take("description", str), two.take("unit", str)
            rows = two.take("values", dict) or {}
            two.done()
            if unit is not None and unit not in UNITS:
                two.fault("unit", f"应为其中之一：{'、'.join(sorted(UNITS))}")
            values: list[DatedFigure] = []
            for since, tree in rows.items():
                three = Fields(tree, one.path, one.faults, f"parameters.{name}.{since}")
                value = three.take("value", object)
                clause = three.take("clause", str, required=value is not None) or ""
                three.done()
                start = _day(since)
                number = isinstance(value, int | float) and not isinstance(value, bool)
                if start is None:
                    two.fault("values", f"{since} 应写成 YYYY-MM-DD")
                elif value is not None and not number:
                    three.fault("value", "应为数字，或 null 表示已结束")
                else:
                    amount = None if value is None else Decimal(str(value))
                    values.append(DatedFigure(start, amount, clause))
            if [v.since for v in values] != sorted({v.since for v in values}):
                two.fault("values", "日期应由早到晚，不重复")
            if not values:
                two.fault("values", "不能为空")
            found[name] = ParameterHistory(description or "", unit or "", tuple(values))
        return found

    def _amount(self, reader: Reader, principal: str) -> AmountRule | None:
        one = self._below("amount")
        kind = one.take("kind", str)
        value: Expression | None = None
        if one.table.get("value") is not None:
            one.known.add("value")
            value = reader.expression(one.table["value"], one, "amount.value")
        else:
            one.take("value", object, required=False)
        per = one.take("per", str, required=False) or ""
        why = one.take("why", str, required=False) or ""
        words: list[DatedWords] = []
        for since, tree in (one.take("words", dict) or {}).items():
            two = Fields(tree, one.path, one.faults, f"amount.words.{since}")
            start, said = _day(since), _words(two, principal)
            if start is None:
                one.fault("words", f"{since} 应写成 YYYY-MM-DD")
            elif said is not None:
                words.append(DatedWords(start, said))
        one.done()
        if kind not in _KINDS:
            one.fault("kind", f"应为 {'、'.join(_KINDS)}")
            return None
        if kind == "ceiling" and not why:
            one.fault("why", "上限要说明为什么金额不固定")
        return AmountRule(kind, value, tuple(words), per, why)

    def _each(self, key: str, build: Any) -> list[Any]:
        one = self._one
        rows = one.take(key, list, required=False) or []
        built = [
            build(Fields(row, one.path, one.faults, f"{key}[{i}]")) for i, row in enumerate(rows)
        ]
        return [item for item in built if item is not None]

    def _exclusion(self, one: Fields) -> Exclusion | None:
        programmes = _texts(one, "programmes")
        words = _words(one, "", done=False)
        one.done()
        return Exclusion(programmes, words) if words and programmes else None

    def _alternative(self, one: Fields) -> Alternative | None:
        why, note = one.take("why", str), one.take("note", str)
        words = _words(one, "", done=False)
        one.done()
        if why is not None and why not in WHY_ELSEWHERE:
            one.fault("why", f"应为 {'、'.join(WHY_ELSEWHERE)}")
        return Alternative(words, why, note) if words and why and note else None

    def _guide(self, principal: str) -> dict[str, Words | None]:
        one = self._below("guide")
        found: dict[str, Words | None] = {}
        for name in GUIDE:
            if name not in one.table:
                one.fault(name, "缺少此键；来源未载明的写 null")
            row = one.take(name, dict, required=False)
            two = Fields(row, one.path, one.faults, f"guide.{name}") if row is not None else None
            found[name] = _words(two, principal) if two is not None else None
        one.done()
        return found

    def _cautions(self) -> tuple[str, ...]:
        found = []
        for key in _texts(self._one, "cautions"):
            if self._phrases is not None and f"cautions.{key}" in self._phrases:
                found.append(self._phrases(f"cautions.{key}"))
            else:
                self._one.fault("cautions", f"phrases.yml 中没有 cautions.{key}")
        return tuple(found)


def _words(fields: Fields, principal: str, *, done: bool = True) -> Words | None:
    words = fields.take("words", str)
    clause = fields.take("clause", str, required=not principal) or principal
    if done:
        fields.done()
    return Words(words, clause) if words else None


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    rows = fields.take(key, list, required=False) or []
    if not all(isinstance(row, str) and row.strip() for row in rows):
        fields.fault(key, "每一项都应为文本")
        return ()
    if len(set(rows)) != len(rows):
        fields.fault(key, "有重复")
    return tuple(rows)


def _day(text: str) -> date | None:
    if not DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

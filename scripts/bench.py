#!/usr/bin/env python3
"""``make bench``: speed and memory of our stack, each beside its baseline, in one run.

The baseline is a stock Rasa project (benchmarks/stock.py). Both stacks stay up
while they are measured, but only one is under load at a time, turn about, since
other programs on the machine make every single figure doubtful.

The exit code is 0 whatever the figures, 1 if something could not be measured.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
if str(_ROOT) not in sys.path:
    sys.path.insert(1, str(_ROOT))

import yaml  # noqa: E402
from benchmarks import load, search, stacks  # noqa: E402
from benchmarks.processes import MeasureError, resident, say  # noqa: E402
from benchmarks.report import Report, Row, spread  # noqa: E402
from benchmarks.stacks import Stack  # noqa: E402
from benchmarks.stock import StockProject, rasa_facts  # noqa: E402

from bot.policies.search import Mode  # noqa: E402

DEMAND = 3.0
"""Our throughput is to be at least this many times the stock project's."""

WARM_UP = 50
SENDERS = 20
CROWDS = (8, 16)

Start = Callable[[], contextlib.AbstractContextManager[Stack]]


@dataclass(frozen=True)
class Effort:
    """How long to measure: starts of each stack, rounds, turns a round, seconds of load."""

    starts: int
    rounds: int
    turns: int
    seconds: float
    factors: tuple[int, ...]


FULL = Effort(starts=3, rounds=3, turns=200, seconds=10.0, factors=search.FACTORS)
QUICK = Effort(starts=1, rounds=1, turns=40, seconds=3.0, factors=(1, 10))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description="测速度与内存，并与对照并列")
    parser.add_argument("--quick", action="store_true", help="各项都测得很短，只为试一试")
    parser.add_argument("--no-stock", action="store_true", help="不测对照项目")
    options = parser.parse_args(arguments)
    # Ended by either signal, everything is put away as after Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    effort = QUICK if options.quick else FULL
    kept = _ROOT / "var" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    lock = os.open(kept / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("另一个 make bench 正在运行，两个一起测都不准")
        return 1
    for left in kept.glob("run-*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    report = Report()
    try:
        # Beside the real data, so that the disk is the real one.
        with tempfile.TemporaryDirectory(prefix="run-", dir=kept) as folder:
            _measure(report, effort, Path(folder), kept, with_stock=not options.no_stock)
    except KeyboardInterrupt:
        say("已中断，临时数据已清除")
        return 130
    path = kept / ("quick.json" if options.quick else "bench.json")
    report.write(path)
    report.print()
    print(f"\n全部数字（含各轮）：{path.relative_to(_ROOT)}")
    return 1 if report.failures else 0


def _measure(report: Report, effort: Effort, folder: Path, kept: Path, *, with_stock: bool) -> None:
    project = None
    python = _ROOT / ".venv-rasa" / "bin" / "python"
    try:
        facts = rasa_facts(python)
        if with_stock:
            project = StockProject.prepare(kept / "stock", python, facts)
    except MeasureError as error:
        report.failures.append(str(error))
        facts = {}
    _describe(report, effort, facts, project)
    asked = search.questions(_ROOT)
    starters: dict[str, Start] = {"ours": lambda: stacks.ours(_ROOT, folder / "ours", asked)}
    if project is not None:
        trained = project
        starters["stock"] = lambda: stacks.stock(trained, folder / "stock")
    try:
        _starts(report, effort, starters)
        with contextlib.ExitStack() as stack:
            say("启动两边并预热 …")
            up = {side: stack.enter_context(start()) for side, start in starters.items()}
            _memory(report, up)
            _latency(report, effort, up)
            _throughput(report, effort, up)
    except MeasureError as error:
        report.failures.append(str(error))
    try:
        _search(report, effort, folder)
    except MeasureError as error:
        report.failures.append(str(error))
    report.facts["load_average_after"] = os.getloadavg()
    report.notes.append("退出码与数字好坏无关：都测到为 0，有一项没测到为 1。")


def _starts(report: Report, effort: Effort, starters: dict[str, Start]) -> None:
    ready: dict[str, list[float]] = {side: [] for side in starters}
    answered: dict[str, list[float]] = {side: [] for side in starters}
    first: dict[str, float] = {}
    for number in range(effort.starts + 1):
        for side, start in starters.items():
            say(f"启动 {number}/{effort.starts}：{side}（第 0 次不计）")
            with start() as stack:
                extra = asyncio.run(_first_answer(stack))
                if number:
                    ready[side].append(stack.ready_s)
                    answered[side].append(stack.ready_s + extra)
                else:
                    first[side] = stack.ready_s
    group = "启动（秒，第二次起，一切已就绪）"
    report.compare(
        group,
        "到就绪",
        ready,
        form=".1f",
        remark="wence run 到 /readyz 200（已试答一问）；对照 rasa run 到首个 200（模型已载入）",
    )
    report.compare(
        group, "到答出第一句", answered, form=".1f", remark="两边都经过 Rasa 与自定义动作"
    )
    report.raw[group]["第一次"] = first


async def _first_answer(stack: Stack) -> float:
    """Seconds of the first turn."""
    return (await load.one_by_one(stack, 1, 1, "first")).seconds


def _memory(report: Report, up: dict[str, Stack]) -> None:
    for stack in up.values():
        offered = len(set(stack.messages[:WARM_UP]))
        stack.messages = asyncio.run(load.warm_up(stack, WARM_UP))
        if stack is up["ours"]:
            report.notes.append(
                f"问策的问句取自 tests/eval 的前 {offered} 句，只用答出条款的 "
                f"{len(stack.messages)} 句；对照问 greet 的训练例句。"
            )
    used = {side: resident(stack.pids) for side, stack in up.items()}
    group = f"内存（RSS，MB，预热 {WARM_UP} 轮后）"
    sums = {side: [sum(parts.values())] for side, parts in used.items()}
    report.compare(group, "合计", sums, remark="对照：rasa + 动作服务")
    report.raw[group]["各进程"] = used
    mine, theirs = used["ours"], used.get("stock", {})
    for name, label, other in (
        ("守护进程", "supervisor", ""),
        ("Rasa", "rasa", "rasa"),
        ("服务（对照：动作服务）", "service", "actions"),
    ):
        baseline = f"{theirs[other]:.0f}" if other in theirs else "—"
        report.rows.append(Row(group, name, f"{mine[label]:.0f}", baseline))


def _latency(report: Report, effort: Effort, up: dict[str, Stack]) -> None:
    loads: dict[str, list[load.Load]] = {side: [] for side in up}
    for number in range(1, effort.rounds + 1):
        for side, stack in up.items():
            say(f"逐句 {number}/{effort.rounds}：{side}，{effort.turns} 句")
            work = load.one_by_one(stack, effort.turns, SENDERS, f"lat{number}")
            loads[side].append(asyncio.run(work))
    group = f"一问一答（毫秒，逐句，每轮 {effort.turns} 句，{SENDERS} 人轮流）"
    for share in (0.5, 0.95):
        figures = {
            side: [load.percentile(one.latencies, share) * 1000 for one in rounds]
            for side, rounds in loads.items()
        }
        report.compare(group, f"p{share * 100:.0f}", figures)


def _throughput(report: Report, effort: Effort, up: dict[str, Stack]) -> None:
    group = f"吞吐（句/秒，每轮 {effort.seconds:.0f} 秒）"
    loads: dict[tuple[str, int], list[load.Load]] = {(s, n): [] for s in up for n in CROWDS}
    for number in range(1, effort.rounds + 1):
        for crowd in CROWDS:
            for side, stack in up.items():
                say(f"吞吐 {number}/{effort.rounds}：{side}，{crowd} 人同时")
                tag = f"thr{number}-{crowd}"
                work = load.at_once(stack, crowd, effort.seconds, tag)
                loads[side, crowd].append(asyncio.run(work))
    worst = []
    for crowd in CROWDS:
        rates = {side: [one.rate for one in loads[side, crowd]] for side in up}
        name = f"{crowd} 人同时"
        better = report.compare(group, name, rates, form=".1f", smaller_is_better=False)
        report.raw[group][f"{name} p95（毫秒）"] = {
            side: [load.percentile(one.latencies, 0.95) * 1000 for one in loads[side, crowd]]
            for side in up
        }
        if better:
            worst.append(median(better))
    for name, label in (("其中 Rasa 进程", "rasa"), ("全部进程", None)):
        cost = {
            side: [one.cost(label) for crowd in CROWDS for one in loads[side, crowd]] for side in up
        }
        remark = "不随机器上的其他负载大变" if label else ""
        report.compare(group, f"每句处理器毫秒：{name}", cost, form=".1f", remark=remark)
    others = [one.others for rounds in loads.values() for one in rounds]
    report.raw[group]["其他程序占用的核"] = others
    report.notes.append(
        f"测吞吐时其他程序占用 {spread(others, '.2f')} 个核；超过约 0.2 时吞吐数字偏低，"
        "用到两个核的问策比只用一个核的对照受影响更大。"
    )
    if worst:
        verdict = "达到" if min(worst) >= DEMAND else "未达到"
        report.rows.append(
            Row(group, "要求", f"≥ {DEMAND:g}×", "", f"{min(worst):.1f}×", f"{verdict}（取较低者）")
        )
        report.raw[group]["要求"] = {"least": DEMAND, "ratios": worst, "met": verdict == "达到"}
    after = {side: resident(stack.pids) for side, stack in up.items()}
    report.raw[group]["之后的内存（MB）"] = after
    sums = "，".join(f"{up[side].name} {sum(parts.values()):.0f}" for side, parts in after.items())
    report.notes.append(f"吞吐测完后的内存合计（MB）：{sums}。")


def _search(report: Report, effort: Effort, folder: Path) -> None:
    names = {"lexical": "只按字词", "full": "字词和语义"}
    for mode in search.MODES:
        _search_by(report, effort, folder, mode, names[mode])


def _search_by(report: Report, effort: Effort, folder: Path, mode: Mode, name: str) -> None:
    sizes: list[dict[str, Any]] = []
    for factor in effort.factors:
        say(f"检索（{name}）：{factor} 倍条款，一个核")
        sizes.append(search.measure(_ROOT, folder, factor, mode))
    group = f"单独检索，{name}（一个核；对照为 1 倍条款）"
    report.raw[group] = sizes
    base = sizes[0]
    for size in sizes:
        factor = size["factor"]
        what = f"{size['clauses']} 条、{size['questions']} 问句"
        shown = f"{size['p50_ms']:.2f} / {size['p95_ms']:.2f}"
        told = {"remark": f"其中语义模型 {size['encoder_p50_ms']:.0f}"} if mode == "full" else {}
        if factor == 1:
            report.rows.append(Row(group, f"{what}：每问 p50 / p95 毫秒", shown, **told))
        else:
            grown = size["p50_ms"] / base["p50_ms"]
            kind = "低于线性" if grown < factor else "不低于线性"
            report.rows.append(
                Row(
                    *(group, f"{what}：每问 p50 / p95 毫秒", shown),
                    f"{base['p50_ms']:.2f} / {base['p95_ms']:.2f}",
                    remark=f"条款 {factor} 倍，用时 {grown:.1f} 倍：{kind}",
                )
            )
    for size in sizes:
        shown = f"{size['index_s']:.2f}"
        remark = f"之后第一问 {size['first_ms']:.0f} 毫秒；索引约 {size['rss_mb']:.0f} MB"
        report.rows.append(Row(group, f"{size['clauses']} 条：建索引 秒", shown, remark=remark))


def _describe(
    report: Report, effort: Effort, facts: dict[str, str], project: StockProject | None
) -> None:
    config = yaml.safe_load((_ROOT / "config.yml").read_text("utf-8"))
    mine = {
        part: [str(row["name"]).rsplit(".", 1)[-1] for row in config[part]]
        for part in ("pipeline", "policies")
    }
    cores = len(os.sched_getaffinity(0))
    report.facts = {
        "cores": cores,
        "machine": platform.machine(),
        "service_python": platform.python_version(),
        "rasa": {key: value for key, value in facts.items() if key != "folder"},
        "ours": mine,
        "effort": vars(effort),
        "load_average_before": os.getloadavg(),
    }
    versions = f"Rasa {facts.get('rasa')}，TensorFlow {facts.get('tensorflow')}"
    report.notes.append(
        f"{versions}，两边同一环境；{cores} 个核，由两边和出题的程序共用；"
        f"测前机器负载 {os.getloadavg()[0]:.1f}。"
    )
    report.notes.append(
        f"问策：{'、'.join(mine['pipeline'])}；策略 {'、'.join(mine['policies'])}；"
        "一个 Rasa 进程，经公开 HTTP 接口，含入库与检索。"
    )
    if project is not None:
        report.facts["stock"] = {
            "pipeline": project.pipeline,
            "policies": project.policies,
            "trained_s": project.trained_s,
        }
        report.notes.append(
            f"对照：rasa init 的项目，默认配置 {'、'.join(project.pipeline)}；"
            f"策略 {'、'.join(project.policies)}；greet 由规则接一个自定义动作，"
            "rasa run 与 rasa run actions 各一个进程，经 Rasa 自己的 REST 渠道，对话只在内存。"
        )
    report.notes.append(
        f"两边轮流受测（共 {effort.rounds} 轮），数字为各轮中位数（最小–最大）；"
        f"两边每段对话都是 {load.CONVERSATION} 轮。"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Parsing, and the one place where errors become exit codes."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from bot import logs
from bot.errors import KnowledgeError, SettingsError, WenceError
from bot.settings import Settings
from bot.signing import signing_key

__all__ = ["main"]

Command = Callable[[argparse.Namespace, Settings], int]


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import stack

    return stack.run(settings)


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import stack

    return stack.ask(settings, " ".join(arguments.question))


def _desk_add(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import desk

    secret = signing_key(settings.desk_secret, settings.var_dir)
    return desk.add_user(settings, secret, arguments.name, arguments.display, arguments.role)


def _desk_link(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import desk

    secret = signing_key(settings.desk_secret, settings.var_dir)
    return desk.new_link(settings, secret, arguments.name, reset_code=arguments.reset_code)


def _kb_proposals(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import desk

    return desk.write_proposals(settings)


def _simulate(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import simulate

    return simulate.simulate(settings, arguments.platform, arguments.user)


def _chat(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import stack

    return stack.chat(settings)


def _search(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import knowledge

    question = " ".join(arguments.question)
    return knowledge.search(settings, question, arguments.limit, arguments.json, arguments.mode)


def _match(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import matching

    if arguments.csv is not None:
        if arguments.out is None:
            sys.stderr.write("wence match --csv 需要 --out\n")
            return 2
        return matching.match_table(settings, arguments.csv, arguments.out)
    return matching.match_firm(settings, arguments.facts, arguments.json)


def _kb_export(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import knowledge

    return knowledge.export(settings, arguments.output)


def _kb_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import knowledge

    return knowledge.check_all(settings)


def _kb_vectors(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import knowledge

    return knowledge.write_vectors(settings)


def _kb_learn(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import knowledge

    return knowledge.write_classifier(settings)


def _kb_report(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import knowledge

    return knowledge.write_report(settings, check_only=arguments.check)


def _kb_import(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.importer import main as import_main

    return import_main(["--check"] if arguments.check else [])


def _settings(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import maintenance

    return maintenance.show_settings(settings)


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import maintenance

    return maintenance.backup(settings, arguments.file)


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import maintenance

    return maintenance.restore(settings, arguments.file, replace=arguments.replace)


_EVALUATED = (
    "questions",
    "bounds",
    "cases",
    "conversations",
    "hearing",
    "answers",
    "understanding",
)


def _eval(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.what == "retrieval":
        if arguments.corpus is None or arguments.queries is None:
            sys.stderr.write("wence eval retrieval 需要 --corpus 和 --queries\n")
            return 2
        from bot.cli.evaluation import retrieval

        return retrieval.run(
            settings, arguments.corpus, arguments.queries, encoder=not arguments.no_encoder
        )
    chosen = _EVALUATED if arguments.what == "all" else (arguments.what,)
    parts = [import_module(f"bot.cli.evaluation.{name}").run for name in chosen]
    return max(int(run(settings, arguments.split, arguments.failures)) for run in parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wence", description="问策：山西省惠企政策问答助手", add_help=True
    )
    groups = parser.add_subparsers(dest="command", metavar="命令", required=True)

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        sub = groups.add_parser(name, help=text, description=text)
        sub.set_defaults(run=command)
        return sub

    add("run", _run, "启动全部服务并看守；Ctrl-C 停止")
    ask = add("ask", _ask, "在终端问一个问题")
    ask.add_argument("question", nargs="+", metavar="问题")
    add("chat", _chat, "在终端对话")
    simulated = add("simulate", _simulate, "在终端里扮演企业微信、公众号或智能机器人的用户")
    simulated.add_argument("platform", choices=["wecom", "wechat", "aibot"], metavar="平台")
    simulated.add_argument("--user", default="li", metavar="用户")
    search = add("search", _search, "检索条款")
    search.add_argument("question", nargs="+", metavar="问题")
    search.add_argument("--limit", type=_limit, default=5, metavar="条数", help="1 到 50，默认 5")
    search.add_argument(
        "--mode", choices=["lexical", "full"], default="full", help="lexical 只按字词；默认 full"
    )
    search.add_argument("--json", action="store_true", help="每行一条 JSON")

    matching = add("match", _match, "一家企业，或一张表里的每家企业，能享受哪些事项")
    given = matching.add_mutually_exclusive_group(required=True)
    given.add_argument("--facts", metavar="JSON", help="事实，JSON 对象，或 @文件名")
    given.add_argument("--csv", type=Path, metavar="文件", help="一行一家企业，列为事实")
    matching.add_argument("--out", type=Path, metavar="文件", help="--csv 的结果写到哪里")
    matching.add_argument("--json", action="store_true", help="输出 JSON")

    kb = groups.add_parser("kb", help="知识库", description="知识库")
    kb_groups = kb.add_subparsers(dest="kb_command", metavar="命令", required=True)
    export = kb_groups.add_parser("export", help="导出全部条款")
    export.add_argument("--format", choices=["jsonl"], default="jsonl", help="每行一条 JSON")
    export.add_argument("--output", type=Path, default=None, metavar="文件", help="默认标准输出")
    export.set_defaults(run=_kb_export)
    check = kb_groups.add_parser("check", help="检查 policies_kb，逐一列出错误")
    check.set_defaults(run=_kb_check)
    vectors = kb_groups.add_parser("vectors", help="计算条款和问句的语义向量")
    vectors.set_defaults(run=_kb_vectors)
    learning = kb_groups.add_parser("learn", help="由整理的问句重新学习字词指向哪一条（约一分钟）")
    learning.set_defaults(run=_kb_learn)
    report = kb_groups.add_parser(
        "report", help="生成 docs/knowledge.md（文件、期限、存疑）和 docs/programmes.md（事项）"
    )
    report.add_argument("--check", action="store_true", help="只比较，不写入")
    report.set_defaults(run=_kb_report)
    importer = kb_groups.add_parser("import", help="由原文重新生成 policies_kb/documents")
    importer.add_argument("--check", action="store_true", help="只比较，不写入")
    importer.set_defaults(run=_kb_import)

    proposals = kb_groups.add_parser("proposals", help="写入坐席提出、编辑采纳的问句")
    proposals.set_defaults(run=_kb_proposals)

    desk = groups.add_parser("desk", help="坐席", description="坐席的用户")
    desk_groups = desk.add_subparsers(dest="desk_command", metavar="命令", required=True)
    user = desk_groups.add_parser("add-user", help="添加用户，给出设置密码的链接")
    user.add_argument("name", metavar="用户名")
    user.add_argument("--display", required=True, metavar="姓名")
    user.add_argument(
        "--role",
        default="operator",
        choices=["operator", "supervisor", "editor", "administrator"],
        metavar="角色",
        help="operator 坐席（默认）、supervisor 班长、editor 编辑、administrator 管理员",
    )
    user.set_defaults(run=_desk_add)
    link = desk_groups.add_parser("link", help="给用户一个新的设置密码的链接")
    link.add_argument("name", metavar="用户名")
    link.add_argument("--reset-code", action="store_true", help="同时重设动态验证码")
    link.set_defaults(run=_desk_link)

    add("settings", _settings, "列出全部设置及其来源")
    backup = add("backup", _backup, "备份数据库和设置")
    backup.add_argument("file", type=Path, nargs="?", default=None, metavar="文件")
    restore = add("restore", _restore, "由备份恢复")
    restore.add_argument("file", type=Path, metavar="文件")
    restore.add_argument("--replace", action="store_true", help="覆盖已有数据（先自动备份）")
    evaluate = add("eval", _eval, "用本项目的问题集评测答复质量")
    evaluate.add_argument("--split", choices=["dev", "test", "all"], default="dev", help="默认 dev")
    evaluate.add_argument(
        "what",
        nargs="?",
        default="questions",
        choices=[*_EVALUATED, "all", "retrieval"],
        help="questions：单句问答和检索（默认）；cases：一句话说明情况的判断；conversations：整场对话；"
        "bounds：收录范围内外；hearing：听懂企业自述；answers：听懂对提问的回答；understanding：意图和实体；all：以上全部；"
        "retrieval：在别的语料上只评测检索",
    )
    evaluate.add_argument("--corpus", type=Path, metavar="文件", help="每行 {id, text}")
    evaluate.add_argument("--queries", type=Path, metavar="文件", help="每行 {question, gold}")
    evaluate.add_argument("--no-encoder", action="store_true", help="不用语义模型")
    evaluate.add_argument("--failures", action="store_true", help="列出答错的问题")
    return parser


def _limit(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 50:
        raise argparse.ArgumentTypeError("应在 1 到 50 之间")
    return number


def _cannot_write(error: OSError) -> int:
    """One line for a full disk, a closed output, a folder that may not be written."""
    where = f" {error.filename}" if error.filename else ""
    sys.stderr.write(f"读写失败{where}：{error.strerror or error}\n")
    # The interpreter would try to write what is left at its end, and complain again.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``wence``.

    Returns:
        0 done; 1 it failed; 2 the call or a setting is wrong; 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows no Chinese
            stream.reconfigure(errors="replace")
    arguments = _parser().parse_args(argv)
    logs.configure("WARNING", sys.stderr)
    try:
        settings = Settings.load()
        command: Command = arguments.run
        code = command(arguments, settings)
        sys.stdout.flush()
        return code
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except KnowledgeError as error:
        print("知识库有误：", *error.faults, sep="\n", file=sys.stderr)
        return 1
    except WenceError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # `wence kb export | head`
        sys.stderr.close()
        return 0
    except OSError as error:
        return _cannot_write(error)
    except KeyboardInterrupt:
        return 130

"""``python3 scripts/setup.py``: which steps, in which order, and how errors are shown."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import time
from pathlib import Path
from typing import Callable, Sequence

from provision import model, stamps, web
from provision.console import SetupError, say
from provision.environments import RASA, SERVICE, Workshop, check_platform

__all__ = ["main"]

TARGETS = {
    "env": ("env",),
    "rasa": ("rasa",),
    "model": ("rasa", "model"),
    "web": ("web",),
    "all": ("env", "rasa", "model", "web"),
}
"""What is asked for, and the steps that it takes."""


def main(arguments: Sequence[str], root: Path | None = None) -> int:
    """Do the steps asked for; the exit code of the program."""
    parser = argparse.ArgumentParser(prog="setup.py", description="准备运行环境与模型")
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="env|rasa|model|web|all",
        help="env 服务环境；rasa Rasa 环境；model 模型（含 Rasa 环境）；web 网页；all 全部（默认）",
    )
    targets = parser.parse_args(arguments).targets or ["all"]
    for target in targets:
        if target not in TARGETS:
            parser.error("没有 %s 这一步，可用：%s" % (target, "、".join(TARGETS)))
    steps = [step for target in targets for step in TARGETS[target]]
    root = root or Path(__file__).resolve().parent.parent.parent
    started = time.monotonic()
    try:
        done = _all(root, steps)
    except SetupError as error:
        for line in error.tail:
            say("  │ " + line)
        where = "（详见 %s）" % os.path.relpath(str(error.log)) if error.log else ""
        say("✗ %s%s" % (error, where))
        return 1
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            say("✗ 磁盘空间不足，请清理后重试（约需 3 GB）")
        else:
            say("✗ %s：%s" % (error.filename or "准备环境", error.strerror))
        return 1
    except KeyboardInterrupt:
        say("✗ 已中断；下次会从未完成的一步重来")
        return 130
    if done:
        say("✓ 准备就绪，共 %.0f 秒" % (time.monotonic() - started))
    return 0


def _all(root: Path, steps: Sequence[str]) -> bool:
    """Do what is not yet done; True where anything was."""
    environ = dict(os.environ)
    if not _waiting(root, steps, environ):
        return False
    check_platform()

    def on_wait() -> None:
        say("另一个准备过程正在进行，等它结束 …")

    with stamps.locked(root / ".tools" / "setup.lock", on_wait) as lock:
        workshop = Workshop(root, lock, environ)
        work: dict[str, Callable[[], object]] = {
            "env": lambda: workshop.make(SERVICE),
            "rasa": lambda: workshop.make(RASA),
            "model": lambda: model.train(root, workshop.environ, lock),
            "web": lambda: web.build(workshop),
        }
        waiting = _waiting(root, steps, environ)
        for step in waiting:
            try:
                work[step]()
            except SetupError as error:
                # Without its pages the service still serves every other channel.
                if step != "web" or len(steps) == 1 or environ.get("CI"):
                    raise
                say("✗ %s" % error)
                say("  网页暂缺（/chat/、/desk/ 打不开），其余照常；修好后运行 make web")
    return bool(waiting)


def _waiting(root: Path, steps: Sequence[str], environ: dict[str, str]) -> list[str]:
    """The steps that are not up to date, each once, in the order they must be done."""
    workshop = Workshop(root, None, environ)
    stale: dict[str, Callable[[], bool]] = {
        "env": lambda: not workshop.current(SERVICE),
        "rasa": lambda: not workshop.current(RASA),
        "model": lambda: model.current(root) is None,
        "web": lambda: not web.current(root),
    }
    return [step for step in stale if step in steps and stale[step]()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

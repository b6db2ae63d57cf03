"""The importer from the command line: ``wence kb import``, ``python -m bot.importer``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.errors import KnowledgeError
from bot.importer.document import dump, import_source
from bot.importer.recipes import RECIPES

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parents[2] / "policies_kb"


def main(argv: Sequence[str] | None = None) -> int:
    """Make policies_kb/documents anew from policies_kb/sources.

    Args:
        argv: ``--check`` writes nothing and tells what differs; ``--root`` names
            another knowledge base. None: the arguments of the process.

    Returns:
        0 where all is well; 1 where a source has a fault, or with ``--check`` where a
        committed document is not what its source gives.
    """
    parser = argparse.ArgumentParser(prog="wence kb import", description="由来源文本生成文件条文")
    parser.add_argument("--check", action="store_true", help="只核对，不写入；有差异时退出码为 1")
    parser.add_argument("--root", type=Path, default=_ROOT, help="知识库目录（默认 policies_kb）")
    options = parser.parse_args(argv)
    failed = False
    for recipe in RECIPES:
        target = options.root / "documents" / f"{recipe.document}.yml"
        try:
            document = import_source(options.root / "sources" / f"{recipe.source}.txt", recipe)
        except KnowledgeError as error:
            sys.stderr.write(f"{error}\n")
            failed = True
            continue
        failed |= not _settle(target, dump(document).encode(), check=options.check)
    return 1 if failed else 0


def _settle(target: Path, content: bytes, *, check: bool) -> bool:
    """Write a document, or only compare it; whether it is now as it should be."""
    name = f"{target.parent.name}/{target.name}"
    before = target.read_bytes() if target.is_file() else None
    if before == content:
        sys.stdout.write(f"{name}: 与来源一致\n")
        return True
    if check:
        fault = (
            f"{name}: 文件不存在" if before is None else _first_difference(name, before, content)
        )
        sys.stderr.write(f"{fault}\n")
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    sys.stdout.write(f"{name}: 已写入\n")
    return True


def _first_difference(name: str, before: bytes, after: bytes) -> str:
    old, new = before.split(b"\n"), after.split(b"\n")
    pairs = zip(old, new, strict=False)
    shorter = min(len(old), len(new))
    line = next((i for i, (a, b) in enumerate(pairs, 1) if a != b), shorter + 1)
    return f"{name}:{line}: 与来源生成的内容不同"

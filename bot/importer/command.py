"""The importer from the command line: ``wence kb import``, ``python -m bot.importer``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.errors import KnowledgeError
from bot.importer.copies import find_copies
from bot.importer.document import dump_copies, dump_document, dump_layout
from bot.importer.library import Library, import_all

__all__ = ["differences", "main"]

_ROOT = Path(__file__).resolve().parents[2] / "policies_kb"


def main(argv: Sequence[str] | None = None) -> int:
    """Make documents, layouts and copies of a knowledge base anew from its sources.

    Args:
        argv: ``--check`` writes nothing and tells what differs; ``--root`` names
            another knowledge base. None: the arguments of the process.

    Returns:
        0 where all is well; 1 where a source has a fault, or with ``--check`` where a
        committed file is not what the sources give.
    """
    parser = argparse.ArgumentParser(prog="wence kb import", description="由来源文本生成文件条文")
    parser.add_argument("--check", action="store_true", help="只核对，不写入；有差异时退出码为 1")
    parser.add_argument("--root", type=Path, default=_ROOT, help="知识库目录（默认 policies_kb）")
    options = parser.parse_args(argv)
    root: Path = options.root
    try:
        library = import_all(root)
    except KnowledgeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    made = _made(library)
    found = _compare(root, made)
    if options.check:
        sys.stderr.write("".join(f"{fault}\n" for fault in found.values()))
    else:
        for name in found:
            _settle(root / name, name, made.get(name))
    if not found:
        documents, clauses = len(library.documents), len(library.clauses)
        sys.stdout.write(f"{documents} 份文件、{clauses} 条，与来源一致\n")
    return 1 if options.check and found else 0


def differences(root: Path) -> list[str]:
    """What of a knowledge base is not as its sources give it: ``file:line: key: what``.

    Raises:
        KnowledgeError: a source has a fault.
    """
    return list(_compare(root, _made(import_all(root))).values())


def _made(library: Library) -> dict[str, bytes]:
    """All generated files by name."""
    texts = {f"documents/{key}.yml": dump_document(d) for key, d in library.documents.items()}
    texts |= {f"layouts/{key}.yml": dump_layout(layout) for key, layout in library.layouts.items()}
    texts["copies.yml"] = dump_copies(find_copies(library.clauses))
    return {name: text.encode() for name, text in texts.items()}


def _compare(root: Path, made: dict[str, bytes]) -> dict[str, str]:
    """What is wrong with each generated file that is not as it should be."""
    found: dict[str, str] = {}
    for name, content in made.items():
        path = root / name
        before = path.read_bytes() if path.is_file() else None
        if before is None:
            found[name] = f"{name}:1: -: 文件不存在"
        elif before != content:
            line = _first_difference(before, content)
            found[name] = f"{name}:{line}: -: 与来源生成的内容不同"
    for folder in ("documents", "layouts"):
        for path in sorted((root / folder).glob("*.yml")):
            name = f"{folder}/{path.name}"
            if name not in made:
                found[name] = f"{name}:1: -: 来源中没有这份文件"
    return found


def _settle(target: Path, name: str, content: bytes | None) -> None:
    """Write a file, or remove one that the sources do not give."""
    if content is None:
        target.unlink()
        sys.stdout.write(f"{name}: 已删除，来源中没有这份文件\n")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    sys.stdout.write(f"{name}: 已写入\n")


def _first_difference(before: bytes, after: bytes) -> int:
    old, new = before.split(b"\n"), after.split(b"\n")
    pairs = zip(old, new, strict=False)
    shorter = min(len(old), len(new))
    return next((i for i, (a, b) in enumerate(pairs, 1) if a != b), shorter + 1)

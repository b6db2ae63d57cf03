"""A source and its recipe into a document, and the document into YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.errors import KnowledgeError
from bot.importer.accounting import account
from bot.importer.lines import Furniture, bare, split_lines, take_furniture
from bot.importer.recipes import Recipe
from bot.importer.structure import Block, read_blocks

__all__ = ["dump", "import_source", "normalise_doc_no"]

_HEADER = """\
# Made from sources/{source}.txt by `wence kb import`; do not edit.
# What the text does not say of itself (validity, misprints) stands in annotations/.
"""


def import_source(source_path: Path, recipe: Recipe) -> dict[str, Any]:
    """Read one source.

    Each clause holds ``text`` as issued: complete, on one line, without its number
    label (``8.`` becomes ``number: 8``), without page numbers, running headers, hard
    line breaks and layout blanks. What is no clause stands in ``matter``. ``lines``
    are the first and last line in the source, from 1.

    Args:
        source_path: the text, UTF-8.
        recipe: what is particular to it.

    Returns:
        the document, keys in the order in which they are written.

    Raises:
        KnowledgeError: the source cannot be read, or anything in it is not as the
            recipe says; each fault names file and line.
    """
    file = f"{source_path.parent.name}/{source_path.name}"
    source = _read(source_path, file)
    prose, furniture = take_furniture(split_lines(source), recipe.running_headers, file)
    blocks = read_blocks(prose, recipe, file)
    _check_front(blocks, recipe, file)
    document: dict[str, Any] = {
        "id": recipe.document,
        "doc_no": recipe.doc_no,
        "title": recipe.title,
        "issuer": recipe.issuer,
        "issued_on": recipe.issued_on,
        "source": recipe.source,
        "scope": recipe.scope,
        "parts": list(dict.fromkeys(b.headings["part"] for b in blocks if "part" in b.headings)),
        "clauses": [_clause(block, recipe) for block in blocks if block.kind == "clause"],
        "matter": _matter(blocks, furniture),
    }
    if differences := account(source, document):
        raise KnowledgeError([f"{file}: {difference}" for difference in differences])
    return document


def dump(document: dict[str, Any]) -> str:
    """The document as YAML, always the same for the same document.

    Block style, characters as they are, one line a text however long; dates and
    other texts that YAML would read as something else are quoted.
    """
    body = yaml.dump(
        document,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=float("inf"),
    )
    return _HEADER.format(source=document["source"]) + body


def normalise_doc_no(text: str) -> str:
    """文号 with full-width tortoise-shell brackets and no blanks.

    ``晋政办发[2022]34 号`` becomes ``晋政办发〔2022〕34号``.
    """
    return re.sub(r"[\[［【〔(（](20\d\d)[\]］】〕)）]", r"〔\1〕", bare(text))


def _read(path: Path, file: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise KnowledgeError([f"{file}:1: 无法读取（{error.strerror}）"]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise KnowledgeError([f"{file}:{line}: 不是 UTF-8 文本"]) from error


def _check_front(blocks: Sequence[Block], recipe: Recipe, file: str) -> None:
    """The recipe's particulars must be printed before the first clause."""
    front = [block for block in blocks if block.kind == "front"]
    printed = normalise_doc_no("".join(block.text for block in front))
    wanted = {"文号": recipe.doc_no, "标题": f"《{recipe.title}》", "发文机关": recipe.issuer}
    if recipe.issued_on is not None:
        year, month, day = (int(part) for part in recipe.issued_on.split("-"))
        wanted["印发日期"] = f"{year}年{month}月{day}日"
    last = front[-1].last if front else 1
    if faults := [
        f"{file}:{last}: 到此为止的文前内容中没有{name}“{words}”"
        for name, words in wanted.items()
        if words not in printed
    ]:
        raise KnowledgeError(faults)


def _clause(block: Block, recipe: Recipe) -> dict[str, Any]:
    return {
        "id": f"{recipe.document}.{block.number}",
        "number": block.number,
        "part": block.headings.get("part"),
        "section": block.headings.get("section"),
        "subsection": block.headings.get("subsection"),
        "text": block.text,
        "responsible": None,
        "lines": _Flow([block.first, block.last]),
    }


def _matter(blocks: Sequence[Block], furniture: Sequence[Furniture]) -> list[dict[str, Any]]:
    rows = [(b.kind, b.first, b.last, b.text) for b in blocks if b.kind != "clause"]
    rows += [("furniture", f.first, f.last, f.text) for f in furniture]
    return [
        {"kind": kind, "lines": _Flow([first, last]), "text": text}
        for kind, first, last, text in sorted(rows, key=lambda row: row[1])
    ]


class _Flow(list[int]):
    """A list that is written on one line: ``[40, 52]``."""


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key; no anchors for texts that recur."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent block lists, which PyYAML would leave at their key's column."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value in full wherever it stands."""
        return True


def _flow(dumper: yaml.SafeDumper, data: _Flow) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)


_Dumper.add_representer(_Flow, _flow)

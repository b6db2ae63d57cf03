"""Documents, layouts and copies as YAML, always the same for the same content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

__all__ = ["dump_copies", "dump_document", "dump_layout"]

_DOCUMENT = """\
# Made from {sources} by `wence kb import`; do not edit.
# What the text does not say of itself (validity, misprints) stands in annotations/.
"""
_LAYOUT = """\
# Made from sources/{source}.txt by `wence kb import`; do not edit.
# Everything the source prints, in its order: clauses by their id (their words stand in
# documents/), headings, front and closing, 文号, tables; and what the pages print in between.
"""
_COPIES = """\
# Made by `wence kb import`; do not edit. Which clauses print the same measure.
#
# same: the same words, but for punctuation. near: nearly. within: one holds most of the
# other. differs: figures in which they do not agree, as the first and the second print them.
"""


def dump_document(document: dict[str, Any]) -> str:
    """A document as YAML.

    Block style, characters as they are, one line a text however long; dates and
    other texts that YAML would read as something else are quoted.
    """
    names = sorted({clause["source"] for clause in document["clauses"]})
    sources = "、".join(f"sources/{name}.txt" for name in names) or "the tables of the sources"
    return _DOCUMENT.format(sources=sources) + _dump(document)


def dump_layout(layout: dict[str, Any]) -> str:
    """A source's layout as YAML, one line an entry."""
    rows = {
        **layout,
        "order": [_Row(entry) for entry in layout["order"]],
        "furniture": [_Row(entry) for entry in layout["furniture"]],
    }
    return _LAYOUT.format(source=layout["source"]) + _dump(rows)


def dump_copies(pairs: Sequence[dict[str, Any]]) -> str:
    """The pairs of copies as YAML, one line a pair."""
    return _COPIES + _dump({"copies": [_Row(pair) for pair in pairs]})


def _dump(data: Any) -> str:
    text: str = yaml.dump(
        data,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=float("inf"),
    )
    return text


class _Row(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key; no anchors for texts that recur."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent block lists, which PyYAML would leave at their key's column."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value in full wherever it stands."""
        return True


def _list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    # Lines and names on one line, [40, 52]; what holds mappings one below the other.
    flat = not any(isinstance(item, dict) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


def _row(dumper: yaml.SafeDumper, data: _Row) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


_Dumper.add_representer(list, _list)
_Dumper.add_representer(_Row, _row)

"""YAML with line numbers: duplicate keys are faults, dates are strings.

A knowledge base that is edited by hand must say where a fault is. Mappings are
:class:`Table`, lists are plain lists; a scalar that YAML would turn into a date
stays text and is reported, since an unquoted date depends on the parser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

__all__ = ["Faults", "Table", "load_yaml"]

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Table(dict[str, Any]):
    """A mapping that remembers the line (from 1) of each key and its own."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line of a key; the table's own where the key is absent."""
        return self.lines.get(key, self.line)


class Faults(list[str]):
    """Faults found so far, one line each: ``file:line: key: what is wrong``."""

    def add(self, path: Path, line: int, key: str, message: str) -> None:
        """Record a fault."""
        self.append(f"{path.parent.name}/{path.name}:{line}: {key}: {message}")


def load_yaml(path: Path, faults: Faults) -> Any:
    """The content of a file; None (and a fault) where it cannot be read as YAML."""
    try:
        node = yaml.compose(path.read_bytes(), Loader=_Loader)
    except OSError as error:
        faults.add(path, 0, "-", f"无法读取（{error.strerror}）")
        return None
    except UnicodeDecodeError:
        faults.add(path, 0, "-", "不是 UTF-8 文本")
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "语法错误"
        faults.add(path, mark.line + 1 if mark else 0, "-", f"YAML 语法错误：{problem}")
        return None
    return _build(node, path, faults, "") if node is not None else None


def _build(node: yaml.Node, path: Path, faults: Faults, where: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        table = Table(node.start_mark.line + 1)
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            place = f"{where}.{key}" if where else key
            if key in table:
                faults.add(path, line, place, f"重复的键，已见于第 {table.lines[key]} 行")
                continue
            table[key] = _build(value_node, path, faults, place)
            table.lines[key] = line
        return table
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, path, faults, f"{where}[{i}]") for i, item in enumerate(node.value)]
    return _scalar(node, path, faults, where)


def _scalar(node: yaml.Node, path: Path, faults: Faults, where: str) -> Any:
    tag = node.tag.rsplit(":", 1)[-1]
    text: str = node.value
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in {"true", "yes", "on"}
    if tag == "int" and text.lstrip("+-").isdigit():
        return int(text)
    if tag == "float":
        try:
            return float(text)
        except ValueError:
            return text
    if tag == "timestamp":
        faults.add(path, node.start_mark.line + 1, where, "日期须加引号写成文本")
    return text

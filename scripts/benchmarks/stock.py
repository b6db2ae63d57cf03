"""The stock project: what ``rasa init --no-prompt`` makes, with one custom action on ``greet``.

Pipeline and policies are Rasa's defaults (DIET, ResponseSelector, TED, UnexpecTED …):
the config.yml of ``rasa init`` names none. Trained once and kept under var/bench/stock.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.processes import MeasureError, running, say

__all__ = ["GREETINGS", "RASA_VARIABLES", "SENTENCE", "StockProject", "rasa_facts"]

GREETINGS = ("hello", "hi", "hey", "good morning", "good evening", "hey there", "let's go")
"""Training examples of ``greet``: each gets the action."""

SENTENCE = "Hello from the action server."
"""What the action says (stock_project/actions.py)."""

RASA_VARIABLES = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}

_HERE = Path(__file__).resolve().parent
_RULE = """
- rule: Run the action whenever the user greets
  steps:
  - intent: greet
  - action: action_hello
"""
_FACTS = """
import importlib.metadata as m, importlib.util as u, json, os, sys
print(json.dumps({
    "rasa": m.version("rasa"),
    "tensorflow": next(m.version(n) for n in ("tensorflow-cpu", "tensorflow") if u.find_spec(
        "tensorflow") and any(d.metadata["Name"] == n for d in m.distributions())),
    "python": sys.version.split()[0],
    "folder": os.path.dirname(u.find_spec("rasa").origin)}))
"""


def rasa_facts(python: Path) -> dict[str, str]:
    """``rasa``, ``tensorflow`` and ``python`` versions, and the ``folder`` Rasa is installed in.

    Raises:
        MeasureError: the environment is missing or broken.
    """
    try:
        done = subprocess.run(
            [str(python), "-c", _FACTS], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MeasureError(f"Rasa 环境不可用（{python}），请先运行 make setup") from error
    facts: dict[str, str] = json.loads(done.stdout)
    return facts


@dataclass(frozen=True)
class StockProject:
    """A trained stock project.

    Attributes:
        root: its folder.
        python: the interpreter it was trained with.
        pipeline, policies: component names, as Rasa's defaults filled them in.
        trained_s: seconds of the training, whenever that was.
    """

    root: Path
    python: Path
    pipeline: tuple[str, ...]
    policies: tuple[str, ...]
    trained_s: float

    @classmethod
    def prepare(cls, root: Path, python: Path, facts: dict[str, str]) -> StockProject:
        """The project at ``root``, made and trained where that is not done yet.

        Raises:
            MeasureError: training failed.
        """
        template = Path(facts["folder"]) / "cli" / "initial_project"
        digest = hashlib.sha256(f"{facts['rasa']} {facts['tensorflow']} {_RULE}".encode())
        for path in sorted([*template.rglob("*.yml"), _HERE / "stock_project" / "actions.py"]):
            digest.update(path.read_bytes())
        mark = digest.hexdigest()
        stamp = root / "trained.json"
        try:
            done: dict[str, Any] = json.loads(stamp.read_text("utf-8"))
        except (OSError, ValueError):
            done = {}
        if done.get("mark") != mark:
            part = root.with_name(root.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            _write(template, part)
            done = {"mark": mark, "trained_s": _train(part, python)}
            (part / stamp.name).write_text(json.dumps(done), "utf-8")
            shutil.rmtree(root, ignore_errors=True)
            part.rename(root)
        pipeline, policies = _components((root / "config.yml").read_text("utf-8"))
        return cls(root, python, pipeline, policies, done["trained_s"])

    @property
    def model(self) -> Path:
        """The trained model."""
        return self.root / "models" / "stock.tar.gz"


def _write(template: Path, folder: Path) -> None:
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_HERE / "stock_project" / "actions.py", folder / "actions" / "actions.py")
    domain = yaml.safe_load((folder / "domain.yml").read_text("utf-8"))
    domain["actions"] = ["action_hello"]
    (folder / "domain.yml").write_text(yaml.safe_dump(domain, allow_unicode=True), "utf-8")
    with (folder / "data" / "rules.yml").open("a", encoding="utf-8") as rules:
        rules.write(_RULE)
    # A story that greets otherwise would contradict the rule, and training would stop.
    stories = folder / "data" / "stories.yml"
    text = stories.read_text("utf-8").replace("action: utter_greet", "action: action_hello")
    stories.write_text(text, "utf-8")


def _train(folder: Path, python: Path) -> float:
    say("训练对照项目（rasa init 的默认配置，只需一次，约一两分钟）…")
    started = time.monotonic()
    log = folder / "train.log"
    command = [str(python), "-m", "rasa", "train", "--fixed-model-name", "stock"]
    with running(command, log, cwd=folder, env={**os.environ, **RASA_VARIABLES}) as process:
        code = process.wait()
    seconds = time.monotonic() - started
    if code != 0 or not (folder / "models" / "stock.tar.gz").is_file():
        for line in log.read_text("utf-8", "replace").splitlines()[-15:]:
            say(f"  │ {line}")
        raise MeasureError(f"对照项目训练失败（代码 {code}）")
    say(f"对照项目已训练（{seconds:.0f} 秒）")
    return round(seconds, 1)


def _components(config: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Pipeline and policies; Rasa writes its defaults into config.yml as comments."""
    pipeline, _, policies = config.partition("policies:")
    name = re.compile(r"^#?\s*- name: (\w+)", re.MULTILINE)
    return tuple(name.findall(pipeline)), tuple(name.findall(policies))

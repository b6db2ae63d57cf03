"""The trained model: named by a fingerprint of all that goes into it."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path
from typing import Iterator

from provision import stamps
from provision.console import SetupError, run

__all__ = ["INPUTS", "RASA_VARIABLES", "current", "fingerprint", "inputs", "train"]

INPUTS = (
    "config.yml",
    "domain.yml",
    "data",
    "policies_kb/glossary.yml",
    "bot/rasa",
    "bot/policies/query",
    "requirements/rasa.txt",
)
"""Files, and folders with all below, that the model is made from."""

KEPT = 2
"""Models kept: today's and the one before it."""

ATTEMPTS = 3

RASA_VARIABLES = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # Rasa's cache does not see an edited dictionary or helper module.
    "RASA_MAX_CACHE_SIZE": "0",
    # endpoints.yml and credentials.yml name these; training uses neither.
    "WENCE_ACTIONS_URL": "http://127.0.0.1:1/webhook",
    "WENCE_TRACKER_URL": "sqlite://",
    "WENCE_INTERNAL_TOKEN": "unused",
}


def inputs(root: Path) -> Iterator[Path]:
    """Every file the model is made from, in a fixed order.

    Raises:
        SetupError: an input is missing.
    """
    for name in INPUTS:
        path = root / name
        if path.is_file():
            yield path
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not _passing(file.relative_to(root)):
                    yield file
        else:
            raise SetupError("缺少 %s，无法训练模型" % name)


def _passing(path: Path) -> bool:
    """Caches and what editors leave behind are no input."""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    return hidden or path.name.endswith(("~", ".pyc", ".swp", ".orig"))


def fingerprint(root: Path) -> str:
    """Sixteen hexadecimal digits over names and contents of all inputs."""
    parts: list[str | Path] = []
    for path in inputs(root):
        parts += [path.relative_to(root).as_posix(), path]
    return stamps.digest(*parts)[:16]


def _path(root: Path, mark: str) -> Path:
    return root / "models" / ("wence-%s.tar.gz" % mark)


def current(root: Path) -> Path | None:
    """Today's model, or None where it must be trained.

    The newest file in ``models/`` is the one that is served, so a model that
    becomes current again (a change was taken back) is made the newest.
    """
    model = _path(root, fingerprint(root))
    if not model.is_file():
        return None
    if _newest_first(root)[0] != model:
        os.utime(str(model))
    return model


def _newest_first(root: Path) -> list[Path]:
    found = (root / "models").glob("wence-*.tar.gz")
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def train(root: Path, environ: dict[str, str], lock: int | None) -> Path:
    """Train the model under a temporary name, then give it its own.

    Returns:
        The model.

    Raises:
        SetupError: training failed, or the inputs changed at each attempt.
    """
    for _ in range(ATTEMPTS):
        mark = fingerprint(root)
        part = root / "models" / ".part"
        shutil.rmtree(str(part), ignore_errors=True)
        part.mkdir(parents=True)
        name = _path(root, mark).name[: -len(".tar.gz")]
        python = str(root / ".venv-rasa" / "bin" / "python")
        command = [python, "-m", "rasa", "train", "--config", "config.yml"]
        command += ["--domain", "domain.yml", "--data", "data"]
        command += ["--fixed-model-name", name, "--out", str(part)]
        env = dict(environ, PYTHONPATH=str(root), **RASA_VARIABLES)
        log = root / "var" / "log" / "setup-model.log"
        held = () if lock is None else (lock,)
        run("训练模型", command, log, cwd=root, env=env, keep_open=held)
        made = part / (name + ".tar.gz")
        if not made.is_file() or not tarfile.is_tarfile(str(made)):
            raise SetupError("训练结束却没有得到模型", log=log)
        if fingerprint(root) != mark:
            continue  # edited meanwhile: which state it learnt cannot be known
        model = _path(root, mark)
        os.replace(str(made), str(model))
        shutil.rmtree(str(part))
        for old in _newest_first(root)[KEPT:]:
            old.unlink()
        return model
    raise SetupError("训练期间数据一直在变，请改完后重试")

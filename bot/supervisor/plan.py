"""What is started: the two programs, their commands and their environment."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import SettingsError
from bot.settings import Settings
from bot.supervisor.ports import free_port

__all__ = [
    "RASA_VARIABLES",
    "Part",
    "Plan",
    "make_plan",
    "model_in_use",
    "newest_model",
    "rasa_python",
]

RASA_VARIABLES = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}

_TOKEN = "WENCE_INTERNAL_TOKEN"

# Where several turns are under way, numpy's threads wait for one another and for a core that
# another program holds: ten people at once are answered a fifth faster without them.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Part:
    """One child.

    Attributes:
        name: of its log file.
        title: what a person reads.
        command: program and arguments.
        environment: all of it.
        health: URL that answers 200 when the child is ready.
        headers: sent with the question.
    """

    name: str
    title: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    health: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Plan:
    """All children in the order they are stopped, and where they will be."""

    parts: tuple[Part, ...]
    address: str
    rasa_url: str
    actions_url: str


def make_plan(settings: Settings) -> Plan:
    """Decide ports and token, and find model and interpreter.

    Raises:
        SettingsError: the model or Rasa's environment is missing.
    """
    actions_port = settings.actions_port or free_port(other_than=settings.port)
    actions_url = f"http://127.0.0.1:{actions_port}/webhook"
    rasa_url = ",".join(settings.rasa_urls)
    token = settings.internal_token
    if token is None and not rasa_url:  # a Rasa of someone else's would not know it
        token = secrets.token_urlsafe(32)
    base = {**_ONE_THREAD, **os.environ, "PYTHONUNBUFFERED": "1"}
    parts = []
    if token is not None:
        base[_TOKEN] = token
    if not rasa_url:
        port = free_port(other_than=actions_port)
        rasa_url = f"http://127.0.0.1:{port}"
        environment = {
            # Of our own variables none but these: no secret it has no use for.
            **{k: v for k, v in base.items() if not k.startswith("WENCE_") or k == _TOKEN},
            **RASA_VARIABLES,
            "PYTHONPATH": str(settings.root),
            # Below INFO Rasa writes people's messages to its log.
            "LOG_LEVEL": "INFO" if settings.log_level == "DEBUG" else settings.log_level,
            "WENCE_ACTIONS_URL": actions_url,
            "WENCE_TRACKER_URL": settings.tracker_url,
            "WENCE_TRACKER_SCHEMA": settings.tracker_schema,
        }
        command = _rasa_command(settings, port)
        health = f"{rasa_url}/webhooks/turn/health"
        headers = {"Authorization": f"Bearer {token}"}
        parts.append(Part("rasa", "Rasa", command, environment, health, headers))
    environment = {
        **base,
        "WENCE_HOST": settings.host,
        "WENCE_PORT": str(settings.port),
        "WENCE_VAR_DIR": str(settings.var_dir),
        "WENCE_DATABASE_URL": settings.database_url,
        "WENCE_LOG_LEVEL": settings.log_level,
        "WENCE_CHANNELS": str(int(settings.channels)),
        "WENCE_RASA_URL": rasa_url,
        "WENCE_ACTIONS_PORT": str(actions_port),
    }
    command = (sys.executable, "-m", "bot.app")
    health = f"{settings.address}/readyz"
    # The service is stopped first: a turn under way still needs Rasa.
    parts.insert(0, Part("service", "服务", command, environment, health))
    return Plan(tuple(parts), settings.address, rasa_url, actions_url)


def _rasa_command(settings: Settings, port: int) -> tuple[str, ...]:
    python, model = rasa_python(settings), model_in_use(settings)
    return (
        *(str(python), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port)),
        *("--model", str(model)),
        *("--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
    )


def rasa_python(settings: Settings) -> Path:
    """Rasa's interpreter.

    Raises:
        SettingsError: its environment is missing.
    """
    python = settings.root / ".venv-rasa" / "bin" / "python"
    if not python.exists():
        raise SettingsError("缺少 Rasa 环境（.venv-rasa），请先运行 make setup")
    return python


def model_in_use(settings: Settings) -> Path:
    """The model that is configured, else the newest.

    Raises:
        SettingsError: there is none.
    """
    if settings.model is None:
        model = newest_model(settings.root / "models")
        if model is None:
            raise SettingsError("models/ 下没有模型，请先运行 make setup")
        return model
    if not settings.model.is_file():
        raise SettingsError(f"设置 WENCE_MODEL 指定的模型不存在：{settings.model}")
    return settings.model


def newest_model(folder: Path) -> Path | None:
    """The model that set-up made or confirmed last."""
    found = [path for path in folder.glob("wence-*.tar.gz") if path.is_file()]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)

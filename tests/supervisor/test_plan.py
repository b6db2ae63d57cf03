"""What is started, with which environment; and the children's logs."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.supervisor.logfile import LogFile
from bot.supervisor.plan import Plan, make_plan, newest_model
from tests.supervisor.stack import make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    python = tmp_path / ".venv-rasa" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "wence-1.tar.gz").touch()
    return replace(make_settings(tmp_path), root=tmp_path)


def environment(plan: Plan, name: str) -> dict[str, str]:
    return dict(next(part.environment for part in plan.parts if part.name == name))


def test_both_parts_agree_on_ports_and_token(settings: Settings) -> None:
    plan = make_plan(settings)
    service, rasa = environment(plan, "service"), environment(plan, "rasa")
    assert [part.name for part in plan.parts] == ["service", "rasa"]
    assert service["WENCE_RASA_URL"] == plan.rasa_url
    assert rasa["WENCE_ACTIONS_URL"] == plan.actions_url
    assert plan.actions_url == f"http://127.0.0.1:{service['WENCE_ACTIONS_PORT']}/webhook"
    assert len(service["WENCE_INTERNAL_TOKEN"]) >= 32
    assert service["WENCE_INTERNAL_TOKEN"] == rasa["WENCE_INTERNAL_TOKEN"]
    assert make_plan(settings).parts[0].environment["WENCE_INTERNAL_TOKEN"] not in rasa.values()
    assert rasa["PYTHONPATH"] == str(settings.root)
    assert rasa["WENCE_TRACKER_URL"] == settings.tracker_url
    assert rasa["RASA_TELEMETRY_ENABLED"] == "false"


def test_rasa_listens_on_loopback_and_knows_no_other_secret(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENCE_REST_TOKEN", "secret")
    plan = make_plan(settings)
    rasa = plan.parts[1]
    assert rasa.command[rasa.command.index("-i") + 1] == "127.0.0.1"
    assert "WENCE_REST_TOKEN" not in rasa.environment
    assert rasa.environment["WENCE_TRACKER_SCHEMA"] == settings.tracker_schema
    assert environment(plan, "service")["WENCE_REST_TOKEN"] == "secret"


def test_numpy_runs_on_one_thread_unless_somebody_says_otherwise(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    for part in make_plan(settings).parts:
        assert part.environment["OPENBLAS_NUM_THREADS"] == "1"
        assert part.environment["OMP_NUM_THREADS"] == "4"


def test_secrets_do_not_show_in_a_part(settings: Settings) -> None:
    plan = make_plan(settings)
    assert plan.parts[0].environment["WENCE_INTERNAL_TOKEN"] not in repr(plan)


def test_rasa_never_logs_below_info(settings: Settings) -> None:
    plan = make_plan(replace(settings, log_level="DEBUG"))
    assert environment(plan, "rasa")["LOG_LEVEL"] == "INFO"
    assert environment(plan, "service")["WENCE_LOG_LEVEL"] == "DEBUG"


def test_a_rasa_elsewhere_is_not_started(settings: Settings) -> None:
    plan = make_plan(replace(settings, rasa_urls=("http://a:1", "http://b:2")))
    assert [part.name for part in plan.parts] == ["service"]
    assert environment(plan, "service")["WENCE_RASA_URL"] == "http://a:1,http://b:2"


def test_the_newest_model_is_served(tmp_path: Path) -> None:
    assert newest_model(tmp_path) is None
    for age, name in enumerate(("wence-b.tar.gz", "wence-a.tar.gz", "wence-c.tar.gz")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / "other.tar.gz").touch()
    assert newest_model(tmp_path) == tmp_path / "wence-b.tar.gz"


def test_tail_is_of_this_life_only(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log" / "x.log")
    with log.open() as sink:
        sink.write(b"first life\n")
    with log.open() as sink:
        assert log.tail(5) == []
        sink.write("一\n\n二\n三\n".encode())
    assert log.tail(2) == ["二", "三"]


def test_rotation_keeps_three(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    log = LogFile(path, largest=4)
    for life in ("aaaa", "bbbb", "cc", "dd", "eeee"):
        with log.open() as sink:
            sink.write(life.encode())
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found == {"x.log": "eeee", "x.log.1": "ccdd", "x.log.2": "bbbb"}

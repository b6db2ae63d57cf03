"""Settings: sources, defaults, refusals that name the variable, masked secrets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import VARIABLES, Settings, mask_url, project_root


def load(tmp_path: Path, text: str = "", **environ: str) -> Settings:
    env_file = tmp_path / ".env"
    env_file.write_text(text, "utf-8")
    return Settings.load(environ, env_file)


def test_defaults_bind_to_loopback(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.loopback
    assert settings.address == "http://127.0.0.1:8080"
    assert settings.database_url == f"sqlite:///{project_root() / 'var' / 'wence.db'}"
    assert settings.tracker_url.endswith("/var/wence.rasa.db")


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, "WENCE_PORT=9000\nWENCE_TODAY=2022-12-31\n", WENCE_PORT="9001")
    assert settings.port == 9001
    assert settings.as_of() == date(2022, 12, 31)
    assert settings.sources["WENCE_PORT"] == "环境变量"
    assert settings.sources["WENCE_TODAY"] == ".env 文件"
    assert settings.sources["WENCE_HOST"] == "默认"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WENCE_PORT", "http"),
        ("WENCE_PORT", "65536"),
        ("WENCE_PORT", "-1"),
        ("WENCE_TODAY", "2022-02-30"),
        ("WENCE_TODAY", "2022/01/01"),
        ("WENCE_HOST", "a b"),
        ("WENCE_DATABASE_URL", "mysql://localhost/x"),
        ("WENCE_RASA_URL", "localhost:5005"),
        ("WENCE_RASA_URL", "http://h:abc"),
        ("WENCE_RASA_URL", "http://user:secret@h:1"),
        ("WENCE_DATABASE_URL", "postgresql://u:p@h:99999/db"),
        ("WENCE_DATABASE_URL", "postgresql://u:p@h:abc/db"),
        ("WENCE_DATABASE_URL", "postgresql://localhost"),
        ("WENCE_DATABASE_URL", "sqlite://"),
        ("WENCE_REST_TOKEN", "   "),
        ("WENCE_TURN_TIMEOUT", "soon"),
        ("WENCE_METRICS_PUBLIC", "maybe"),
        ("WENCE_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_malformed_value_is_refused_by_name(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load(tmp_path, **{variable: value})


def test_secrets_never_show(tmp_path: Path) -> None:
    secret = "s3cr3t-value"
    settings = load(
        tmp_path,
        WENCE_REST_TOKEN=secret,
        WENCE_INTERNAL_TOKEN=secret,
        WENCE_DATABASE_URL=f"postgresql://wence:{secret}@db.example:5432/wence",
    )
    shown = "\n".join("|".join(row) for row in settings.show())
    assert secret not in shown
    assert "postgresql://wence:******@db.example:5432/wence" in shown


def test_every_setting_is_shown_and_documented(tmp_path: Path) -> None:
    rows = {row[0]: row for row in load(tmp_path).show()}
    readme = (project_root() / "README.zh-CN.md").read_text("utf-8")
    for setting in VARIABLES:
        assert rows[setting.name][3]
        assert setting.name in readme, f"{setting.name} is not in README.zh-CN.md"


def test_masking_keeps_a_url_without_a_password() -> None:
    assert mask_url("postgresql://localhost/wence") == "postgresql://localhost/wence"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("db", False)],
)
def test_loopback(tmp_path: Path, host: str, loopback: bool) -> None:
    assert load(tmp_path, WENCE_HOST=host).loopback is loopback

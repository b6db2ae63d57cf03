"""Rasa 3.6.21's own client against the action endpoint: the protocol between the two."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot import app as service
from bot.settings import project_root
from tests.support.service import service_settings, share_knowledge

TOKEN = "contract-token"


@pytest_asyncio.fixture
async def actions_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    share_knowledge(monkeypatch)
    settings = service_settings(tmp_path, "http://127.0.0.1:9", internal_token=TOKEN)
    async with service.serve(settings) as (_, port):
        yield f"http://127.0.0.1:{port}/webhook"


async def call(url: str, *arguments: str, token: str = TOKEN) -> dict[str, Any]:
    root = project_root()
    process = await asyncio.create_subprocess_exec(
        str(root / ".venv-rasa" / "bin" / "python"),
        "tests/rasa/remote_action.py",
        url,
        token,
        *arguments,
        cwd=root,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(root),
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-1500:]
    return dict(json.loads(out.decode().strip().splitlines()[-1]))


async def test_an_action_runs_as_rasa_calls_it(actions_url: str) -> None:
    result = await call(actions_url, "action_answer", "扩岗补助多少钱", "ask_amount")
    kinds = [event["event"] for event in result["events"]]
    assert kinds[0] == "bot"
    assert "1500元" in result["events"][0]["text"]
    assert result["events"][0]["data"]["custom"]["type"] == "policy_answer"
    slots = {e["name"]: e["value"] for e in result["events"] if e["event"] == "slot"}
    assert slots["clause_id"] == "jzbf-2023-56.27"


@pytest.mark.parametrize("wrong", ["action", "token"])
async def test_a_failed_call_is_an_error_to_rasa(actions_url: str, wrong: str) -> None:
    action = "action_nowhere" if wrong == "action" else "action_answer"
    token = "other" if wrong == "token" else TOKEN
    result = await call(actions_url, action, "x", "ask_amount", token=token)
    assert "error" in result


async def test_malformed_calls_are_refused(actions_url: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(headers=headers))
        for body, status in ((b"", 400), (b"[1]", 400), (b"\xff", 400)):
            async with session.post(actions_url, data=body) as response:
                assert response.status == status
        async with session.get(actions_url.replace("/webhook", "/health")) as response:
            assert response.status == 200

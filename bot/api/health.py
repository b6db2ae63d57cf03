"""Is the process alive, does a question get a real answer, and the numbers for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.api.http import Operation, json_response
from bot.api.models import ErrorDetail, Health, Readiness
from bot.conversations import RasaClient
from bot.errors import WenceError
from bot.knowledge import Knowledge
from bot.logs import get_logger
from bot.storage.engine import Database

__all__ = ["HealthApi"]

log = get_logger(__name__)

_INTERVAL = 1.0  # seconds between looks at the parts
_PROBE = "稳岗返还"  # a question the base answers; asked once whenever Rasa comes up


class HealthApi:
    """``/healthz``, ``/readyz`` and the metrics.

    Ready means that a real question went through Rasa, the action and the search
    since Rasa last came up, and that Rasa and the database are there now.
    """

    def __init__(
        self,
        database: Database,
        rasa: RasaClient,
        knowledge: Knowledge,
        today: Callable[[], date],
        registry: CollectorRegistry,
        version: str,
        channels: Mapping[str, Callable[[], str | None]] | None = None,
    ) -> None:
        """Args:
        channels: by channel, what is wrong with its set-up or clock. It is told beside the
            checks and makes nothing unready: the other channels serve.
        """
        self._channels = channels or {}
        self._database, self._rasa, self._knowledge = database, rasa, knowledge
        self._today = today
        self._registry, self._version = registry, version
        self._rasa_fault: str | None = "Rasa 正在启动"
        self._database_fault: str | None = None
        self._probes = 0
        self._ready = Gauge("wence_ready", "1 while questions get answers", registry=registry)

    def operations(self) -> list[Operation]:
        """The routes on the public port."""
        return [
            Operation("GET", "/healthz", self.healthz, "进程是否存活", Health),
            Operation("GET", "/readyz", self.readyz, "能否作答", Readiness, errors=(503,)),
        ]

    async def watch(self) -> None:
        """Look at the parts for ever; cancel to end."""
        while True:
            try:
                await self._look()
            except Exception as error:  # whatever it is, the looking goes on
                self._rasa_fault = "状态检查出错"
                log.error("health_check_failed", exc_info=error)
            await asyncio.sleep(_INTERVAL)

    async def _look(self) -> None:
        try:
            await self._database.ping()
            self._database_fault = None
        except WenceError as error:
            self._database_fault = "数据库不可用"
            log.warning("database_away", cause=str(error))
        if not await self._rasa.healthy():
            self._rasa_fault = "Rasa 不在线或还没有加载模型"
        elif self._rasa_fault is not None:
            self._rasa_fault = await self._probe()
        self._ready.set(0 if self._faults() else 1)

    async def _probe(self) -> str | None:
        self._probes += 1
        turn_id = f"probe-{id(self)}-{self._probes}-{asyncio.get_running_loop().time()}"
        try:
            replies = await self._rasa.turn(
                turn_id, "probe:readiness", _PROBE, {"channel": "probe"}
            )
        except WenceError:
            return "试问没有得到答复"
        answered = any((r.get("custom") or {}).get("clauses") for r in replies)
        return None if answered else "试问得到的答复不含条文"

    def _faults(self) -> dict[str, str]:
        faults = {"rasa": self._rasa_fault, "database": self._database_fault}
        return {part: fault for part, fault in faults.items() if fault}

    async def healthz(self, request: web.Request) -> web.Response:
        """200 while the process lives."""
        return json_response(Health(version=self._version))

    async def readyz(self, request: web.Request) -> web.Response:
        """200 once a question gets a real answer; 503 with the reason before that."""
        faults = self._faults()
        checks: dict[str, Any] = {part: faults.get(part, "ok") for part in ("database", "rasa")}
        checks["knowledge"] = "ok" if self._knowledge.refused is None else "文件有误，仍用旧版本"
        checks |= {name: fault() or "ok" for name, fault in self._channels.items()}
        body = Readiness(
            status="not_ready" if faults else "ready",
            kb_version=self._knowledge.current.snapshot.version,
            as_of=self._today(),
            checks=checks,
            error=ErrorDetail(code="away", message="；".join(faults.values())) if faults else None,
        )
        return json_response(body, 503 if faults else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus text."""
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

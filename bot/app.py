"""The service: all HTTP edges, conversations, search and custom actions in one process.

Run as ``python -m bot.app``; the supervisor does. Two ports: the public one, and
one on loopback for Rasa's action calls and the metrics.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector

from actions import make_executor
from bot import logs
from bot.api import openapi
from bot.api.actions import ActionsApi
from bot.api.eligibility import EligibilityApi
from bot.api.firm import FirmProfiles
from bot.api.health import HealthApi
from bot.api.http import Operation, error_middleware, json_response
from bot.api.knowledge import KnowledgeApi
from bot.api.pages import PagesApi
from bot.api.server import Runner, expect
from bot.api.suggestions import SuggestionsApi, newest
from bot.channels.opening import open_platforms
from bot.channels.rest import RestChannel
from bot.channels.web import WebChannel
from bot.conversations import Conversations, RasaClient
from bot.conversations.housekeeping import Housekeeping
from bot.desk import Desk, Hours, OidcConfig, RoleRules
from bot.errors import SettingsError, WenceError
from bot.knowledge import Knowledge, encoder_of
from bot.settings import Settings
from bot.signing import signing_key
from bot.storage import migrate
from bot.storage.desk_tickets import TicketStore
from bot.storage.engine import Database, open_database
from bot.storage.profiles import ProfileStore
from bot.storage.purge import Purge, purge_tracker

__all__ = ["main", "oidc_config", "serve"]

log = logs.get_logger(__name__)

MAX_BODY = 256 * 1024
"""Largest request body in bytes; a larger one gets 413."""
_MAX_ACTION_BODY = 32 * 1024 * 1024  # a tracker of a long conversation


def project_version() -> str:
    """The version of the installed project."""
    try:
        return version("wence")
    except PackageNotFoundError:
        return "0"


def public_app(operations: Sequence[Operation]) -> web.Application:
    """The application on the public port, with its own OpenAPI document."""
    document = openapi.build(operations, project_version())
    app = web.Application(client_max_size=MAX_BODY, middlewares=[error_middleware])
    for operation in operations:
        methods = {"GET": ("GET", "HEAD")}.get(operation.method, (operation.method,))
        for method in methods:
            app.router.add_route(method, operation.path, operation.handler, expect_handler=expect)

    async def describe(request: web.Request) -> web.Response:
        return json_response(document)

    app.router.add_get("/api/v1/openapi.json", describe)
    return app


@contextlib.asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[tuple[int, int]]:
    """Everything the service is, from first to last.

    Yields:
        The public port and the port of the actions, both listening.

    Raises:
        SettingsError: a setting is unusable.
        StorageError: the database is away or newer than this program.
        KnowledgeError: policies_kb holds a fault.
        OSError: a port is taken.
    """
    async with contextlib.AsyncExitStack() as stack:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        database = await open_database(settings.database_url)
        stack.push_async_callback(database.close)
        await migrate.upgrade(database)
        root = settings.root / "policies_kb"
        encoder = await asyncio.to_thread(encoder_of, root) if settings.encoder else None
        if encoder is None:
            log.warning("search_by_words_alone", wanted=settings.encoder)
        knowledge = await asyncio.to_thread(
            Knowledge,
            root,
            encoder=encoder,
        )
        stack.callback(knowledge.close)
        clauses = Gauge("wence_clauses", "Clauses in the knowledge base", registry=registry)
        clauses.set_function(lambda: len(knowledge.current.snapshot.clauses))
        rasa = await stack.enter_async_context(
            RasaClient(settings.rasa_urls, settings.internal_token, settings.turn_timeout)
        )
        platforms, sentence = await stack.enter_async_context(
            open_platforms(settings, database, knowledge)
        )
        conversations = Conversations(
            database,
            rasa,
            knowledge,
            settings.as_of,
            registry,
            outlets=platforms.outlets,
            owner=f"{platform.node()}:{settings.port or os.getpid()}",
            timeout=settings.turn_timeout,
            keep_days=settings.retention_days,
        )
        stack.push_async_callback(conversations.close)
        key = signing_key(settings.desk_secret, settings.var_dir)
        desk = _desk(settings, database, conversations, knowledge, key)
        platforms.serve(stack, settings, database, sentence, conversations, desk.feedback, registry)
        health = HealthApi(
            database,
            rasa,
            knowledge,
            settings.as_of,
            registry,
            project_version(),
            platforms.faults,
        )

        internal = web.Application(client_max_size=_MAX_ACTION_BODY)
        ActionsApi(
            make_executor(knowledge, settings.as_of, ProfileStore(database)),
            settings.internal_token,
        ).add_to(internal)
        internal.router.add_get("/metrics", health.metrics)
        actions_port = await _listen(stack, internal, "127.0.0.1", settings.actions_port)

        site, guide = _web_chat(settings, database, conversations, knowledge, desk, key)
        operations = [
            *RestChannel(conversations, settings).operations(),
            *KnowledgeApi(knowledge, settings.as_of).operations(),
            *EligibilityApi(knowledge, settings.as_of).operations(),
            *site.operations(),
            *guide.operations(),
            *desk.operations(),
            *health.operations(),
        ]
        app = public_app(operations)
        app.router.add_routes(platforms.routes)
        site.add_to(app)
        desk.add_to(app)
        PagesApi(knowledge, settings.as_of, host=settings.site_name, until=newest).add_to(app)
        if settings.metrics_public:
            app.router.add_get("/metrics", health.metrics)
        public_port = await _listen(stack, app, settings.host, settings.port)
        # Only now: what is taken up can be answered.
        await conversations.start()
        housekeeping = Housekeeping(
            Purge(database),
            timedelta(days=settings.retention_days),
            [
                lambda at: purge_tracker(settings.tracker_url, settings.tracker_schema, at),
                TicketStore(database).purge,
            ],
        )
        for work in (
            health.watch,
            knowledge.watch,
            housekeeping.run,
            desk.attendant.run,
            *platforms.works,
        ):
            stack.push_async_callback(_cancel, asyncio.create_task(work()))
        log.info("service_started", port=public_port, actions_port=actions_port)
        yield public_port, actions_port


async def _listen(
    stack: contextlib.AsyncExitStack, app: web.Application, host: str, port: int
) -> int:
    runner = Runner(app, access_log=None, shutdown_timeout=10)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port)
    await site.start()
    return int(runner.addresses[0][1])


def _desk(
    settings: Settings,
    database: Database,
    conversations: Conversations,
    knowledge: Knowledge,
    key: bytes,
) -> Desk:
    """The desk, told of by the conversations when a person is asked for."""
    desk = Desk(
        database,
        conversations,
        knowledge,
        settings.as_of,
        key,
        settings.root / "web" / "dist" / "desk",
        hours=_hours(settings.desk_hours),
        oidc=oidc_config(settings),
    )
    conversations.worker.handover = desk.attendant.handover
    conversations.worker.forgetters.append(desk.attendant.forget)
    return desk


def _web_chat(
    settings: Settings,
    database: Database,
    conversations: Conversations,
    knowledge: Knowledge,
    desk: Desk,
    key: bytes,
) -> tuple[WebChannel, SuggestionsApi]:
    """The chat page with what lies behind it, and what it suggests."""
    site = WebChannel(
        conversations,
        secret=key,
        folder=settings.root / "web" / "dist" / "widget",
        profiles=FirmProfiles(knowledge, ProfileStore(database)),
        retention_days=settings.retention_days,
        identity_secret=settings.identity_secret,
        rate=desk.feedback_at,
        place_of=desk.place_of,
        name_of=desk.name_of,
        embedders=settings.embedders,
    )
    guide = SuggestionsApi(
        knowledge,
        settings.as_of,
        host=settings.site_name,
        retention_days=settings.retention_days,
        identity=settings.identity_secret is not None,
        embedders=settings.embedders,
    )
    return site, guide


def _hours(text: str | None) -> Hours | None:
    try:
        return None if text is None else Hours.parse(text)
    except ValueError as error:
        raise SettingsError(f"设置 WENCE_DESK_HOURS 有误：{error}") from error


def oidc_config(settings: Settings) -> OidcConfig | None:
    """The identity provider of the desk's people, if one is set.

    Raises:
        SettingsError: the roles are not written as they should be.
    """
    issuer, client_id = settings.oidc_issuer, settings.oidc_client_id
    secret, roles = settings.oidc_client_secret, settings.oidc_roles
    if issuer is None or client_id is None or secret is None or roles is None:
        return None
    try:
        rules = RoleRules.parse(roles)
    except ValueError as error:
        raise SettingsError(f"设置 WENCE_OIDC_ROLES 有误：{error}") from error
    home = settings.public_url or settings.address
    return OidcConfig(
        issuer,
        client_id,
        secret,
        rules,
        f"{home}{OidcConfig.CALLBACK}",
        " ".join(("openid", "profile", *settings.oidc_scopes)),
        settings.oidc_label,
    )


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with serve(settings):
        await stop.wait()
        log.info("service_stopping")


def main() -> int:
    """Run the service until SIGTERM; 2 for a fault that a restart would not cure."""
    try:
        settings = Settings.load()
        if not settings.rasa_urls:
            raise SettingsError("设置 WENCE_RASA_URL 缺失：不知道 Rasa 在哪里")
        logs.configure(settings.log_level)
        asyncio.run(_run(settings))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except WenceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"无法监听端口：{error.strerror or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

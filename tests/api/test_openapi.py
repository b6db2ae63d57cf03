"""Generated requests against the service's own OpenAPI document (schemathesis)."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bot import app as service
from tests.support.fake_rasa import FakeRasa
from tests.support.service import service_settings


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service in a thread of its own: schemathesis asks synchronously."""
    folder = tmp_path_factory.mktemp("service")
    loop = asyncio.new_event_loop()
    stack = contextlib.AsyncExitStack()

    async def start() -> int:
        rasa = await stack.enter_async_context(FakeRasa())
        rasa.custom = {"type": "policy_answer", "clauses": [{"clause_id": "x"}]}
        configured = service_settings(folder, rasa.url, turn_timeout=5.0)
        port, _ = await stack.enter_async_context(service.serve(configured))
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            while (await session.get("/readyz")).status != 200:
                await asyncio.sleep(0.05)
        return port

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(start(), loop).result(60)
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def document(address: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")


def test_the_service_keeps_its_own_contract(document: schemathesis.BaseSchema) -> None:
    asked = []
    for result in document.get_all_operations():
        operation = result.ok()
        # Behind the desk's door nearly everything is refused alike.
        examples = 6 if operation.path.startswith("/desk/") else 60

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def keeps_it(case: schemathesis.Case) -> None:
            # What a cursor must be cannot be said in a schema, nor which facts there are (the
            # knowledge base says so, at /api/v1/facts); made-up ones get 422.
            body = case.body if isinstance(case.body, dict) else {}
            invented = "cursor" in (case.query or {}) or "facts" in body
            case.call_and_validate(excluded_checks=[positive_data_acceptance] if invented else [])

        keeps_it()
        asked.append(operation.label)
    assert "POST /webhooks/rest/webhook" in asked
    assert len(asked) == len(set(asked)) > 60

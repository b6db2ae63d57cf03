"""The action endpoint that Rasa calls, on a loopback port of its own.

The protocol of Rasa 3.6.21 (rasa/core/actions/action.py, ``RemoteAction.run``):
POST with the tracker; 200 with ``events`` and ``responses``, 400 for a rejected
execution, 404 for an unknown action. rasa-sdk's executor does the work.
"""

from __future__ import annotations

import hmac
import json

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.api.http import error_response, json_response
from bot.logs import get_logger

__all__ = ["ActionsApi"]

log = get_logger(__name__)


class ActionsApi:
    """``POST /webhook`` and ``GET /health``.

    Args:
        executor: with the project's actions registered.
        token: the internal token; None asks for none.
    """

    def __init__(self, executor: ActionExecutor, token: str | None) -> None:
        self._executor, self._token = executor, token

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_post("/webhook", self.webhook)
        app.router.add_get("/health", self.health)

    async def health(self, request: web.Request) -> web.Response:
        """The endpoint lives."""
        return json_response({"status": "ok"})

    async def webhook(self, request: web.Request) -> web.Response:
        """Run one action."""
        if self._token is not None:
            given = request.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return error_response(401, "unauthorised", "缺少令牌或令牌不对")
        try:
            call = json.loads(await request.read())
        except ValueError:
            return json_response({"error": "Invalid body request"}, 400)
        if not isinstance(call, dict):
            return json_response({"error": "Invalid body request"}, 400)
        name = str(call.get("next_action"))
        # Rasa 3.6 can be told not to send the domain; newer SDKs insist on one.
        call.setdefault("domain", {})
        try:
            result = await self._executor.run(call)
        except ActionExecutionRejection as error:
            return json_response({"error": error.message, "action_name": error.action_name}, 400)
        except ActionNotFoundException as error:
            log.error("action_unknown", action=name)
            return json_response({"error": error.message, "action_name": error.action_name}, 404)
        except Exception as error:
            log.error("action_failed", action=name, exc_info=error)
            return json_response({"error": "action failed", "action_name": name}, 500)
        return json_response(result.model_dump() if result else {"events": [], "responses": []})

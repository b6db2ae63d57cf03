"""One session for each endpoint, one walk of the class tree."""

from __future__ import annotations

import asyncio
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from unittest import mock

import rasa.shared.utils.common as common
from rasa.shared.core.events import Event
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.rasa import costs

SESSION = EndpointConfig.session
SUBCLASSES = common.all_subclasses


class Handler(BaseHTTPRequestHandler):
    """Answers in JSON and counts connections."""

    protocol_version = "HTTP/1.1"
    connections: ClassVar[list[object]] = []

    def setup(self) -> None:
        super().setup()
        self.connections.append(self.client_address)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status = 500 if self.path == "/bad" else 200
        body = b'{"events": []}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


class CostsTest(unittest.TestCase):
    def setUp(self) -> None:
        for target, name, value in (
            (EndpointConfig, "session", SESSION),
            (common, "all_subclasses", SUBCLASSES),
        ):
            patched = mock.patch.object(target, name, value)
            patched.start()
            self.addCleanup(patched.stop)
        Handler.connections = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    async def calls(self, times: int) -> None:
        url = f"http://127.0.0.1:{self.server.server_port}"
        endpoint = EndpointConfig(url)
        for _ in range(times):
            self.assertEqual(await endpoint.request(json={"a": 1}), {"events": []})
        with self.assertRaises(ClientResponseError):
            await endpoint.request(json={}, subpath="bad")
        self.assertEqual(await endpoint.request(json={}), {"events": []})
        kept = getattr(endpoint, "_kept_session", None)
        if kept is not None:
            await kept.close()
            self.assertEqual(await endpoint.request(json={}), {"events": []})
            await endpoint._kept_session.close()

    def test_calls_share_a_connection(self) -> None:
        asyncio.run(self.calls(5))
        self.assertEqual(len(Handler.connections), 7)
        Handler.connections.clear()
        self.assertTrue(costs.apply())
        self.assertTrue(costs.apply())
        asyncio.run(self.calls(5))
        self.assertLessEqual(len(Handler.connections), 3)

    def test_subclasses_are_the_same(self) -> None:
        before = common.all_subclasses(Event)
        self.assertTrue(costs.apply())
        self.assertEqual(common.all_subclasses(Event), before)
        self.assertIs(common.all_subclasses(Event), common.all_subclasses(Event))

    def test_another_version_is_left_alone(self) -> None:
        with (
            mock.patch("rasa.__version__", "3.6.22"),
            self.assertLogs("bot.rasa.costs", "WARNING"),
        ):
            self.assertFalse(costs.apply())
        self.assertIs(EndpointConfig.session, SESSION)
        self.assertIs(common.all_subclasses, SUBCLASSES)


if __name__ == "__main__":
    unittest.main()

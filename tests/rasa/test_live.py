"""A running Rasa with a stub action server: turns over HTTP, crashes, both databases."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
import time
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.rasa.support import BUTTONS, CARD, TOKEN, Rasa, StubActions, postgres, sqlite_url

QUESTION = "稳岗返还怎么申请"


class LiveTests:
    """Run on each database; ``url`` is set by the subclasses."""

    url: str

    @classmethod
    def start(cls: Any, url: str) -> None:
        cls.url = url
        cls.actions = StubActions()
        cls.addClassCleanup(cls.actions.close)
        cls.rasa = Rasa(url, cls.actions.url)
        cls.addClassCleanup(lambda: cls.rasa.kill())
        cls.rasa.wait()

    def setUp(self: Any) -> None:
        self.actions.calls.clear()
        self.actions.answer = self.actions.echo

    def test_killed_at_any_moment_each_turn_counts_once(self: Any) -> None:
        status, first = self.rasa.turn("done-1", QUESTION, "rest:done")
        self.assertEqual(status, 200)
        text = f"action_answer: {QUESTION}\n\n第二段"
        reply = {"text": text, "buttons": BUTTONS, "custom": CARD}
        self.assertEqual(first, {"turn_id": "done-1", "replayed": False, "replies": [reply]})
        again = {**first, "replayed": True}
        self.assertEqual(self.rasa.turn("done-1", QUESTION, "rest:done"), (200, again))
        self.assertEqual(len(self.actions.calls), 1)

        reached, gate = threading.Event(), threading.Event()
        self.addCleanup(gate.set)
        self.actions.answer = held(self.actions, reached, gate)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(self.rasa.turn, "middle-1", QUESTION, "rest:middle")
            self.assertTrue(reached.wait(60))
            type(self).rasa.kill()
            # Reset or cut off, as the kernel has it.
            self.assertIsInstance(asked.exception(60), (OSError, http.client.HTTPException))
        gate.set()
        self.actions.answer = self.actions.echo
        type(self).rasa = Rasa(self.url, self.actions.url)
        self.rasa.wait()

        self.actions.calls.clear()
        self.assertEqual(self.rasa.turn("done-1", QUESTION, "rest:done"), (200, again))
        self.assertEqual(self.actions.calls, [])
        status, answer = self.rasa.turn("middle-1", QUESTION, "rest:middle")
        self.assertEqual((status, answer["replayed"]), (200, False))
        self.assertEqual(said(self.actions.calls[-1]), ["middle-1"])
        self.rasa.turn("done-2", QUESTION, "rest:done")
        self.assertEqual(said(self.actions.calls[-1]), ["done-1", "done-2"])


class SqliteLiveTest(LiveTests, unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        holder = cls("test_what_is_no_turn_is_refused")
        url = sqlite_url(holder)
        cls.addClassCleanup(holder.doCleanups)
        cls.start(url)

    def test_the_caller_must_show_the_token(self) -> None:
        body = json.dumps({"turn_id": "x", "conversation": "c", "message": "m"}).encode()
        for token in (None, "wrong"):
            status, answer = self.rasa.request("POST", "/webhooks/turn/turns", body, token)
            self.assertEqual((status, answer["error"]["code"]), (401, "unauthorized"))

    def test_health_names_the_model(self) -> None:
        status, answer = self.rasa.request("GET", "/webhooks/turn/health", token=None)
        self.assertEqual((status, answer["status"]), (200, "ok"))
        self.assertRegex(answer["model"], r"\.tar\.gz$")

    def test_what_is_no_turn_is_refused(self) -> None:
        for body, code in ((b"{", "malformed_json"), (b"{}", "invalid_turn_id")):
            status, answer = self.rasa.request("POST", "/webhooks/turn/turns", body)
            self.assertEqual((status, answer["error"]["code"]), (400, code))

    def test_the_action_gets_token_metadata_and_entities(self) -> None:
        self.rasa.turn("meta-1", "晋政发〔2022〕14号第八条", "rest:meta")
        body = self.actions.calls[-1]
        latest = body["tracker"]["latest_message"]
        self.assertEqual(self.actions.headers[-1], f"Bearer {TOKEN}")
        self.assertEqual(latest["metadata"]["turn_id"], "meta-1")
        self.assertEqual(latest["metadata"]["as_of"], "2026-01-02")
        self.assertEqual(latest["intent"]["name"], "ask_document")
        self.assertEqual([e["entity"] for e in latest["entities"]], ["document_number", "article"])
        self.assertEqual(body["tracker"]["latest_input_channel"], "rest")

    def test_small_talk_needs_no_action(self) -> None:
        status, answer = self.rasa.turn("hello-1", "你好", "rest:hello")
        self.assertEqual(status, 200)
        self.assertEqual(answer["replies"][0]["custom"], {"type": "text"})
        self.assertIn("问策", answer["replies"][0]["text"])
        self.assertEqual(self.actions.calls, [])

    def test_a_command_is_taken_for_words(self) -> None:
        status, answer = self.rasa.turn("slash-1", "  /greet", "rest:slash")
        self.assertEqual(status, 200)
        self.assertEqual(answer["replies"][0]["text"], "action_answer: ／greet\n\n第二段")

    def test_a_failing_action_fails_the_turn_and_leaves_no_trace(self) -> None:
        self.actions.answer = lambda body: None
        status, answer = self.rasa.turn("fail-1", QUESTION, "rest:fail")
        self.assertEqual((status, answer["error"]["code"]), (500, "turn_failed"))
        self.actions.answer = lambda body: {"events": [], "responses": []}
        self.assertEqual(self.rasa.turn("fail-1", QUESTION, "rest:fail")[0], 500)
        self.actions.answer = lambda body: {"events": {}, "responses": []}
        self.assertEqual(self.rasa.turn("fail-1", QUESTION, "rest:fail")[0], 500)
        self.actions.answer = self.actions.echo
        status, answer = self.rasa.turn("fail-1", QUESTION, "rest:fail")
        self.assertEqual((status, answer["replayed"]), (200, False))
        self.assertEqual(said(self.actions.calls[-1]), ["fail-1"])

    def test_slots_set_by_an_action_are_kept(self) -> None:
        slot = {"event": "slot", "name": "clause_id", "value": "jzf-2022-14.8", "timestamp": None}
        self.actions.answer = lambda body: {"events": [slot], "responses": [{"text": "甲"}]}
        self.rasa.turn("slot-1", QUESTION, "rest:slot")
        self.rasa.turn("slot-2", "要什么材料", "rest:slot")
        slots = self.actions.calls[-1]["tracker"]["slots"]
        self.assertEqual(slots["clause_id"], "jzf-2022-14.8")

    def test_messages_at_once_are_worked_in_turn(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            ids = [f"once-{n}" for n in range(8)]
            answers = list(pool.map(lambda i: self.rasa.turn(i, QUESTION, "rest:once"), ids))
        self.assertEqual({status for status, _ in answers}, {200})
        lengths = [len(said(call)) for call in self.actions.calls]
        self.assertEqual(lengths, list(range(1, 9)))
        self.assertEqual(sorted(said(self.actions.calls[-1])), sorted(ids))

    def test_one_turn_asked_at_once_is_worked_once(self) -> None:
        self.actions.answer = lambda body: time.sleep(0.2) or self.actions.echo(body)
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(self.rasa.turn, "same-1", QUESTION, "rest:same") for _ in range(4)]
            answers = [each.result()[1] for each in asked]
        self.assertEqual(sorted(a["replayed"] for a in answers), [False, True, True, True])
        self.assertEqual(len(self.actions.calls), 1)

    def test_a_client_that_goes_away_does_not_stop_its_turn(self) -> None:
        reached, gate = threading.Event(), threading.Event()
        self.addCleanup(gate.set)
        self.actions.answer = held(self.actions, reached, gate)
        fields = {"turn_id": "away-1", "conversation": "rest:away", "message": QUESTION}
        connection = http.client.HTTPConnection("127.0.0.1", self.rasa.port)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        connection.request("POST", "/webhooks/turn/turns", json.dumps(fields), headers)
        self.assertTrue(reached.wait(60))
        connection.close()
        gate.set()
        status, answer = self.rasa.turn("away-1", QUESTION, "rest:away")
        self.assertEqual((status, answer["replayed"]), (200, True))
        self.assertEqual(len(self.actions.calls), 1)

    def test_a_turn_id_belongs_to_one_conversation(self) -> None:
        self.rasa.turn("owner-1", "你好", "rest:owner")
        status, answer = self.rasa.turn("owner-1", "你好", "rest:thief")
        self.assertEqual((status, answer["error"]["code"]), (409, "turn_conflict"))

    def test_the_log_holds_no_words_of_people(self) -> None:
        for n, words in enumerate(("机密甲公司怎么申请", "/机密乙", '/greet{"机密丙')):
            self.rasa.turn(f"log-{n}", words, "rest:log")
        self.assertNotIn("机密", self.rasa.words())

    def test_the_database_holds_one_record_a_turn(self) -> None:
        self.rasa.turn("record-1", "你好", "rest:record")
        self.rasa.turn("record-1", "你好", "rest:record")
        path = self.url[len("sqlite:///") :]
        with sqlite3.connect(path) as database:
            rows = database.execute(
                "SELECT count(*) FROM turn_records WHERE turn_id = 'record-1'"
                " UNION ALL SELECT count(*) FROM events"
                " WHERE sender_id = 'rest:record' AND type_name = 'user'"
            ).fetchall()
        database.close()
        self.assertEqual(rows, [(1,), (1,)])


class PostgresLiveTest(LiveTests, unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        server = postgres()
        url = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        cls.start(url)


def held(
    actions: StubActions, reached: threading.Event, gate: threading.Event
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """An action that says when it is reached and answers when the gate opens."""

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        reached.set()
        gate.wait(60)
        return actions.echo(body)

    return answer


def said(call: dict[str, Any]) -> list[str]:
    """The turn ids of the user messages that an action call shows."""
    events = call["tracker"]["events"]
    return [event["metadata"]["turn_id"] for event in events if event["event"] == "user"]


if __name__ == "__main__":
    unittest.main()

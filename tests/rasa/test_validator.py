"""The kept validator: the same verdicts, without checking the schema each time."""

from __future__ import annotations

import unittest
from typing import Any
from unittest import mock

import jsonschema
from rasa.core.actions.action import RemoteAction

from bot.rasa import validator

ORIGINAL = RemoteAction._validate_action_result
SLOT = {"event": "slot", "name": "clause_id", "value": "jzf-2022-14.8", "timestamp": None}
RESULTS: list[Any] = [
    {},
    {"events": [], "responses": []},
    {"events": [SLOT], "responses": [{"text": "甲", "custom": {"type": "text"}}]},
    {"events": [{"event": "session_started"}, {"event": "action", "name": "action_listen"}]},
    {"other": 1},
    [],
    None,
    "text",
    {"events": {}},
    {"responses": {}},
    {"responses": ["text"]},
    {"events": [{"event": "no_such_event"}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "slot", "name": 3, "value": 1}]},
]


def verdict(check: Any, result: Any) -> Any:
    try:
        return check(RemoteAction("action_answer", None), result)
    except jsonschema.ValidationError as error:
        return type(error).__name__, error.message, list(error.path)


class ValidatorTest(unittest.TestCase):
    def setUp(self) -> None:
        # Put back afterwards: each test sees Rasa as it was installed.
        patched = mock.patch.object(RemoteAction, "_validate_action_result", ORIGINAL)
        patched.start()
        self.addCleanup(patched.stop)

    def test_this_rasa_is_the_known_one(self) -> None:
        self.assertTrue(validator.apply())
        self.assertIsNot(RemoteAction._validate_action_result, ORIGINAL)

    def test_the_verdicts_are_the_same(self) -> None:
        validator.apply()
        cured = RemoteAction._validate_action_result
        verdicts = [verdict(cured, result) for result in RESULTS]
        self.assertEqual(verdicts, [verdict(ORIGINAL, result) for result in RESULTS])
        accepted = [result for result, v in zip(RESULTS, verdicts, strict=True) if v is True]
        self.assertTrue(1 < len(accepted) < len(RESULTS) - 1)

    def test_a_plain_result_is_one_that_the_schema_accepts(self) -> None:
        slot = {"event": "slot", "timestamp": None, "name": "misses"}
        for value in (None, 0, "x", ["a"], {"k": [1]}, True, 1.5):
            result = {"events": [{**slot, "value": value}], "responses": [{"text": "x"}, {}]}
            self.assertTrue(validator.is_plain(result))
            self.assertIs(verdict(ORIGINAL, result), True)
        for event in (
            slot,
            {**slot, "value": 1, "name": 3},
            {**slot, "value": 1, "timestamp": "now"},
            {**slot, "value": 1, "more": 1},
            {"event": "followup", "name": "action_listen"},
            "slot",
        ):
            self.assertFalse(validator.is_plain({"events": [event], "responses": []}))
        for result in (None, [], {}, {"events": []}, {"events": [], "responses": ["x"]}):
            self.assertFalse(validator.is_plain(result))

    def test_the_schema_is_no_longer_checked_at_each_call(self) -> None:
        validator.apply()
        cls = jsonschema.validators.validator_for(RemoteAction.action_response_format_spec())
        action = RemoteAction("action_answer", None)
        with mock.patch.object(cls, "check_schema", wraps=cls.check_schema) as checked:
            for _ in range(10):
                action._validate_action_result(RESULTS[2])
            self.assertEqual(checked.call_count, 0)
            ORIGINAL(action, RESULTS[2])
            self.assertEqual(checked.call_count, 1)

    def test_applied_twice_it_stays(self) -> None:
        validator.apply()
        cured = RemoteAction._validate_action_result
        self.assertTrue(validator.apply())
        self.assertIs(RemoteAction._validate_action_result, cured)

    def test_another_version_is_left_alone(self) -> None:
        with (
            mock.patch("rasa.__version__", "3.6.22"),
            self.assertLogs("bot.rasa.validator", "WARNING") as logs,
        ):
            self.assertFalse(validator.apply())
        self.assertIs(RemoteAction._validate_action_result, ORIGINAL)
        self.assertEqual(len(logs.output), 1)

    def test_another_function_is_left_alone(self) -> None:
        def changed(self: Any, result: Any) -> bool:
            return True

        with (
            mock.patch.object(RemoteAction, "_validate_action_result", changed),
            self.assertLogs("bot.rasa.validator", "WARNING"),
        ):
            self.assertFalse(validator.apply())
            self.assertIs(RemoteAction._validate_action_result, changed)


if __name__ == "__main__":
    unittest.main()

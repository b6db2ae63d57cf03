"""Small talk that names something of the field becomes a question."""

from __future__ import annotations

import unittest

from rasa.shared.nlu.training_data.message import Message

from bot.rasa.guard import WenceGuard


class GuardTest(unittest.TestCase):
    def intent(self, name: str, *entities: str) -> str:
        message = Message.build("x")
        message.set("intent", {"name": name, "confidence": 0.9})
        message.set("entities", [{"entity": entity} for entity in entities])
        WenceGuard(frozenset({"goodbye"})).process([message])
        self.assertEqual(message.get("intent")["confidence"], 0.9)
        return str(message.get("intent")["name"])

    def test_what_names_a_thing_is_a_question(self) -> None:
        for entity in ("term", "document_number", "article"):
            self.assertEqual(self.intent("goodbye", entity), "nlu_fallback")

    def test_all_else_stays(self) -> None:
        self.assertEqual(self.intent("goodbye"), "goodbye")
        self.assertEqual(self.intent("goodbye", "count", "money"), "goodbye")
        self.assertEqual(self.intent("ask_amount", "term"), "ask_amount")


if __name__ == "__main__":
    unittest.main()

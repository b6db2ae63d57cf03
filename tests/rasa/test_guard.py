"""Small talk that names something of the field becomes a question."""

from __future__ import annotations

import re
import unittest

from rasa.shared.nlu.training_data.message import Message

from bot.rasa.guard import WenceGuard


class GuardTest(unittest.TestCase):
    confidence = 0.9

    def intent(self, name: str, *entities: str, text: str = "x") -> str:
        message = Message.build(text)
        message.set("intent", {"name": name, "confidence": self.confidence})
        message.set("entities", [{"entity": entity} for entity in entities])
        worded = {"cancel": re.compile("算了|退出")}
        never = re.compile("不想活")
        guard = WenceGuard(frozenset({"goodbye"}), frozenset({"ask_human"}), 0.65, worded, never)
        guard.process([message])
        self.assertEqual(message.get("intent")["confidence"], self.confidence)
        return str(message.get("intent")["name"])

    def test_what_names_a_thing_is_a_question(self) -> None:
        for entity in ("term", "document_number", "article"):
            self.assertEqual(self.intent("goodbye", entity), "nlu_fallback")

    def test_all_else_stays(self) -> None:
        self.assertEqual(self.intent("goodbye"), "goodbye")
        self.assertEqual(self.intent("goodbye", "count", "money"), "goodbye")
        self.assertEqual(self.intent("ask_amount", "term"), "ask_amount")

    def test_a_fixed_sentence_wants_certainty(self) -> None:
        self.assertEqual(self.intent("ask_human"), "ask_human")
        self.confidence = 0.6
        self.assertEqual(self.intent("ask_human"), "nlu_fallback")
        self.assertEqual(self.intent("ask_amount"), "ask_amount")

    def test_an_intent_may_want_its_words(self) -> None:
        self.assertEqual(self.intent("cancel", text="算了吧"), "cancel")
        self.assertEqual(self.intent("cancel", text="退库了还给不"), "nlu_fallback")
        self.assertEqual(self.intent("thank", text="退库了还给不"), "thank")

    def test_some_words_are_never_small_talk(self) -> None:
        for name in ("cancel", "goodbye", "complain", "thank"):
            self.assertEqual(self.intent(name, text="厂子倒了，不想活了，算了"), "nlu_fallback")


if __name__ == "__main__":
    unittest.main()

"""The shape of a reply."""

from __future__ import annotations

import json
import unittest

from rasa.shared.core.events import BotUttered

from bot.rasa.replies import TurnOutput, reply_of
from tests.rasa.support import BUTTONS, CARD, run


class ReplyTest(unittest.TestCase):
    def test_text_buttons_and_custom_stay_in_one(self) -> None:
        event = BotUttered("甲\n\n乙", {"buttons": BUTTONS, "custom": CARD, "image": None})
        output = TurnOutput()
        run(output.send_response("rest:a", event.message()))
        self.assertEqual(output.replies, [{"text": "甲\n\n乙", "buttons": BUTTONS, "custom": CARD}])

    def test_what_is_absent_has_a_plain_value(self) -> None:
        self.assertEqual(reply_of(None, {}), {"text": "", "buttons": [], "custom": None})

    def test_quick_replies_are_buttons(self) -> None:
        reply = reply_of("甲", {"quick_replies": [{"title": "乙", "payload": "丙", "x": 1}]})
        self.assertEqual(reply["buttons"], [{"title": "乙", "payload": "丙"}])

    def test_the_stored_event_gives_the_same_reply_as_the_sent_one(self) -> None:
        event = BotUttered("甲", {"buttons": BUTTONS, "custom": CARD}, {"utter_action": "utter_x"})
        stored = json.loads(json.dumps(event.as_dict()))
        self.assertEqual(
            reply_of(stored["text"], stored["data"]), reply_of(event.text, event.message())
        )


if __name__ == "__main__":
    unittest.main()

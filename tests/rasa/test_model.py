"""The trained model: commands never get in, questions and small talk are told apart."""

from __future__ import annotations

import unittest
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

from bot.rasa.turns import no_command
from tests.rasa.support import ROOT, model_file, run

QUESTIONS = {
    "ask_policy",
    "ask_amount",
    "ask_conditions",
    "ask_how_to_apply",
    "ask_department",
    "ask_validity",
    "ask_document",
    "ask_list",
    "ask_definition",
    "out_of_scope",
    "nlu_fallback",
    "ask_materials",
    "ask_deadline",
    "ask_eligible",
    "ask_our_amount",
    "ask_match",
    "compare",
    "give_fact",
}
# None stands in the training examples.
ASKED = [
    "我们饭店想申请减房租该找谁",
    "请问小企业贷款贴息最多给几个点",
    "去年没裁员的公司社保能退回来多少",
    "新招了三个应届生有钱拿吗",
    "煤矿设备更新国家给不给钱",
    "第十五条",
    "晋政发〔2022〕14号第二条讲什么",
    "跑运输的能不能享受高速费优惠",
    "这个补贴明年还发不发",
    "缓缴公积金要带什么材料去窗口",
]
SAID = {
    "你好你好": "greet",
    "谢谢谢谢": "thank",
    "再见了": "goodbye",
    "你是机器人吧": "ask_identity",
    "帮我转人工": "ask_human",
    "我要投诉他们": "complain",
    "选第二个吧": "choose",
    "你没听懂我的问题": "no_use",
}
# Several clauses at once, another page of them, and the meaning of a word.
LISTED = {
    "养老服务有哪些政策啊": "ask_list",
    "列一下科技创新的政策": "ask_list",
    "跟汽车有关的政策都有什么": "ask_list",
    "穩崗方面的政策列一下": "ask_list",
    "啥叫瞪羚企业": "ask_definition",
    "首台套是啥": "ask_definition",
    "这个词是啥意思": "ask_definition",
    "下一页": "more",
    "还有没有别的": "more",
    "继续往下看": "more",
}


class ModelTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        configure_structlog()
        cls.agent = Agent.load(model_file())

    def parse(self, text: str) -> dict[str, Any]:
        return run(self.agent.parse_message(text))

    def intent(self, text: str) -> str:
        return str(self.parse(text)["intent"]["name"])

    def test_a_slash_commands_rasa_but_not_through_the_channel(self) -> None:
        self.assertEqual(self.parse("/greet")["intent"]["confidence"], 1.0)
        tries = [
            "/greet",
            " /greet",
            "\u3000/greet",
            '/ask_human{"term": "x"}',
            "／greet",
            "//greet",
        ]
        for text in tries:
            with self.subTest(text=text):
                parsed = self.parse(no_command(text))
                self.assertLess(parsed["intent"]["confidence"], 1.0)
                self.assertGreater(len(parsed["intent_ranking"]), 1)

    def test_questions_go_to_the_search(self) -> None:
        for text in ASKED:
            with self.subTest(text=text):
                self.assertIn(self.intent(text), QUESTIONS)

    def test_small_talk_is_understood(self) -> None:
        for text, intent in SAID.items():
            with self.subTest(text=text):
                self.assertEqual(self.intent(text), intent)

    def test_lists_pages_and_meanings_are_told_apart(self) -> None:
        for text, intent in LISTED.items():
            with self.subTest(text=text):
                self.assertEqual(self.intent(text), intent)

    def test_more_of_a_thing_that_is_named_is_a_question(self) -> None:
        for text in ("购置税减半现在还有吗", "房租减免还有没有"):
            with self.subTest(text=text):
                self.assertIn(self.intent(text), QUESTIONS)

    def test_what_says_nothing_is_left_to_the_search(self) -> None:
        for text in ("😀😀", "？？？", "……", "\u200b", "zxcvbnm"):
            with self.subTest(text=text):
                self.assertIn(self.intent(text), QUESTIONS)

    def test_entities_are_those_of_the_query_analysis(self) -> None:
        entities = self.parse("晋政发［2022］14号　第3条")["entities"]
        self.assertEqual(
            [(e["entity"], e["value"], e["start"], e["end"]) for e in entities],
            [("document_number", "晋政发〔2022〕14号", 0, 12), ("article", 3, 13, 16)],
        )


class DomainTest(unittest.TestCase):
    def test_every_reply_has_a_type_and_a_text(self) -> None:
        domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        self.assertGreater(len(domain["responses"]), 5)
        for name, variants in domain["responses"].items():
            self.assertGreaterEqual(len(variants), 2, name)
            for variant in variants:
                self.assertTrue(variant["text"].strip(), name)
                self.assertIn(variant["custom"]["type"], {"text", "handoff"}, name)

    def test_a_handoff_names_the_hotline(self) -> None:
        domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        handoffs = [
            variant["text"]
            for variants in domain["responses"].values()
            for variant in variants
            if variant["custom"]["type"] == "handoff"
        ]
        self.assertEqual(len(handoffs), 4)
        self.assertTrue(all("12345" in text for text in handoffs))


if __name__ == "__main__":
    unittest.main()

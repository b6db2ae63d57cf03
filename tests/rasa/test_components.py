"""The graph components: normaliser, tokenizer, entities, each with a lexicon of its own."""

from __future__ import annotations

import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Any

from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rasa.entities import WenceEntities
from bot.rasa.normalizer import WenceNormalizer
from bot.rasa.tokenizer import WenceTokenizer

GLOSSARY = "- {id: %s, name: 专精特新, aliases: [小巨人企业]}\n- {id: return, name: 稳岗返还}\n"


class ComponentTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wence-components-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.glossary = self.folder / "glossary.yml"
        self.write("specialised")
        (self.folder / "model").mkdir()
        self.storage = LocalModelStorage(self.folder / "model")

    def write(self, term: str) -> None:
        self.glossary.write_text(GLOSSARY % term, encoding="utf-8")

    def config(self, component: Any) -> dict[str, Any]:
        return {**component.get_default_config(), "glossary": str(self.glossary)}

    def trained(self, component: Any) -> Any:
        """A component trained, kept, and loaded again from the model alone."""
        resource = Resource(component.__name__)
        component.create(self.config(component), self.storage, resource, None).train(TrainingData())
        kept = self.glossary.read_text(encoding="utf-8")
        self.glossary.unlink()
        loaded = component.load(self.config(component), self.storage, resource, None)
        self.glossary.write_text(kept, encoding="utf-8")
        return loaded

    def words(self, text: str) -> list[str]:
        message = Message({TEXT: text})
        self.trained(WenceTokenizer).process([message])
        tokens = message.get(TOKENS_NAMES[TEXT])
        for token in tokens:
            self.assertEqual(text[token.start : token.end], token.text)
        return [token.text for token in tokens]

    def found(self, text: str) -> list[dict[str, Any]]:
        message = Message({TEXT: text})
        self.trained(WenceEntities).process([message])
        return message.get(ENTITIES)


class NormalizerTest(ComponentTest):
    def test_messages_and_examples_are_normalised_alike(self) -> None:
        text = "晋政发［２０２２］１４号　ＡＢＣ"
        message, example = Message({TEXT: text}), Message({TEXT: text, INTENT: "ask_document"})
        normalizer = WenceNormalizer.create({}, self.storage, Resource("x"), None)
        normalizer.process([message])
        data = normalizer.process_training_data(TrainingData([example]))
        self.assertEqual(message.get(TEXT), "晋政发[2022]14号 abc")
        self.assertEqual(data.training_examples[0].get(TEXT), message.get(TEXT))
        self.assertEqual(len(message.get(TEXT)), len(text))

    def test_traditional_characters_are_folded(self) -> None:
        message = Message({TEXT: "穩崗返還怎麼領"})
        WenceNormalizer().process([message])
        self.assertEqual(message.get(TEXT), "稳岗返还怎么领")

    def test_a_message_without_text_is_left(self) -> None:
        message = Message({INTENT: "greet"})
        WenceNormalizer().process([message])
        self.assertIsNone(message.get(TEXT))

    def test_a_full_width_slash_stays(self) -> None:
        message = Message({TEXT: "／greet"})
        WenceNormalizer().process([message])
        self.assertEqual(message.get(TEXT), "／greet")


class TokenizerTest(ComponentTest):
    def test_house_words_stay_whole_and_blanks_go(self) -> None:
        words = self.words("专精特新 企业  的稳岗返还")
        self.assertIn("专精特新", words)
        self.assertIn("稳岗返还", words)
        self.assertTrue(all(word.strip() for word in words))

    def test_jiebas_own_dictionary_is_untouched(self) -> None:
        import jieba

        self.words("专精特新")
        self.assertNotIn("专精特新", jieba.lcut("专精特新"))

    def test_blank_text_has_no_words(self) -> None:
        self.assertEqual(self.words(" \u3000"), [])


class EntitiesTest(ComponentTest):
    def test_offsets_and_values(self) -> None:
        text = "晋政发〔2022〕14号第八条，专精特新补30万元还是15%"
        found = {entity["entity"]: entity for entity in self.found(text)}
        self.assertEqual(found["document_number"]["value"], "晋政发〔2022〕14号")
        self.assertEqual(found["article"]["value"], 8)
        self.assertEqual(found["term"]["value"], "specialised")
        self.assertEqual(found["money"]["value"], 300_000)
        self.assertAlmostEqual(found["ratio"]["value"], 0.15)
        term = found["term"]
        self.assertEqual(text[term["start"] : term["end"]], "专精特新")
        self.assertEqual(term["extractor"], "WenceEntities")

    def test_nothing_found_is_an_empty_list(self) -> None:
        self.assertEqual(self.found("你好"), [])
        self.assertEqual(self.found(""), [])


class FingerprintTest(ComponentTest):
    def test_an_edited_glossary_changes_it(self) -> None:
        for component in (WenceTokenizer, WenceEntities):
            with self.subTest(component=component.__name__):
                self.write("specialised")
                before = component.fingerprint_addon(self.config(component))
                self.assertEqual(component.fingerprint_addon(self.config(component)), before)
                self.write("specialized")
                self.assertNotEqual(component.fingerprint_addon(self.config(component)), before)


if __name__ == "__main__":
    unittest.main()

"""The house lexicon: the field's terms with their everyday words, from glossary.yml.

It yields the jieba dictionary (so that 专精特新 stays one word) and finds terms
in a text. It can be written into a Rasa model and read back.
"""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from operator import add
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from bot.policies.query.text import normalise

__all__ = ["Lexicon", "Term"]


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Attributes:
        id: stable name in English.
        name: the term itself.
        aliases: abbreviations, everyday words, usual miswritings.
        definition: as a source gives it, or None.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    definition: str | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """The name and all aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Lexicon:
    """All terms; forms are compared after :func:`normalise`."""

    terms: tuple[Term, ...]
    _form_to_id: Mapping[str, str] = field(init=False, repr=False, compare=False)
    # Forms by their first two characters, longest first: an alternation of two thousand
    # forms in one regular expression would be tried at every character.
    _by_start: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    # The tokenizer, once it is needed.
    _made: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        forms = {normalise(form): term.id for term in self.terms for form in term.forms}
        by_start: dict[str, list[str]] = {}
        # Longest first: 小微企业 wins over 小微 where both are terms.
        for form in sorted(forms, key=lambda form: (-len(form), form)):
            by_start.setdefault(form[:2], []).append(form)
        object.__setattr__(self, "_form_to_id", forms)
        object.__setattr__(self, "_by_start", {k: tuple(v) for k, v in by_start.items()})

    @classmethod
    def from_glossary(cls, path: str | Path) -> Lexicon:
        """Read glossary.yml: a list of ``id, name, aliases, definition``.

        Raises:
            OSError: the file cannot be read.
            yaml.YAMLError: it is no YAML.
        """
        with open(path, encoding="utf-8") as stream:
            return cls.from_entries(yaml.safe_load(stream) or [])

    @classmethod
    def from_entries(cls, entries: Iterable[Mapping[str, Any]]) -> Lexicon:
        """Build from plain entries, as glossary.yml holds them."""
        return cls(
            tuple(
                Term(
                    entry["id"],
                    entry["name"],
                    tuple(entry.get("aliases") or ()),
                    entry.get("definition"),
                )
                for entry in entries
            )
        )

    def to_dict(self) -> list[dict[str, Any]]:
        """Plain entries, to be stored in a model."""
        return [{"id": t.id, "name": t.name, "aliases": list(t.aliases)} for t in self.terms]

    @classmethod
    def from_dict(cls, entries: Iterable[Mapping[str, Any]]) -> Lexicon:
        """The reverse of :meth:`to_dict`."""
        return cls.from_entries(entries)

    @property
    def fingerprint(self) -> str:
        """A hash of all that changes what is found (definitions do not)."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def find(self, normalised: str) -> Iterator[tuple[int, int, str]]:
        """Terms in a normalised text: (start, end, term id), not overlapping."""
        by_start = self._by_start
        pairs = map(add, normalised, chain(normalised[1:], ("",)))
        return self.find_at(normalised, [at for at, pair in enumerate(pairs) if pair in by_start])

    @property
    def starts(self) -> Iterable[str]:
        """What the forms of terms begin with: two characters, or the only one."""
        return self._by_start.keys()

    def find_at(self, normalised: str, places: Iterable[int]) -> Iterator[tuple[int, int, str]]:
        """As :meth:`find`, where the places at which one of ``starts`` stands are known."""
        free = 0
        for at in places:
            if at < free:
                continue
            for form in self._by_start[normalised[at : at + 2]]:
                end = at + len(form)
                if normalised.startswith(form, at) and self._stands_alone(normalised, at, end):
                    yield at, end, self._form_to_id[form]
                    free = end
                    break

    def _stands_alone(self, text: str, start: int, end: int) -> bool:
        """Whether a form is no piece of other words.

        No part of a longer Latin word ("ai" within "maintain"); two Chinese characters
        must not belong one to the word before and one to the word after (高企 within
        提高企业).
        """
        before, after = text[start - 1 : start], text[end : end + 1]
        if _is_latin(text[start]) and _is_latin(before):
            return False
        if _is_latin(text[end - 1]) and _is_latin(after):
            return False
        if end - start > 2 or not before or not after:
            return True
        known = self.tokenizer().FREQ
        straddled = any(known.get(text[max(start - k, 0) : start + 1]) for k in (1, 2)) and any(
            known.get(text[end - 1 : end + k]) for k in (1, 2)
        )
        return not straddled

    def tokenizer(self) -> Any:
        """A jieba tokenizer with the house words (jieba's global one is untouched).

        Returns:
            jieba.Tokenizer, ready for use; equal lexicons share one.
        """
        if not self._made:
            words = tuple(form for form in self._form_to_id if " " not in form)
            self._made.append(_tokenizer(words))
        return self._made[0]


@lru_cache(maxsize=4)
def _tokenizer(words: tuple[str, ...]) -> Any:
    # A knowledge base that is swapped for one with the same words need not pay for it again.
    import jieba

    jieba.setLogLevel(60)  # it would print where it caches its dictionary
    # jieba has its cache read value by value, which takes four times as long as at once.
    jieba.marshal = SimpleNamespace(load=lambda file: marshal.loads(file.read()), dump=marshal.dump)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word in words:
        tokenizer.add_word(word)
    return tokenizer


def _is_latin(character: str) -> bool:
    return character.isascii() and (character.islower() or character.isdigit())

"""The house lexicon: the field's terms with their everyday words, from glossary.yml.

It yields the jieba dictionary (so that 专精特新 stays one word) and finds terms
in a text. It can be written into a Rasa model and read back.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
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
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        forms = {normalise(form): term.id for term in self.terms for form in term.forms}
        # Longest first: 小微企业 wins over 小微 where both are terms.
        alternatives = sorted(forms, key=lambda form: (-len(form), form))
        pattern = re.compile("|".join(map(_bounded, alternatives))) if forms else None
        object.__setattr__(self, "_form_to_id", forms)
        object.__setattr__(self, "_pattern", pattern)

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
        if self._pattern is not None:
            for match in self._pattern.finditer(normalised):
                yield match.start(), match.end(), self._form_to_id[match[0]]

    def tokenizer(self) -> Any:
        """A jieba tokenizer with the house words (jieba's global one is untouched).

        Returns:
            jieba.Tokenizer, ready for use; equal lexicons share one.
        """
        return _tokenizer(tuple(form for form in self._form_to_id if " " not in form))


@lru_cache(maxsize=4)
def _tokenizer(words: tuple[str, ...]) -> Any:
    # Making one takes about half a second; a knowledge base that is swapped for
    # one with the same words need not pay it again.
    import jieba

    jieba.setLogLevel(60)  # it would print where it caches its dictionary
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word in words:
        tokenizer.add_word(word)
    return tokenizer


def _bounded(form: str) -> str:
    # "ai" must not be found inside "maintain".
    before = r"(?<![a-z0-9])" if form[0].isascii() else ""
    after = r"(?![a-z0-9])" if form[-1].isascii() else ""
    return f"{before}{re.escape(form)}{after}"

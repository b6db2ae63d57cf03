"""Sources into documents, reproducibly: standard library and PyYAML only.

Generic: :mod:`lines` (what is printed), :mod:`joining` (hard breaks), :mod:`structure`
(headings, numbering, counts), :mod:`accounting` (every character once). Particular to
a source: :mod:`recipes`.
"""

from __future__ import annotations

from bot.importer.accounting import account
from bot.importer.command import main
from bot.importer.document import dump, import_source, normalise_doc_no
from bot.importer.recipes import RECIPES, Recipe

__all__ = [
    "RECIPES",
    "Recipe",
    "account",
    "dump",
    "import_source",
    "main",
    "normalise_doc_no",
]

"""Sources into documents, reproducibly: standard library and PyYAML only.

Generic: :mod:`lines` (what is printed), :mod:`joining` (hard breaks), :mod:`structure`
(headings, numbering, counts), :mod:`responsible`, :mod:`library` (issuing documents out
of all sources), :mod:`accounting` (every character once). Particular to a source:
:mod:`recipes`, and the tables issuers.yml and corrections.yml beside the sources.
"""

from __future__ import annotations

from bot.importer.accounting import account
from bot.importer.command import differences, main
from bot.importer.document import dump_document, dump_layout
from bot.importer.library import Library, import_all, normalise_doc_no
from bot.importer.recipes import SOURCES, Book, Issue, Source

__all__ = [
    "SOURCES",
    "Book",
    "Issue",
    "Library",
    "Source",
    "account",
    "differences",
    "dump_document",
    "dump_layout",
    "import_all",
    "main",
    "normalise_doc_no",
]

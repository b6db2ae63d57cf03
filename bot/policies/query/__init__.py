"""Analysis of a question: pure code for Python 3.10 and later.

Used by the search (in the service) and by Rasa's entity component (in Rasa's
own, older environment); it must not import anything but the standard library,
jieba and PyYAML.
"""

from bot.policies.query.analysis import Analysis, Span, analyse, relative_years
from bot.policies.query.documents import DocumentNumber, parse_document_number
from bot.policies.query.lexicon import Lexicon, Term
from bot.policies.query.numerals import parse_number
from bot.policies.query.places import place_asked_about
from bot.policies.query.text import clean, folding, holds, is_word, normalise

__all__ = [
    "Analysis",
    "DocumentNumber",
    "Lexicon",
    "Span",
    "Term",
    "analyse",
    "clean",
    "folding",
    "holds",
    "is_word",
    "normalise",
    "parse_document_number",
    "parse_number",
    "place_asked_about",
    "relative_years",
]

"""What leaves the desk as a file: people's numbers masked, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

__all__ = ["mask_numbers", "write_csv"]

# Mobile and fixed-line numbers, identity cards, bank cards, credit codes: seven digits on.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?(?:\d[- ]?){6,18}[\dXx](?![0-9A-Za-z])")
_KEPT = 3
# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def mask_numbers(text: str) -> str:
    """Text whose long numbers keep their first three digits only."""
    return _NUMBER.sub(lambda found: found[0][:_KEPT] + "*" * (len(found[0]) - _KEPT), text)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as spreadsheets in China open it: UTF-8 with its mark, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    if isinstance(cell, int | float):
        return text
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text

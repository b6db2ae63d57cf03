"""Tables of the knowledge base that the importer reads: issuers and corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import KnowledgeError
from bot.policies.fields import Fields
from bot.policies.yamlfile import Faults, Table, load_yaml

__all__ = ["Code", "Corrections", "read_codes", "read_corrections"]


@dataclass(frozen=True)
class Code:
    """A 发文机关代字: the word before the year in a 文号.

    Attributes:
        slug: the first part of the ids of its documents.
        issuer: the body that uses it; None where that is not known.
        scope: ``province``, or the zone or city that its documents are for.
    """

    slug: str
    issuer: str | None
    scope: str


@dataclass(frozen=True)
class Corrections:
    """What is read otherwise than it is printed, by source and line.

    Attributes:
        doc_nos: (source, line of the row or point) → (as printed, as read).
        rows: (source, line) → (as printed, title, 文号).
    """

    doc_nos: Mapping[tuple[str, int], tuple[str, str]]
    rows: Mapping[tuple[str, int], tuple[str, str, str]]


def read_codes(root: Path) -> dict[str, Code]:
    """The codes of issuers.yml.

    Raises:
        KnowledgeError: the file cannot be read, a key is unknown, missing or doubled, or
            two codes share a slug; each fault with file, line and key.
    """
    path, faults = root / "issuers.yml", Faults()
    top = _top(path, faults)
    table = top.take("issuers", dict) or Table(1)
    top.done()
    codes: dict[str, Code] = {}
    for name, row in table.items():
        one = Fields(row, path, faults, name)
        slug, issuer = one.take("slug", str), one.take("issuer", str, required=False)
        scope = one.take("scope", str, required=False) or "province"
        one.done()
        if slug in {code.slug for code in codes.values()}:
            one.fault("slug", f"slug 重复：{slug}")
        if slug:
            codes[name] = Code(slug, issuer, scope)
    if faults:
        raise KnowledgeError(list(faults))
    return codes


def read_corrections(root: Path) -> Corrections:
    """The corrections of corrections.yml; each says why.

    Raises:
        KnowledgeError: as :func:`read_codes`.
    """
    path, faults = root / "corrections.yml", Faults()
    top = _top(path, faults)
    found: dict[str, dict[tuple[str, int], tuple[str, ...]]] = {}
    for kind, keys in (("doc_nos", ("printed", "read")), ("rows", ("printed", "title", "doc_no"))):
        found[kind] = {}
        for index, row in enumerate(top.take(kind, list) or []):
            one = Fields(row, path, faults, f"{kind}[{index}]")
            source, line = one.take("source", str), one.take("line", int)
            words = tuple(one.take(key, str) for key in keys)
            one.take("why", str)
            one.done()
            if source and line and all(words):
                found[kind][source, line] = words
    top.done()
    if faults:
        raise KnowledgeError(list(faults))
    return Corrections(
        {place: (words[0], words[1]) for place, words in found["doc_nos"].items()},
        {place: (words[0], words[1], words[2]) for place, words in found["rows"].items()},
    )


def _top(path: Path, faults: Faults) -> Fields:
    content = load_yaml(path, faults)
    if faults:
        raise KnowledgeError(list(faults))
    return Fields(content, path, faults, "")

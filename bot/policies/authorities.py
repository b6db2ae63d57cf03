"""The bodies that the sources name, and what has become of them since."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.policies.fields import Fields
from bot.policies.model import Authority, Caution, Clause, Document, Phrases, Renaming
from bot.policies.yamlfile import Faults, load_yaml

__all__ = ["read_authorities", "renamed_cautions"]

_HOW = ("renamed", "merged", "duties_moved", "abolished")
_ON = re.compile(r"20\d\d(?:-\d\d(?:-\d\d)?)?")


def read_authorities(path: Path, faults: Faults) -> dict[str, Authority]:
    """authorities.yml by id; a printed form may belong to one body only."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    rows = fields.take("authorities", list) or []
    fields.done()
    found: dict[str, Authority] = {}
    forms: dict[str, str] = {}
    for index, row in enumerate(rows):
        one = Fields(row, path, faults, f"authorities[{index}]")
        key, name = one.take("id", str), one.take("name", str)
        printed = one.take("as_printed", list) or []
        renamed = one.take("renamed", dict, required=False)
        phone = one.take("phone", str, required=False)
        collective = one.take("collective", bool, required=False) or False
        one.done()
        if not key or not name:
            continue
        if key in found:
            one.fault("id", f"{key} 重复")
        for form in printed:
            if form in forms:
                one.fault("as_printed", f"“{form}”已属于 {forms[form]}")
            forms[str(form)] = key
        now = None
        if renamed is not None:
            now = _renaming(Fields(renamed, path, faults, f"authorities[{index}].renamed"))
        found[key] = Authority(key, name, tuple(map(str, printed)), now, phone, collective)
    return found


def _renaming(fields: Fields) -> Renaming | None:
    to, on, how, source = (fields.take(key, str) for key in ("to", "on", "how", "source"))
    sure = fields.take("sure", bool)
    fields.done()
    if how not in _HOW:
        fields.fault("how", f"应为 {'、'.join(_HOW)} 之一")
    if on and not _ON.fullmatch(on):
        fields.fault("on", "应写成 2024、2024-02 或 2024-02-18")
    if not (to and on and how and source) or sure is None:
        return None
    return Renaming(to, on, how, source, sure)


def renamed_cautions(
    clause: Clause, document: Document, by_name: Mapping[str, Authority], phrases: Phrases
) -> list[Caution]:
    """A sentence for each body that the clause names and that has since been renamed.

    Args:
        clause, document: the bodies are those printed as responsible; where none is,
            the issuing body; and any other that the clause's words name.
        by_name: bodies by every form the sources print.
    """
    issuer = (document.issuer or "").split("、") if not clause.responsible else ()
    named = [*(clause.responsible or ()), *issuer]
    cautions: dict[str, Caution] = {}
    for form, authority in by_name.items():
        now = authority.renamed
        if now is None or authority.id in cautions:
            continue
        if any(name.startswith(form) for name in named) or form in clause.text:
            cautions[authority.id] = Caution(
                f"renamed_{authority.id}",
                phrases(
                    f"cautions.{now.how}" if now.sure else f"cautions.{now.how}_unsure",
                    name=form,
                    to=now.to,
                    on=_when(now.on),
                ),
            )
    return list(cautions.values())


def _when(on: str) -> str:
    year, *rest = on.split("-")
    return f"{year}年" + "".join(f"{int(n)}{unit}" for n, unit in zip(rest, "月日", strict=False))

"""责任单位 out of a clause's words: quoted as printed, nothing inferred."""

from __future__ import annotations

import re

__all__ = ["responsible_of"]

# The closing bracket is missing in two clauses of 晋政办发〔2022〕34号.
_LABELLED = re.compile(
    r"[（(]责任单位[:：](?P<names>(?:[^（）()]|[（(][^（）()]*[）)])*)(?:[）)]|$)"
)
# 晋政办发〔2022〕35号 prints no label: （省商务厅牵头，省体育局配合）.
_DUTIES = "牵头负责|共同负责|分别负责|负责|牵头|配合|参与"
_UNLABELLED = re.compile(rf"[（(](?P<names>[^（）()]*(?:{_DUTIES}))[）)]$")
_DUTY = re.compile(rf"(?:{_DUTIES})$")
# 晋政办发〔2022〕30号 adds who carries it out, there and below: 各市、县人民政府负责落实，
# 以下措施均需各市、县人民政府落实，不再列出。
_REMARK = re.compile(r"[，,；;。](?P<name>各市、县人民政府)负责落实.*$")
# 各市、县人民政府 is one name.
_SPLIT = re.compile(r"(?<!各市)、|[，,；;]|会同")


def responsible_of(text: str) -> list[str] | None:
    """The bodies that a clause prints as responsible, in order; None where it prints none.

    Args:
        text: the whole clause, one line.
    """
    found = [match["names"] for match in _LABELLED.finditer(text)]
    if not found and (match := _UNLABELLED.search(text)):
        found = [match["names"]]
    names: list[str] = []
    for printed in found:
        for part in _SPLIT.split(_REMARK.sub(r"、\g<name>", printed)):
            name = _DUTY.sub("", part.strip())
            if name and name not in names:
                names.append(name)
    return names or None

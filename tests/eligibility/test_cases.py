"""Every programme does what its cases say, and its cases say enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.policies.model import Snapshot
from tests.eligibility.cases import differences, lacking, read_cases, run

FILES = sorted(Path(__file__).parent.glob("*.yml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_programme_does_what_its_cases_say(path: Path, snapshot: Snapshot) -> None:
    cases = read_cases(path)
    programme = snapshot.programmes[path.stem]
    document = snapshot.documents[snapshot.clauses[programme.references[0]].document_id]
    wrong = [
        f"{case.name}: {difference}"
        for case in cases
        for difference in differences(
            case, run(case, programme, snapshot.facts, document.repealed is not None)
        )
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_cases_of_a_programme_say_enough(path: Path, snapshot: Snapshot) -> None:
    missing = list(lacking(snapshot.programmes[path.stem], read_cases(path), snapshot.facts))
    assert not missing, "\n".join(missing)


def test_every_programme_has_cases(snapshot: Snapshot) -> None:
    assert {path.stem for path in FILES} == set(snapshot.programmes)

